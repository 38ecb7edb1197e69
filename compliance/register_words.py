"""Names of policy rows (items, purposes, retention rules) in the language of the reader."""

from django.utils.translation import gettext


def said(name: str) -> str:
    """Return a name in the language in use; one that nobody has translated stands as written.

    The names in the presets are part of the catalogues. Example: ``E-mail address``: “이메일 주소”.
    """
    return gettext(name)

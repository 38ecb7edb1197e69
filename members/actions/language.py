"""The language in which a person is spoken to: the one they chose last, on these pages while signed in."""

from compliance.models import Account
from members.contacts import INTERFACE_LANGUAGES
from members.models import DataSubject


def choose(subject: DataSubject, language: str) -> bool:
    """Write a person's language for mails from now on; False if it was that already. Raises ``ValueError``.

    ``language`` is one that the house speaks, such as ``ko``.
    """
    if language not in INTERFACE_LANGUAGES:
        raise ValueError(language)
    changed = DataSubject.objects.filter(pk=subject.pk).exclude(language=language)
    if not changed.update(language=language):
        return False
    Account.objects.filter(pk=subject.account_id, is_staff=False).update(language=language)
    subject.language = language
    return True

"""Why a sign-off was refused, in words that say what to do next."""

from typing import Any

from django.utils.translation import gettext_lazy as _

REFUSALS: dict[str, Any] = {
    "nothing-found": _("No database was put back: there is nothing to sign off."),
    "replay-first": _(
        "First repeat what the restored database does not know: manage.py restore replay. If that was done, "
        "a database was put back or changed since; it has to be done again."
    ),
    "tail-lost": _(
        "The tail is lost: look for its files first. If they are gone for good, add --tail-lost with the reason."
    ),
    "not-you": _("E-mail, password or code are not right."),
    "too-many-tries": _("Too many tries. Wait 15 minutes and try again."),
    "role": _(
        "This takes an officer whose role may see the audit trail and approve destructions. Ask a colleague."
    ),
}


def refusal(reason: str) -> str:
    """Return the sentence of a reason code."""
    return str(REFUSALS[reason])

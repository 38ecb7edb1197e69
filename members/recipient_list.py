"""Who receives data, as the public list tells it: from the rows of a policy (MIK-6.4a)."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from compliance import policy_show, term_words
from compliance.register_words import said
from compliance.rules.policy_values import Policy, Recipient
from members import words


@dataclass(frozen=True)
class RecipientLine:
    """One recipient in words; ``kept`` is empty where the policy names no period."""

    name: str
    kind: str
    items: list[str]
    purposes: list[str]
    country: str
    stated: bool
    named: bool
    kept: str
    clause: str


def lines(policy: Policy) -> list[RecipientLine]:
    """Return every recipient in the order of the policy."""
    return [_line(policy, row) for row in policy.recipients]


def _line(policy: Policy, row: Recipient) -> RecipientLine:
    return RecipientLine(
        name=said(row.name),
        kind=str(words.RECIPIENT_KINDS.get(row.kind, row.kind)),
        items=words.items(policy, row.items),
        purposes=words.purposes(policy, row.purposes),
        country=row.country,
        stated=row.stated,
        named=row.named,
        kept=kept(row),
        clause=row.clause,
    )


def kept(row: Recipient) -> str:
    """Say how long a recipient keeps what it gets; empty where the policy names no period."""
    if row.period is None:
        return ""
    period = policy_show.period_words(str(row.period))
    if not row.trigger:
        return period
    event = term_words.word(row.trigger)
    return _("%(period)s, counted from: %(event)s") % {"period": period, "event": event}

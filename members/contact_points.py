"""How the operator of a service is reached: the contacts of its policy, with hours and targets in words (MIK-17.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from compliance import policy_show, term_words
from compliance.rules.policy_values import Contact, Policy
from members.rules import enquiry as rule

TARGETS = {
    "target": _lazy("Answer within %(period)s, that is our aim"),
    "binding": _lazy("Answer within %(period)s"),
}


@dataclass(frozen=True)
class ContactLine:
    """One way to reach the operator. ``hours`` and ``target`` are empty where the policy names none."""

    channel: str
    way: str
    value: str
    link: str
    label: str
    hours: str
    is_open: bool
    target: str
    stated: bool


def lines(policy: Policy, now: datetime) -> list[ContactLine]:
    """Return the ways that can be used, in the order of the policy; the form of these pages is not among them."""
    return [_line(policy, row, now) for row in policy.contacts if row.value]


def choices(policy: Policy) -> Sequence[tuple[str, str]]:
    """Return the contacts of a policy by code, for the office: by which one somebody wrote or called."""
    return [
        (row.code, f"{term_words.word(row.channel)}: {row.value or row.label}")
        for row in policy.contacts
    ]


def _line(policy: Policy, row: Contact, now: datetime) -> ContactLine:
    scheme = {"email": "mailto:", "phone": "tel:"}.get(row.channel, "")
    period = policy_show.period_words(str(row.answer_within)) if row.answer_within else ""
    target = TARGETS.get(row.answer_kind, TARGETS["target"])
    return ContactLine(
        channel=row.channel,
        way=str(term_words.word(row.channel)),
        value=row.value,
        link=f"{scheme}{row.value}" if scheme else "",
        label=row.label,
        hours=_hours(policy, row),
        is_open=bool(row.hours_from) and rule.is_open(row, policy.timezone, now),
        target=str(target) % {"period": period} if period else "",
        stated=row.stated,
    )


def _hours(policy: Policy, row: Contact) -> str:
    if not row.hours_from:
        return ""
    days = ", ".join(str(term_words.word(day)) for day in row.hours_days)
    zone = row.hours_timezone or policy.timezone
    clock = _("%(start)s to %(end)s (%(zone)s)") % {
        "start": row.hours_from,
        "end": row.hours_to,
        "zone": zone,
    }
    return f"{days}, {clock}" if days else clock

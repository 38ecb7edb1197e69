"""A person who stays asks for records to be destroyed: those whose period is over go, the others are named (MIK-5.2.5).

While a membership runs, its records wait for its end. Asking ends that wait for what a law's period no longer
covers: its last day is set to the day that has passed, and the next run destroys it, with its certificate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance.models import Account
from compliance.rules import retention
from compliance.rules.calendar import local_day
from compliance.rules.clock_change import Clock
from compliance.rules.policy_values import Policy
from members import words
from members.actions import rights_request
from members.actions.record import days
from members.binding import Binding
from members.contacts import language_of
from members.gate import policy_for
from members.models import DataSubject, Record, RightsRequest
from members.rules.reclock import bound_clock

ERASED = "erased"
KIND = RightsRequest.Kind.ERASURE


@dataclass(frozen=True)
class Fate:
    """What becomes of one record: its last day by its own rule, and whether that day has passed."""

    record: Record
    last_day: date | None
    rule: str
    goes: bool


def preview(subject: DataSubject, *, now: datetime) -> list[Fate]:
    """Return what asking today would do to each record; nothing is changed."""
    policy = policy_for(subject.service, now)
    binding, today = Binding(policy), local_day(now, policy.timezone)
    rows = subject.records.defer("sealed").order_by("occurred_at", "id")
    return [_fate(subject, record, binding, policy, today) for record in rows]


def carry_out(request: RightsRequest, *, actor: Account | None, now: datetime) -> RightsRequest:
    """Let go what may go, and answer with the list of what goes and what stays until when.

    Holds still postpone. Raises ``rights_request.NotPossible``: ``closed``, ``identity_not_checked``, ``not_held``.
    """
    subject = request.subject
    if subject is None:
        raise rights_request.NotPossible("not_held")
    policy = policy_for(subject.service, now)
    with transaction.atomic():
        fates = preview(subject, now=now)
        for fate in fates:
            if fate.goes:
                Record.objects.filter(pk=fate.record.pk).update(
                    due_on=fate.last_day, held_by=fate.rule
                )
        gone = sorted({item for fate in fates if fate.goes for item in fate.record.item_codes})
        with override(request.language or language_of(subject, policy)):
            text = _answer(fates, policy)
        return rights_request.close(
            request, result=ERASED, text=text, items=gone, actor=actor, now=now
        )


def _fate(
    subject: DataSubject, record: Record, binding: Binding, policy: Policy, today: date
) -> Fate:
    anchors = days(record.anchors)
    since = local_day(record.occurred_at, policy.timezone)
    earlier = binding.earlier(subject.agreed_version_id, since)

    def alone(one: Policy) -> Clock:
        rule, last_day = retention.class_clock(
            one, subject.kind, record.record_class, anchors, is_member=False
        )
        return Clock(last_day, rule.code if rule else "")

    clock = bound_clock((*earlier, policy), alone)
    is_over = clock.last_day is not None and clock.last_day < today
    return Fate(record, clock.last_day, clock.rule, is_over)


def _answer(fates: Sequence[Fate], policy: Policy) -> str:
    """The list in words, each line once: what goes, and what stays until when.

    Example: ``Payment and supply records: kept, last day 6 May 2030.``
    """
    lines = []
    for fate in fates:
        name = words.record_class(policy, fate.record.record_class)
        if fate.goes:
            lines.append(_("%(name)s: destroyed with the next run.") % {"name": name})
        elif fate.last_day is None:
            lines.append(_("%(name)s: kept while your membership runs.") % {"name": name})
        else:
            day = words.day(fate.last_day)
            lines.append(_("%(name)s: kept, last day %(day)s.") % {"name": name, "day": day})
    return "\n".join(dict.fromkeys(lines)) or _("Nothing is held about you here.")

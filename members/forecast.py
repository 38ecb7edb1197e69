"""What the sweeps will do on each day of the next months if nothing changes: counts only, set-based.

Reads due days of live records, of records apart and of digests, the last use of people, and leavers in progress.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count

from compliance.models import Service
from compliance.rules.calendar import local_day, start_of_day
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from members import dormancy
from members.actions import destruction_due, dormancy_notice
from members.actions.destruction_due import Holds, Span
from members.actions.withdrawal import parts_of
from members.archive.models import RejoinDigest
from members.models import DataSubject, Record, Withdrawal
from members.rules import dormancy as dormancy_rules
from members.rules import forecast as rules
from members.rules.forecast import Line
from members.rules.leaving import MOVED, Part

MONTHS = 24
Step = Withdrawal.Step
NOT_APART_YET = (Step.CLOSED, Step.CONFIRMED)


@dataclass(frozen=True)
class Forecast:
    """Lines in the order of their days, from ``today`` to ``last`` (local days of the service)."""

    service: Service
    today: date
    last: date
    lines: tuple[Line, ...]


def of_service(service: Service, *, now: datetime, months: int = MONTHS) -> Forecast:
    """Return what will be destroyed, released and set apart; a constant number of queries, nothing written."""
    today = local_day(now, service.timezone)
    last = rules.horizon(today, months)
    version = policy_in_force(service)
    if version is None:
        return Forecast(service, today, last, ())
    policy = policy_values(version)
    lines = [
        *_records(service, policy, today, last),
        *_digests(service, today, last),
        *_sleepers(service, policy, today, last),
        *_leavers(service, today),
    ]
    return Forecast(service, today, last, rules.merged(one for one in lines if one.day <= last))


def _records(service: Service, policy: Policy, today: date, last: date) -> Iterator[Line]:
    """Live records and records apart; those of leavers in progress follow their plan instead."""
    span = Span(service, None, last)
    counts = destruction_due.lines(span)
    counts.subtract(_of_leavers(service, last))
    held = destruction_due.held_lines(span, Holds(service))
    for (due_on, record_class, code, clause), count in counts.items():
        rule = policy.retention_by_code.get(code)
        yield Line(
            rules.acts_on(due_on, today),
            "destroy",
            clause or (rule.clause if rule else ""),
            code,
            record_class,
            count,
            held[due_on, record_class, code, clause],
        )


def _of_leavers(service: Service, last: date) -> dict[tuple[date, str, str, str], int]:
    rows = Record.objects.filter(
        subject__service=service,
        subject__status=DataSubject.Status.LEAVING,
        due_on__lt=last,
    )
    counted = rows.values_list("due_on", "record_class", "held_by").annotate(n=Count("pk"))
    return {(day, kind, rule, ""): n for day, kind, rule, n in counted}


def _digests(service: Service, today: date, last: date) -> Iterator[Line]:
    rows = RejoinDigest.objects.filter(service_slug=service.slug, due_on__lt=last)
    counted = rows.values_list("due_on", "rule_code", "clause").annotate(n=Count("pk"))
    for due_on, rule, clause, n in counted:
        yield Line(rules.acts_on(due_on, today), "release", clause, rule, "", n)


def _sleepers(service: Service, policy: Policy, today: date, last: date) -> Iterator[Line]:
    """People set apart if nobody comes back; whom no notice reached stays, until an officer has told them."""
    for one in dormancy_rules.terms(policy):
        told = dormancy.under_way(service).filter(rule_code=one.rule).order_by()
        for on, n in told.values_list("separate_on").annotate(n=Count("pk")):
            yield Line(max(on, today), "set_apart", one.clause, one.rule, "", n)
        people = dormancy_notice.to_tell(service, one, start_of_day(last, service.timezone))
        for used_on, n in people.order_by().values_list("used_on").annotate(n=Count("pk")):
            on = one.sleeps_on(used_on, today)
            yield Line(on, "set_apart", one.clause, one.rule, "", n)


def _leavers(service: Service, today: date) -> Iterator[Line]:
    """What the frozen plans of leavers in progress still have to do; what is apart already is counted there."""
    waiting = Withdrawal.objects.filter(request__service=service).exclude(
        step__in=(Step.DESTROYED, Step.COMPLETE)
    )
    for withdrawal in waiting.only("plan", "step"):
        for part in parts_of(withdrawal):
            yield from _of_part(part, today, is_apart=withdrawal.step not in NOT_APART_YET)


def _of_part(part: Part, today: date, *, is_apart: bool) -> Iterable[Line]:
    named = (part.clause, part.rule, part.record_class)
    if part.outcome == "destroy":
        return [Line(today, "destroy", *named, 1)]
    if is_apart:
        return []
    ends = rules.acts_on(part.last_day, today) if part.last_day else None
    if part.outcome in MOVED:
        then = [Line(ends, "destroy", *named, 1)] if ends else []
        return [Line(today, "set_apart", *named, 1), *then]
    return [Line(ends, "release", *named, len(part.items))] if ends else []

"""What the sweeps will do on each day of the next months if nothing changes: counts only, set-based.

What hangs on something that nobody can know today, a notice that reaches its reader, is a line of its own. A
rehearsal of a day says the same numbers for what hangs on nothing (``compliance.rehearsal``). Reads due days of
live records, of records apart and of digests, the last use of people, and leavers in progress.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from compliance.models import Service
from compliance.rules.calendar import Period, local_day, start_of_day, zone_of
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from members import dormancy, forecast_ended
from members.actions import destruction_due, dormancy_notice
from members.actions.destruction_due import Holds, Span
from members.actions.withdrawal import parts_of
from members.archive.models import RejoinDigest
from members.models import DataSubject, Dormancy, Record, Withdrawal
from members.rejoin import IDENTIFYING
from members.rules import dormancy as dormancy_rules
from members.rules import forecast as rules
from members.rules.dormancy import Terms
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
    """People set apart if nobody comes back, and the end of their storage where the operator has set one.

    Whom no notice reached stays, until an officer has told them.
    """
    keep = dormancy.keep_of(service)
    if keep:
        yield from forecast_ended.lines(service, policy, keep, today)
    for one in dormancy_rules.terms(policy):
        ahead = [*_told(service, one, today), *_to_be_told(service, one, today, last)]
        yield from ahead
        if keep:
            yield from _ends(service, one, keep, today)
            for line in ahead:
                on = dormancy.ends_on(line.day, keep)
                yield Line(on, "end_if_apart", one.clause, one.rule, "", line.count)


def _told(service: Service, terms: Terms, today: date) -> Iterator[Line]:
    """People who are told, or whose notice is on its way; a dispute that is open now postpones."""
    rows = dormancy.under_way(service).filter(rule_code=terms.rule).order_by()
    disputed = Count("pk", filter=Q(subject__status=DataSubject.Status.RESTRICTED))
    counted = rows.values_list("separate_on", "state").annotate(n=Count("pk"), held=disputed)
    for on, state, n, held in counted:
        act = "set_apart" if state == Dormancy.State.TOLD else "set_apart_if_told"
        yield Line(max(on, today), act, terms.clause, terms.rule, "", n, held)


def _to_be_told(service: Service, terms: Terms, today: date, last: date) -> Iterator[Line]:
    people = dormancy_notice.to_tell(service, terms, start_of_day(last, service.timezone))
    for used_on, n in people.order_by().values_list("used_on").annotate(n=Count("pk")):
        on = terms.sleeps_on(used_on, today)
        yield Line(on, "set_apart_if_told", terms.clause, terms.rule, "", n)


def _ends(service: Service, terms: Terms, keep: Period, today: date) -> Iterator[Line]:
    """Memberships of people who are apart already."""
    since = TruncDate("apart_at", tzinfo=zone_of(service.timezone))
    apart = Dormancy.objects.filter(
        service=service, state=Dormancy.State.APART, rule_code=terms.rule
    )
    counted = apart.order_by().annotate(since=since).values_list("since").annotate(n=Count("pk"))
    for day, n in counted:
        on = max(dormancy.ends_on(day, keep), today)
        yield Line(on, "end", terms.clause, terms.rule, "", n)


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
    digests = sum(item in IDENTIFYING for item in part.items)
    return [Line(ends, "release", *named, digests)] if ends else []

"""Is anything kept past its last day: live records, records apart, digests (X-ALL-3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import RetentionRule
from compliance.rules.promises import Verdict
from compliance.rules.retention import needs_case
from members.actions import destruction_plan
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import Record, Restriction
from members.promise_checks import cases, dormancy
from members.promise_checks.silence import is_silent

SWEEP, HOLD_SWEEP = "retention.destroy", "retention.release_holds"
GRACE = timedelta(hours=2)  # The sweep runs every hour; after two it has failed.
CHUNK = 1_000


@dataclass(frozen=True)
class _Days:
    """Last days: those before ``overdue`` are broken, those up to ``due`` end within 24 hours or have ended."""

    overdue: date
    due: date


def rule_met(context: CheckContext) -> Finding:
    """No record of the rule is held past its last day, unless a hold postpones it.

    At risk: a day ends within 24 hours while the sweep is silent. A rule without a period waits for a person.
    """
    rule = context.policy.retention_by_code.get(str(context.params.get("rule")))
    if rule is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    if rule.period is None:
        return found(Verdict.WAITING_FOR_PERSON, reason="rule_without_period")
    if rule.storage == "at_recipient":
        return found(Verdict.NOT_BUILT, reason="provisions_not_built")
    if rule.action == "separate":
        return dormancy.separation_met(context, rule)
    finding = _kept_no_longer(context, rule)
    return cases.with_cases(context, rule, finding) if needs_case(rule) else finding


def _kept_no_longer(context: CheckContext, rule: RetentionRule) -> Finding:
    days = _days(context)
    live = Record.objects.filter(subject__service=context.service, held_by=rule.code)
    apart = ArchivedRecord.objects.filter(
        subject__service_slug=context.service.slug, rule_code=rule.code
    )
    digests = RejoinDigest.objects.filter(service_slug=context.service.slug, rule_code=rule.code)
    past, free = days.overdue, _free(live.filter(due_on__lte=days.due))
    overdue_apart, held_apart = _count_apart(apart.filter(due_on__lt=past))
    overdue = (
        free.filter(due_on__lt=past).count()
        + overdue_apart
        + digests.filter(due_on__lt=past).count()
    )
    soon = _due(free, days) + _due(apart, days) + _due(digests, days)
    silent = is_silent(context, HOLD_SWEEP if rule.storage == "hold" else SWEEP)
    waiting = min(overdue, _waiting_for_approval(context, rule))
    verdict = gravest(
        [
            (overdue > waiting, Verdict.BROKEN),
            (soon > 0 and silent, Verdict.AT_RISK),
            (waiting > 0, Verdict.WAITING_FOR_PERSON),
        ]
    )
    return found(
        verdict,
        row=rule.code,
        overdue=overdue - waiting,
        waiting_for_approval=waiting,
        postponed=held_apart,
        due_within_24_hours=soon,
        sweep_silent=silent,
        stated=rule.stated,
        page="admin:compliance_certificate_changelist",
    )


def _waiting_for_approval(context: CheckContext, rule: RetentionRule) -> int:
    """Count the records in plans that wait for a second officer and whose deadline is not over."""
    return sum(
        line["records"]
        for plan in destruction_plan.open_plans(context.service)
        if plan.state == plan.State.WAITING and not destruction_plan.is_late(plan, context.now)
        for line in plan.counts
        if line["rule"] == rule.code
    )


def _days(context: CheckContext) -> _Days:
    zone = context.policy.timezone
    return _Days(overdue=local_day(context.now - GRACE, zone), due=context.today)


def _due(rows: QuerySet[Any], days: _Days) -> int:
    return rows.filter(due_on__gte=days.overdue, due_on__lte=days.due).count()


def _free(rows: QuerySet[Record]) -> QuerySet[Record]:
    holds = Restriction.objects.filter(
        subject_id=OuterRef("subject_id"), ended_at=None, blocks_destruction=True
    )
    return rows.filter(~Exists(holds))


def _count_apart(rows: QuerySet[ArchivedRecord]) -> tuple[int, int]:
    """Return (overdue, postponed by a hold); holds lie in the other database, so people go over in chunks."""
    overdue = postponed = 0
    for people in _chunks(
        rows.values_list("subject__public_id", flat=True).order_by("pk").iterator(CHUNK)
    ):
        held = set(
            Restriction.objects.filter(
                subject__public_id__in=set(people), ended_at=None, blocks_destruction=True
            ).values_list("subject__public_id", flat=True)
        )
        postponed += sum(one in held for one in people)
        overdue += sum(one not in held for one in people)
    return overdue, postponed


def _chunks(rows: Iterable[str]) -> Iterable[list[str]]:
    chunk: list[str] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk

"""Destroy what no rule holds any more: due records of the archive and of the living floor, by stored plans.

Invariants: the last day belongs to the period (X-ALL-3); an open hold postpones; above a number of records nothing
goes without a second officer; a dry run writes nothing.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from compliance import ledger
from compliance.keyring import checkpoint
from compliance.models import Service
from compliance.rules import retention
from compliance.rules.calendar import local_day
from compliance.selectors import policy_in_force, policy_values
from compliance.sweeps import Report
from members.actions import (
    destruction_due,
    destruction_engine,
    destruction_pages,
    destruction_plan,
    reclock,
)
from members.actions.destruction_due import Due, Holds, Span
from members.actions.record import days
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DestructionPlan

BATCH = 1_000
DUE = destruction_engine.DUE
State = DestructionPlan.State
repair_unfinished = destruction_engine.repair_unfinished


def destroy_due(service: Service, *, now: datetime, dry_run: bool = False) -> Report:
    """Destroy the records of a service whose last day is over, and plan what is coming.

    ``done`` counts records; skipped: ``hold`` (postponed), ``no_longer_due`` (listed, and left out at the run),
    ``approval`` (a plan waits for an officer), ``reclocking`` (last days do not follow the version in force yet).
    A dry run says what this call would do at that moment and writes nothing.
    """
    today = local_day(now, service.timezone)
    if reclock.is_pending(service):
        return _postponed(service, today)
    if dry_run:
        return _rehearse(service, today, now)
    start_open_clocks(service, now=now)
    plans = destruction_plan.open_plans(service)
    coming = destruction_due.tally(
        Span(service, None, today + timedelta(days=destruction_plan.AHEAD))
    )
    if not (plans or coming):
        return Report()
    plans = destruction_plan.keep_current(plans, now=now)
    plans += _plan_missing(service, plans, today, coming, now)
    report = Report()
    for plan in plans:
        report.add(_run_if_ready(plan, today, now))
    report.add(_held_without_plan(service, today, report))
    if report.done:
        checkpoint.truncate_wal()
    return report


def _postponed(service: Service, today: date) -> Report:
    """Leave everything: a version that has just taken effect may have given it a later last day."""
    waiting = sum(destruction_due.tally(Span(service, None, today)).values())
    return Report(skipped={"reclocking": waiting} if waiting else {})


def start_open_clocks(service: Service, *, now: datetime) -> int:
    """Give a last day to records that were set apart under a hold which has ended since."""
    started = 0
    for record, last_day in _clocks_to_start(service):
        mine = ArchivedRecord.objects.filter(pk=record.pk, due_on=None)
        started += mine.update(due_on=last_day)
    return started


def release_digests(service: Service, *, now: datetime, dry_run: bool = False) -> int:
    """Destroy rejoin digests whose last day is over (MIK-5.4a: one month, counted by X-ALL-3)."""
    today = local_day(now, service.timezone)
    due = RejoinDigest.objects.filter(service_slug=service.slug, due_on__lt=today)
    count = due.count()
    if count and not dry_run:
        due.delete()
        with transaction.atomic():
            ledger.record(
                "members.rejoin_digest.destroyed",
                actor=None,
                now=now,
                service=service,
                data={"digests": count},
            )
    return count


def _plan_missing(
    service: Service,
    plans: list[DestructionPlan],
    today: date,
    coming: dict[date, int],
    now: datetime,
) -> list[DestructionPlan]:
    """Plan what is due now and in no plan, and each coming day that will need an approval."""
    spans = [
        span
        for span in destruction_plan.uncovered(service, plans, today)
        if any(_lies_in(day, span) for day in coming)
    ]
    planned = {plan.before for plan in plans}
    for day, records in sorted(coming.items()):
        after = day + timedelta(days=1)
        if day >= today and after not in planned and destruction_plan.needs_approval(records):
            spans.append(Span(service, day, after))
    made = (destruction_plan.make(span, actor=None, now=now) for span in spans)
    return [plan for plan in made if plan]


def _lies_in(day: date, span: Span) -> bool:
    return day < span.before and (span.since is None or span.since <= day)


def _run_if_ready(plan: DestructionPlan, today: date, now: datetime) -> Report:
    if plan.before > today:
        return Report()
    if plan.state == State.WAITING:
        return Report(skipped={"approval": plan.records})
    if not destruction_plan.start(plan, now=now):
        return Report()
    return destruction_engine.run(plan, now=now)


def _held_without_plan(service: Service, today: date, report: Report) -> Report:
    """Count what holds postpone and no run of this sweep met."""
    holds = Holds(service)
    if not holds.exist or "hold" in report.skipped:
        return Report()
    held = sum(destruction_due.held_lines(Span(service, None, today), holds).values())
    return Report(skipped={"hold": held}) if held else Report()


def _rehearse(service: Service, today: date, now: datetime) -> Report:
    """Say what a sweep would do now; clocks that would start count as if they had."""
    report, holds = Report(), Holds(service)
    due = Span(service, None, today)
    started = sum(last_day < today for _, last_day in _clocks_to_start(service))
    plans = [plan for plan in destruction_plan.open_plans(service) if plan.before <= today]
    for span in destruction_plan.uncovered(service, plans, today):
        free = destruction_due.free(span, holds) + (started if span.since is None else 0)
        _foretell(report, free, waits=destruction_plan.needs_approval(free))
    for plan in plans:
        free = destruction_pages.count_free(plan, holds)
        _foretell(report, free, waits=plan.state == State.WAITING)
    held = sum(destruction_due.held_lines(due, holds).values()) if holds.exist else 0
    if held:
        report.skip("hold", held)
    return report


def _foretell(report: Report, records: int, *, waits: bool) -> None:
    if waits:
        report.skip("approval", records)
    else:
        report.done += records


def _clocks_to_start(service: Service) -> Iterator[tuple[ArchivedRecord, date]]:
    """Yield records apart without a last day whose clock can start now, and that day."""
    waiting = ArchivedRecord.objects.filter(
        due_on=None, subject__service_slug=service.slug, subject__why=ArchivedSubject.Why.WITHDRAWN
    ).select_related("subject")
    found = list(waiting.defer("sealed").order_by("pk")[:BATCH])
    version = policy_in_force(service) if found else None
    policy, holds = (policy_values(version), Holds(service)) if version else (None, None)
    while found and policy and holds:
        bound = holds.bound([_as_due(record) for record in found])
        for record in found:
            rule = policy.retention_by_code.get(record.rule_code)
            due = retention.due(rule, days(record.anchors), service.timezone) if rule else None
            if due and record.pk.hex not in bound:
                yield record, due.last_day
        found = list(waiting.defer("sealed").filter(pk__gt=found[-1].pk).order_by("pk")[:BATCH])


def _as_due(record: ArchivedRecord) -> Due:
    return Due(
        due_on=date.max,
        id=record.pk.hex,
        rule=record.rule_code,
        record_class=record.record_class,
        clause=record.clause,
        person=record.subject.public_id,
        owner=record.subject.pk,
        apart=True,
    )

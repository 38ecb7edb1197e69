"""Plans of destruction: made ahead, bound to their exact list, allowed by a second person above a number of records.

Up to ``DESTRUCTION_APPROVAL_ABOVE`` records the machine runs a plan by itself. Above it a plan waits for an officer
who did not ask for it; so that nothing becomes late by waiting, the coming days are planned three days ahead.
What leaves the list before its run is left out and counted; what is added waits for the next plan. After 72 hours a
plan or its approval counts no more: it is void and made anew.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from compliance import ledger
from compliance.models import Account, Service
from compliance.rules.calendar import Period, last_day, local_day, start_of_day
from compliance.selectors import policy_in_force, policy_values
from members.actions import destruction_pages
from members.actions.destruction_due import Holds, Span
from members.actions.destruction_pages import Survey
from members.models import DestructionPlan

AHEAD = 3  # Days.
VALID = timedelta(hours=72)
State = DestructionPlan.State
LateReason = DestructionPlan.LateReason
OVERDUE_AFTER = Period(days=5)  # Where a policy names no deadline: X-ALL-4.


class NotPossible(ValueError):
    """The plan cannot be approved or made; the text is a code such as ``own_plan`` or ``other_list``."""


def open_plans(service: Service) -> list[DestructionPlan]:
    """Return the plans of a service that are not done, in the order of their days."""
    rows = DestructionPlan.objects.filter(service=service, state__in=DestructionPlan.OPEN)
    return list(rows.order_by("before"))


def plan_by_hand(
    service: Service, *, before: date, actor: Account, now: datetime
) -> DestructionPlan:
    """Plan what has its last day before a day, at most three days ahead, and is in no open plan yet.

    Raises ``NotPossible``: ``too_far`` for a later day, ``nothing_due`` when nothing free is left to plan.
    """
    today = local_day(now, service.timezone)
    if before > today + timedelta(days=AHEAD):
        raise NotPossible("too_far")
    gaps = list(uncovered(service, open_plans(service), before))
    made = [plan for span in gaps if (plan := make(span, actor=actor, now=now))]
    if not made:
        raise NotPossible("nothing_due")
    return made[-1]


def make(span: Span, *, actor: Account | None, now: datetime) -> DestructionPlan | None:
    """Survey a span and store its plan; None where nothing free is due. PLANNED, or WAITING above the number."""
    found = destruction_pages.survey(span, Holds(span.service))
    if not found.records or found.first_due_on is None:
        return None
    deadline, stated = _deadline(span.service)
    waits = needs_approval(found.records)
    with transaction.atomic():
        plan = DestructionPlan.objects.create(
            service=span.service,
            since=span.since,
            before=span.before,
            state=State.WAITING if waits else State.PLANNED,
            records=found.records,
            people=found.people,
            held=found.held,
            counts=_counts(found, span.service),
            content_hash=found.digest,
            first_due_on=found.first_due_on,
            destroy_by=last_day(found.first_due_on, deadline),
            deadline_stated=stated,
            planned_at=now,
            planned_by=actor,
            expires_at=now + VALID,
        )
        destruction_pages.store(plan, found)
        data = {"before": span.before, "records": found.records, "people": found.people}
        more = {"held": found.held, "digest": found.digest, "approval": waits}
        _tell("members.destruction.planned", plan, actor, now, data | more)
    return plan


def approve(plan: DestructionPlan, *, shown: str, actor: Account, now: datetime) -> DestructionPlan:
    """WAITING -> APPROVED by an officer who did not ask for it; ``shown`` is the digest that this officer saw.

    Raises ``NotPossible``: ``own_plan``, ``not_waiting``, ``other_list``, ``expired``. With the last one the plan
    is void; the next sweep plans anew.
    """
    with transaction.atomic():
        locked = (
            DestructionPlan.objects.select_for_update(of=("self",))
            .select_related("service")
            .get(pk=plan.pk)
        )
        if locked.state != State.WAITING:
            raise NotPossible("not_waiting")
        if is_own(locked, actor):
            raise NotPossible("own_plan")
        if shown != locked.content_hash:
            raise NotPossible("other_list")
        expired = now >= locked.expires_at
        if expired:
            _void(locked, "expired", now)
        else:
            _approve(locked, actor, now)
    if expired:
        raise NotPossible("expired")
    return locked


def explain_lateness(
    plan: DestructionPlan, *, reason: str, actor: Account, now: datetime
) -> DestructionPlan:
    """Give the reason why a plan is past its deadline; only with a reason does it leave the red list (MIK-9.1).

    Raises ``NotPossible``: ``not_late``, ``no_reason``.
    """
    if reason not in LateReason.values:
        raise NotPossible("no_reason")
    if not is_late(plan, now):
        raise NotPossible("not_late")
    with transaction.atomic():
        plan.late_reason = reason
        plan.save(update_fields=["late_reason"])
        _tell("members.destruction.late_explained", plan, actor, now, {"reason": reason})
    return plan


def keep_current(plans: Sequence[DestructionPlan], *, now: datetime) -> list[DestructionPlan]:
    """Void the plans that count no more and return the others."""
    current = []
    for plan in plans:
        if plan.state == State.RUNNING or now < plan.expires_at:
            current.append(plan)
            continue
        with transaction.atomic():
            _void(plan, "expired", now)
    return current


def start(plan: DestructionPlan, *, now: datetime) -> bool:
    """PLANNED or APPROVED -> RUNNING, once its day has come; tell whether it runs (now or since before).

    A plan whose stored list is not the one that was approved is void.
    """
    if not destruction_pages.is_whole(plan):
        with transaction.atomic():
            _void(plan, "list_altered", now)
        return False
    ready = DestructionPlan.objects.filter(pk=plan.pk, state__in=(State.PLANNED, State.APPROVED))
    if ready.update(state=State.RUNNING):
        plan.state = State.RUNNING
    return plan.state == State.RUNNING


def uncovered(service: Service, plans: Sequence[DestructionPlan], before: date) -> Iterator[Span]:
    """Yield the spans of last days up to a day that no open plan is about."""
    since: date | None = None
    for plan in plans:
        if plan.since is not None and (since is None or plan.since > since):
            end = min(plan.since, before)
            if since is None or since < end:
                yield Span(service, since, end)
        since = plan.before
    if since is None or since < before:
        yield Span(service, since, before)


def needs_approval(records: int) -> bool:
    """Tell whether a plan of this size waits for a second officer."""
    return records > settings.DESTRUCTION_APPROVAL_ABOVE


def is_own(plan: DestructionPlan, actor: Account) -> bool:
    """Tell whether an officer asked for a plan and may therefore not approve it (X-ALL: four eyes)."""
    return plan.planned_by_id == actor.pk and not plan.service.one_officer_mode


def is_late(plan: DestructionPlan, now: datetime) -> bool:
    """Tell whether the day is over by which the policy wants the plan carried out."""
    return plan.state in DestructionPlan.OPEN and now >= overdue_from(plan)


def overdue_from(plan: DestructionPlan) -> datetime:
    """Return the moment from which a plan is overdue: 00:00 local time of the day after ``destroy_by``."""
    return start_of_day(plan.destroy_by + timedelta(days=1), plan.service.timezone)


def _approve(plan: DestructionPlan, actor: Account, now: datetime) -> None:
    plan.state, plan.approved_by, plan.approved_at = State.APPROVED, actor, now
    plan.expires_at = now + VALID
    plan.save(update_fields=["state", "approved_by", "approved_at", "expires_at"])
    data = {"records": plan.records, "digest": plan.content_hash}
    _tell("members.destruction.approved", plan, actor, now, data)


def _void(plan: DestructionPlan, reason: str, now: datetime) -> None:
    mine = DestructionPlan.objects.filter(pk=plan.pk, state=plan.state)
    if mine.update(state=State.VOID, void_reason=reason, finished_at=now):
        plan.pages.all().delete()
        _tell("members.destruction.voided", plan, None, now, {"reason": reason})


def _deadline(service: Service) -> tuple[Period, bool]:
    """Return how soon after becoming due the policy wants electronic data gone, and whether it says so itself."""
    version = policy_in_force(service)
    rows = policy_values(version).destruction if version else ()
    for row in rows:
        if row.medium == "electronic" and row.deadline is not None:
            return row.deadline, row.deadline_basis == "policy"
    return OVERDUE_AFTER, False


def _counts(found: Survey, service: Service) -> list[dict[str, Any]]:
    """Return the counts with the clause of each rule: the one it was set apart by, or the one in force."""
    version = policy_in_force(service)
    rules = policy_values(version).retention_by_code if version else {}
    counts = [
        {
            "class": record_class,
            "rule": rule,
            "clause": clause or (rules[rule].clause if rule in rules else ""),
            "records": n,
        }
        for (record_class, rule, clause), n in found.counts.items()
    ]
    return sorted(counts, key=lambda line: (line["clause"], line["class"], line["rule"]))


def _tell(
    code: str, plan: DestructionPlan, actor: Account | None, now: datetime, data: dict[str, Any]
) -> None:
    ledger.record(code, actor=actor, now=now, service=plan.service, obj=plan.run_ref, data=data)

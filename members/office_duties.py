"""What the officer has to do about people: leavers who wait, requests that are due, records past their day."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.models import Service
from members import destruction_list
from members.actions import destruction_plan
from members.models import DestructionPlan, Restriction, RightsRequest, Withdrawal

PATIENCE = timedelta(hours=1)
SOON = timedelta(days=3)
OPEN = (RightsRequest.State.OPEN, RightsRequest.State.WAITING)
REQUESTS = "admin:members_rightsrequest_changelist"
WITHDRAWALS = "admin:members_withdrawal_changelist"
HOLDS = "admin:members_restriction_changelist"
DUE_LIST = "admin:destruction_due"


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("members.withdrawals", waiting_withdrawals)
    duties.register("members.requests", due_requests)
    duties.register("members.destruction", due_for_destruction)
    duties.register("members.destruction_plans", plans_to_approve)
    duties.register("members.holds", holds_to_review)


def waiting_withdrawals(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Memberships that began to end more than an hour ago and are not complete (MIK-8.1b, at once)."""
    rows = Withdrawal.objects.filter(request__service__in=services, began_at__lt=now - PATIENCE)
    counted = (
        rows.exclude(step=Withdrawal.Step.COMPLETE).order_by().values_list("request__service__name")
    )
    return [
        Duty(
            _("Withdrawals that wait for more than an hour"),
            oldest + PATIENCE,
            WITHDRAWALS,
            n,
            "overdue",
            query={"open": "1"},
            service=name,
            permission="requests.view",
        )
        for name, n, oldest in counted.annotate(n=Count("pk"), oldest=Min("began_at"))
    ]


def due_requests(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Requests by urgency, one duty per service and urgency, with the earliest due moment.

    A withdrawal of a membership is no request to work on: its steps run by themselves and are watched above.
    """
    waiting = RightsRequest.objects.filter(service__in=services, state__in=OPEN).exclude(
        kind=RightsRequest.Kind.MEMBERSHIP_WITHDRAWAL
    )
    waiting = waiting.annotate(end=Coalesce("extended_to", "due_at"))
    late = waiting.filter(end__lt=now)
    soon = waiting.filter(end__gte=now, end__lte=now + SOON)
    later = waiting.exclude(end__lte=now + SOON)
    return [
        *_requests(late, _("Overdue requests"), "overdue", "overdue"),
        *_requests(soon, _("Requests due in 3 days"), "soon", "soon"),
        *_requests(later, _("Open requests"), "open", "open"),
    ]


def _requests(rows: QuerySet[RightsRequest], title: object, severity: str, view: str) -> list[Duty]:
    counted = rows.order_by().values_list("service__name").annotate(n=Count("pk"), first=Min("end"))
    return [
        Duty(
            title,
            first,
            REQUESTS,
            n,
            severity,
            query={"due": view},
            service=name,
            permission="requests.view",
        )
        for name, n, first in counted
    ]


def due_for_destruction(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Free records past their last day that are in no plan, by clause or rule: the hourly sweep should have taken them.

    Example: ``Records past their last day: 5.2.2``, 4 records.
    """
    return [
        Duty(
            _("Records past their last day: %(rule)s") % {"rule": rule},
            None,
            DUE_LIST,
            n,
            "overdue",
            service=service.name,
            permission="retention.view",
        )
        for service in services
        for rule, n in sorted(destruction_list.unplanned(service, now=now).items())
    ]


def plans_to_approve(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Destruction plans that wait for a second officer, due by the deadline of the policy (MIK-9.1).

    An overdue one leaves the red list only with a reason.
    """
    waiting = DestructionPlan.objects.filter(
        service__in=services,
        state__in=(DestructionPlan.State.WAITING, DestructionPlan.State.APPROVED),
    )
    return [
        _plan(plan, now) for plan in waiting.select_related("service") if _needs_somebody(plan, now)
    ]


def _needs_somebody(plan: DestructionPlan, now: datetime) -> bool:
    return plan.state == DestructionPlan.State.WAITING or destruction_plan.is_late(plan, now)


def _plan(plan: DestructionPlan, now: datetime) -> Duty:
    due_at = destruction_plan.overdue_from(plan)
    severity = "soon" if due_at - now <= SOON else "open"
    if destruction_plan.is_late(plan, now):
        severity = "open" if plan.late_reason else "overdue"
    title = (
        _("Destruction to approve")
        if not plan.late_reason
        else _("Destruction to approve, late with a reason")
    )
    return Duty(
        title,
        due_at,
        "admin:members_destructionplan_change",
        plan.records,
        severity,
        (plan.pk,),
        service=plan.service.name,
        permission="retention.approve",
    )


def holds_to_review(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Holds whose day to look again has come."""
    rows = Restriction.objects.filter(
        subject__service__in=services, ended_at=None, review_on__lte=now.date()
    )
    return [
        Duty(
            _("Holds to look at again"),
            None,
            HOLDS,
            n,
            "open",
            (),
            {"state": "review"},
            name,
            "retention.view",
        )
        for name, n in rows.order_by().values_list("subject__service__name").annotate(n=Count("pk"))
    ]

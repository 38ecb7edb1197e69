"""What the officer has to do about people: leavers who wait, requests that are due, records past their day."""

from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.models import Service
from compliance.rules.calendar import local_day
from members.archive.models import ArchivedRecord
from members.models import Record, Restriction, RightsRequest, Withdrawal

PATIENCE = timedelta(hours=1)
SOON = timedelta(days=3)
OPEN = (RightsRequest.State.OPEN, RightsRequest.State.WAITING)
REQUESTS = "admin:members_rightsrequest_changelist"
WITHDRAWALS = "admin:members_withdrawal_changelist"
HOLDS = "admin:members_restriction_changelist"
TURNS = "admin:compliance_slot_changelist"


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("members.withdrawals", waiting_withdrawals)
    duties.register("members.requests", due_requests)
    duties.register("members.destruction", due_for_destruction)
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
    late = waiting.filter(due_at__lt=now)
    soon = waiting.filter(due_at__gte=now, due_at__lte=now + SOON)
    later = waiting.exclude(due_at__lte=now + SOON)
    return [
        *_requests(late, _("Overdue requests"), "overdue", "overdue"),
        *_requests(soon, _("Requests due in 3 days"), "soon", "soon"),
        *_requests(later, _("Open requests"), "open", "open"),
    ]


def _requests(rows: QuerySet[RightsRequest], title: object, severity: str, view: str) -> list[Duty]:
    counted = (
        rows.order_by().values_list("service__name").annotate(n=Count("pk"), first=Min("due_at"))
    )
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
    """Records past their last day that no hold postpones, by clause or rule: the hourly sweep should have taken them.

    Example: ``Past their last day: 5.2.2``, 4 records.
    """
    found: list[Duty] = []
    for service in services:
        today = local_day(now, service.timezone)
        for rule, n in sorted(_overdue(service, today).items()):
            title = _("Records past their last day: %(rule)s") % {"rule": rule}
            found.append(
                Duty(
                    title,
                    None,
                    TURNS,
                    n,
                    "overdue",
                    (),
                    {"entry": "retention.destroy"},
                    service.name,
                    "jobs.view",
                )
            )
    return found


def _overdue(service: Service, today: object) -> dict[str, int]:
    held = Restriction.objects.filter(
        ended_at=None, blocks_destruction=True, subject__service=service
    )
    people = list(held.values_list("subject__public_id", flat=True).distinct())
    live = Record.objects.filter(subject__service=service, due_on__lt=today)
    apart = ArchivedRecord.objects.filter(subject__service_slug=service.slug, due_on__lt=today)
    tally: dict[str, int] = {}
    for rows, column in ((live, "held_by"), (apart, "clause")):
        free = rows.exclude(subject__public_id__in=people) if people else rows
        for rule, n in free.order_by().values_list(column).annotate(n=Count("pk")):
            tally[rule or "–"] = tally.get(rule or "–", 0) + n
    return tally


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

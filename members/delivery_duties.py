"""What the officer has to do about messages: who got none, and which notices are late."""

from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance.duties import Duty
from compliance.models import Notice, Service
from compliance.rules.calendar import start_of_day
from members.models import Delivery

State = Delivery.State
RECENT = timedelta(days=30)
PATIENCE = timedelta(hours=24)
LIST = "admin:members_delivery_changelist"
TITLES = {
    State.FAILED: (_("Messages that could not be delivered"), "overdue"),
    State.UNREACHABLE: (
        _("People without an address for a message: see that the notice is posted"),
        "open",
    ),
    State.UNCERTAIN: (_("Messages of which nobody knows whether they arrived"), "open"),
}


def undelivered(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Messages of the last 30 days that reached nobody, one duty per service and result."""
    rows = Delivery.objects.filter(
        service__in=services, state__in=TITLES, finished_at__gt=now - RECENT
    )
    counted = rows.order_by().values_list("service__slug", "state").annotate(n=Count("pk"))
    return [
        Duty(
            TITLES[state][0],
            None,
            LIST,
            n,
            TITLES[state][1],
            query={"state__exact": state},
            service=slug,
        )
        for slug, state, n in counted
    ]


def late_notices(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Notices that are not with everybody a day after their publication; due before the effective day."""
    open_ones = Notice.objects.filter(
        service__in=services,
        state=Notice.State.PUBLISHED,
        completed_at=None,
        published_at__lt=now - PATIENCE,
    )
    return [
        Duty(
            _("A notice has not left to everybody yet"),
            start_of_day(notice.effective_on, notice.service.timezone),
            LIST,
            query={"notice__id__exact": str(notice.pk)},
            service=notice.service.slug,
            severity="overdue",
        )
        for notice in open_ones.select_related("service")
    ]

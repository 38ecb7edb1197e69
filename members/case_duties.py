"""What the officer has to do about cases, refusals of service and readings: confirm, look again, release."""

from datetime import datetime

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.models import Service
from compliance.rules.calendar import local_day
from members.actions import service_block
from members.models import ArchiveReading, CaseFlag, IdentityCheck

CASES = "admin:members_caseflag_changelist"
CHECKS = "admin:members_identitycheck_changelist"
BLOCKS = "admin:members_serviceblock_changelist"
READINGS = "admin:members_archivereading_changelist"


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("members.cases", cases)
    duties.register("members.blocks", blocks)
    duties.register("members.readings", readings)
    duties.register("members.documents", documents)


def cases(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Cases that wait for a second officer, and cases whose yearly review has come."""
    found = []
    for service in services:
        running = CaseFlag.objects.filter(service=service, ended_at=None)
        today = local_day(now, service.timezone)
        asked = (
            (_("Cases that wait for a second officer"), running.filter(confirmed_at=None)),
            (_("Cases to look at again"), running.filter(review_on__lte=today)),
        )
        for title, rows in asked:
            count = rows.count()
            if count:
                found.append(
                    Duty(title, None, CASES, count, "open", (), {}, service.name, "retention.view")
                )
    return found


def blocks(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Refusals of service to look at: their day has come, or the debt behind them is settled."""
    rows = service_block.to_review(list(services), now)
    counted = rows.order_by().values_list("service__name").annotate(n=Count("pk"))
    title = _("Refusals of service to look at again")
    return [
        Duty(title, None, BLOCKS, n, "open", (), {}, name, "retention.view") for name, n in counted
    ]


def readings(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Readings of the archive that wait for a second officer."""
    rows = ArchiveReading.objects.filter(service__in=services, state=ArchiveReading.State.ASKED)
    counted = rows.order_by().values_list("service__name").annotate(n=Count("pk"))
    view = {"state__exact": "asked"}
    return [
        Duty(
            _("Readings of the archive to release"),
            None,
            READINGS,
            n,
            "open",
            (),
            view,
            name,
            "archive.release",
        )
        for name, n in counted
    ]


def documents(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Official documents that wait for their check: until then a scan lies here (ENG-4.7)."""
    rows = IdentityCheck.objects.filter(service__in=services, checked_at=None, scan__isnull=False)
    counted = rows.order_by().values_list("service__name").annotate(n=Count("pk"))
    title, view = _("Official documents to check"), {"checked_at__isempty": "1"}
    return [
        Duty(title, None, CHECKS, n, "open", (), view, name, "members.reveal")
        for name, n in counted
    ]

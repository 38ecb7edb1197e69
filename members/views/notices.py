"""The notice board of a service: what changes, from when, and how long before people were told."""

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from compliance.models import Notice, Service
from compliance.rules.calendar import local_day
from members import policy_changes
from members.views import pages


@require_safe
def board(request: HttpRequest, service: str) -> HttpResponse:
    """All notices of a service that are out, the newest first."""
    found = pages.live_service(service)
    rows = list(_published(found))
    for row in rows:
        row.lead_days = lead_days(row)
    return pages.show(request, "members/notices.html", service=found, notice_list=rows)


@require_safe
def notice(request: HttpRequest, service: str, number: int) -> HttpResponse:
    """One notice: what changes in plain words, from when, and what a person can do."""
    found = pages.live_service(service)
    row = get_object_or_404(_published(found), pk=number)
    return pages.show(
        request,
        "members/notice.html",
        service=found,
        notice=row,
        lead_days=lead_days(row),
        changes=policy_changes.against_the_one_before(row.version),
    )


def lead_days(row: Notice) -> int:
    """Whole days between the posting day and the effective day, neither of them counted (X-ALL-5).

    Example: posted on 22 November, in effect on 23 December: 30 days.
    """
    return (row.effective_on - local_day(row.published_at, row.service.timezone)).days - 1


def _published(service: Service) -> QuerySet[Notice]:
    shown = Notice.objects.filter(service=service, state=Notice.State.PUBLISHED)
    rows = shown.filter(published_at__lte=timezone.now()).select_related(
        "service", "version__service"
    )
    return rows.order_by("-published_at", "-pk")

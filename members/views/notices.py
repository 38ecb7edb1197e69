"""The notice board of a service: what changes, from when, and how long before people were told."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from members import notice_board, policy_changes
from members.views import pages


@require_safe
def board(request: HttpRequest, service: str) -> HttpResponse:
    """All notices of a service that are out, the newest first."""
    found = pages.live_service(service)
    rows = list(notice_board.published(found, timezone.now()))
    for row in rows:
        row.lead_days = notice_board.lead_days(row)  # type: ignore[attr-defined]
    return pages.show(request, "members/notices.html", service=found, notice_list=rows)


@require_safe
def notice(request: HttpRequest, service: str, number: int) -> HttpResponse:
    """One notice: what changes in plain words, from when, and what a person can do."""
    found = pages.live_service(service)
    row = get_object_or_404(notice_board.published(found, timezone.now()), pk=number)
    return pages.show(
        request,
        "members/notice.html",
        service=found,
        notice=row,
        lead_days=notice_board.lead_days(row),
        changes=policy_changes.against_the_one_before(row.version),
    )

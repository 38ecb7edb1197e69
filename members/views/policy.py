"""The policy of a service: in force now, on any day of the past, each version on its own, and who receives data."""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from compliance.models import PolicyVersion, Service
from compliance.rules.calendar import local_day
from compliance.selectors import policy_in_force, policy_values
from members import officers, policy_changes, policy_reading, recipient_list
from members.views import pages


@require_safe
def in_force(request: HttpRequest, service: str) -> HttpResponse:
    """The version in force, or with ``?on=2026-11-23`` the one that was in force on that local day (MIK-0.1)."""
    found = pages.live_service(service)
    asked = request.GET.get("on", "").strip()
    day, is_wrong = _asked_day(asked)
    version = policy_in_force(found, on=day)
    if version is None and day is None:
        raise Http404
    return _page(request, found, version, asked=asked, day=day, is_wrong=is_wrong)


@require_safe
def version(request: HttpRequest, service: str, number: int) -> HttpResponse:
    """One published version by its number."""
    found = pages.live_service(service)
    row = get_object_or_404(policy_changes.published(found), number=number)
    return _page(request, found, row)


@require_safe
def recipients(request: HttpRequest, service: str) -> HttpResponse:
    """The list of recipients that the version in force names, and since when it counts (MIK-6.4a)."""
    found = pages.live_service(service)
    row = policy_in_force(found)
    if row is None:
        raise Http404
    lines = recipient_list.lines(policy_values(row))
    return pages.show(
        request, "members/recipients.html", service=found, version=row, recipients=lines
    )


def _page(
    request: HttpRequest,
    service: Service,
    found: PolicyVersion | None,
    *,
    asked: str = "",
    day: date | None = None,
    is_wrong: bool = False,
) -> HttpResponse:
    versions = list(policy_changes.published(service))
    return pages.show(
        request,
        "members/policy.html",
        service=service,
        version=found,
        versions=versions,
        first_number=min((one.number for one in versions), default=0),
        officers=officers.published(service),
        today=local_day(timezone.now(), service.timezone),
        asked=asked,
        asked_day=day,
        asked_wrong=is_wrong,
        **(_contents(request, found) if found else {}),
    )


def _contents(request: HttpRequest, found: PolicyVersion) -> dict[str, object]:
    policy = policy_values(found)
    asked = request.GET.get(policy_reading.ASKED, "")
    return {
        "policy": policy,
        "reading": policy_reading.of(found, path=request.path, asked=asked),
        "recipients": recipient_list.lines(policy),
        "contacts": [row for row in policy.contacts if row.value],
    }


def _asked_day(text: str) -> tuple[date | None, bool]:
    """The day of ``?on=``, and whether something else than a day was asked for."""
    if not text:
        return None, False
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return day, day is None

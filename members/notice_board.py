"""The notices of a service that are out: on its board, on its first page, and how long ahead people were told."""

from datetime import datetime

from django.db.models import Q, QuerySet

from compliance.models import Notice, PolicyVersion, Service
from compliance.rules.calendar import local_day

FIRST_PAGE = frozenset(
    {"first_page", "first_page_popup", "homepage_notice", "app_initial_screen", "app"}
)


def published(service: Service, now: datetime) -> QuerySet[Notice]:
    """Return the notices of a service that are out at a moment, the newest first.

    With those whose change was given up: they say that it does not happen.
    """
    given_up = Q(state=Notice.State.WITHDRAWN, version__state=PolicyVersion.State.CANCELLED)
    shown = Notice.objects.filter(Q(state=Notice.State.PUBLISHED) | given_up, service=service)
    rows = shown.filter(published_at__lte=now).select_related("service", "version__service")
    return rows.order_by("-published_at", "-pk")


def on_first_page(service: Service | None, now: datetime) -> list[Notice]:
    """Return what a visitor of a first page sees at a moment, the nearest change first; without a service, of all."""
    showing = (
        Notice.objects.showing(now)
        .filter(service__state=Service.State.LIVE)
        .select_related("service")
    )
    if service is not None:
        showing = showing.filter(service=service)
    return [row for row in showing.order_by("effective_on", "pk") if belongs_on_first_page(row)]


def belongs_on_first_page(notice: Notice) -> bool:
    """Tell whether the policy wants a notice on the first page, rather than on the board alone."""
    return bool(FIRST_PAGE.intersection(notice.places))


def lead_days(notice: Notice) -> int:
    """Whole days between the posting day and the effective day, neither of them counted (X-ALL-5).

    Example: posted on 22 November, in effect on 23 December: 30 days.
    """
    posted_on = local_day(notice.published_at, notice.service.timezone)
    return (notice.effective_on - posted_on).days - 1

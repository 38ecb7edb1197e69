"""The strip on the first page that says which change of the policy is coming."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from compliance.models import Notice, Service

register = template.Library()
FIRST_PAGE = frozenset(
    {"first_page", "first_page_popup", "homepage_notice", "app_initial_screen", "app"}
)


@register.inclusion_tag("members/parts/notice_strip.html")
def coming_changes(service: Service | None = None) -> dict[str, Any]:
    """Notices that belong on the first page now: of one service, or of all services that are live."""
    return {"strips": on_first_page(service, timezone.now()), "names_service": service is None}


def on_first_page(service: Service | None, now: datetime) -> list[Notice]:
    """Return the notices that a visitor of a first page sees at a moment, the nearest change first."""
    showing = (
        Notice.objects.showing(now)
        .filter(service__state=Service.State.LIVE)
        .select_related("service")
    )
    if service is not None:
        showing = showing.filter(service=service)
    return [
        row for row in showing.order_by("effective_on", "pk") if FIRST_PAGE.intersection(row.places)
    ]

"""The strip on the first page that says which change of the policy is coming."""

from typing import Any

from django import template
from django.utils import timezone

from compliance.models import Service
from members.notice_board import on_first_page

register = template.Library()


@register.inclusion_tag("members/parts/notice_strip.html")
def coming_changes(service: Service | None = None) -> dict[str, Any]:
    """Notices that belong on the first page now: of one service, or of all services that are live."""
    return {"strips": on_first_page(service, timezone.now()), "names_service": service is None}

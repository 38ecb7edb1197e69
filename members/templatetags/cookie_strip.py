"""The question about optional cookies on top of a page, until it is answered."""

from typing import Any

from django import template
from django.template.context import Context

from members import cookies

register = template.Library()


@register.inclusion_tag("members/parts/cookie_strip.html", takes_context=True)
def cookie_strip(context: Context) -> dict[str, Any]:
    """Return what is open for the person of this page; nothing where the page is shown without a request."""
    request, service = context.get("request"), context["service"]
    if request is None:
        return {"shown": []}
    state = cookies.read(request, service, context.get("subject"))
    policy = state.policy
    return {
        "service": service,
        "state": state,
        "shown": [cookies.declared(policy, kind, service) for kind in state.open_kinds if policy],
        "next": request.get_full_path() if request.method in ("GET", "HEAD") else "",
        "csrf_token": context.get("csrf_token"),
    }

"""Destroy what is past its period while one stays: one page, one button (MIK-5.2.5)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance.bell import nudge
from compliance.models import Service
from members import gate, words
from members.actions import erasure, rights_request
from members.models import RightsRequest
from members.views import pages


@require_http_methods(["GET", "HEAD", "POST"])
@pages.for_oneself
def page(request: HttpRequest, service: Service) -> HttpResponse:
    """Show what would go and what stays until when (GET), or ask for it and have it done at once (POST)."""
    now = timezone.now()
    fates = erasure.preview(request.subject, now=now)
    if request.method == "POST" and any(fate.goes for fate in fates):
        return _erase(request, service)
    policy = gate.policy_for(service, now)
    counted: dict[tuple[str, str, bool], int] = {}
    for fate in fates:
        name = words.record_class(policy, fate.record.record_class)
        key = (name, words.last_day(fate.last_day), fate.goes)
        counted[key] = counted.get(key, 0) + 1
    lines = [(name, day, goes, n) for (name, day, goes), n in counted.items()]
    any_goes = any(goes for _name, _day, goes, _n in lines)
    return pages.show(
        request, "members/erase.html", service=service, lines=lines, any_goes=any_goes
    )


def _erase(request: HttpRequest, service: Service) -> HttpResponse:
    now = timezone.now()
    try:
        asked = rights_request.receive(
            request.subject,
            RightsRequest.Kind.ERASURE,
            channel=RightsRequest.Channel.WEB,
            identity=RightsRequest.Identity.SIGNED_IN,
            language=get_language() or "",
            actor=None,
            now=now,
        )
        erasure.carry_out(asked, actor=None, now=now)
    except rights_request.NotPossible:
        return pages.to_sign_in(request, service)
    nudge("retention.destroy")
    messages.success(request, _("What is past its period is destroyed with the next run."))
    return HttpResponseRedirect(reverse("members:request", args=[service.slug, asked.reference]))

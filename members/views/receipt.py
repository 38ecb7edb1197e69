"""My consent receipt: what was agreed to and refused, to read, and as a signed file (ISO/IEC TS 27560)."""

import json
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from compliance.bell import nudge
from compliance.models import Service
from members import receipt_proof
from members.actions import receipt as action
from members.models import ConsentReceipt
from members.views import pages

MOMENT = "event_time"


@require_http_methods(["GET", "HEAD", "POST"])
@pages.for_oneself
def page(request: HttpRequest, service: Service) -> HttpResponse:
    """Show the newest receipt (GET), or ask for one of the answers that count now (POST)."""
    if request.method == "POST":
        action.ask(request.subject, language=get_language() or "en", now=timezone.now())
        nudge("receipts.sign")
        messages.success(
            request, _("The receipt is being signed. Open this page again in a moment.")
        )
        return HttpResponseRedirect(reverse("members:receipt", args=[service.slug]))
    newest = _newest(request)
    return pages.show(
        request,
        "members/receipt.html",
        service=service,
        receipt=newest,
        content=_shown(json.loads(newest.body)) if newest else None,
    )


@require_POST
@pages.for_oneself
def file(request: HttpRequest, service: Service) -> HttpResponse:
    """Give the signed file to its person."""
    newest = _newest(request)
    if newest is None or newest.signed_at is None:
        raise Http404
    response = HttpResponse(receipt_proof.written(newest), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{service.slug}-consent-receipt.json"'
    response["Cache-Control"] = "no-store"
    return response


def _newest(request: HttpRequest) -> ConsentReceipt | None:
    return ConsentReceipt.objects.filter(subject=request.subject).order_by("-asked_at").first()


def _moment(text: str) -> datetime:
    """Read a moment of the receipt, so that the page shows it in the zone of the service."""
    return datetime.fromisoformat(text)


def _shown(value: Any) -> Any:
    """The same receipt under names that a template can read: ``dpv:hasProcess`` becomes ``hasProcess``."""
    if isinstance(value, dict):
        named = {name.rpartition(":")[2].lstrip("@"): one for name, one in value.items()}
        return {
            name: _moment(one) if name == MOMENT else _shown(one) for name, one in named.items()
        }
    return [_shown(one) for one in value] if isinstance(value, list) else value

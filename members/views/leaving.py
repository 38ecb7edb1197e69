"""Leaving, as a step that two pages share: the withdrawal page and the code asked for before it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from compliance import bell
from compliance.models import Service
from members import acting, sessions
from members.actions import withdrawal
from members.models import RightsRequest

THEN_WITHDRAW = "withdraw"


def leave(request: HttpRequest, service: Service) -> HttpResponse:
    """End the membership of the signed-in person now, and go to the page that confirms it."""
    opened = withdrawal.request(
        request.subject,
        channel=RightsRequest.Channel.WEB,
        actor=acting.actor(request),
        now=timezone.now(),
    )
    sessions.leave(request, opened.request.reference, kind=request.subject.kind)
    withdrawal.attempt(opened, now=timezone.now())
    bell.nudge("deliveries.send")
    return to_last_page(service)


def to_last_page(service: Service) -> HttpResponse:
    """Go to the page that confirms a withdrawal made in this browser."""
    return HttpResponseRedirect(reverse("members:withdrawn", args=[service.slug]))

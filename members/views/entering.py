"""The door itself: what a right code or a right password leads to, and what the house remembers of a browser."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.auth.address import client_address
from compliance.models import Service
from members import filled, sessions
from members.actions import dormancy_move, known_device
from members.models import DataSubject
from members.views import pages, questions


def enter(
    request: HttpRequest, service: Service, subject: DataSubject, *, then: str
) -> HttpResponse:
    """Begin the session of somebody who has proved to be the one, and go on to the page asked for."""
    now = timezone.now()
    was_dormant = subject.status == DataSubject.Status.DORMANT
    if not dormancy_move.returned(subject, now=now):
        return _wait(request, service)
    sessions.sign_in(request, subject, now=now)
    known_device.remember(
        subject, address=client_address(request), browser=browser(request), now=now
    )
    if was_dormant:
        messages.success(request, _("Your account is active again. What was set aside is back."))
    carried = filled.read(request)
    if carried is not None:
        request.subject = subject  # type: ignore[attr-defined]
        return pages.show(request, "members/go_on.html", service=service, carried=carried)
    return HttpResponseRedirect(then or questions.first_page(service, subject))


def is_known(request: HttpRequest, subject: DataSubject | None) -> bool:
    """Whether this person signed in from this browser's place before."""
    return known_device.is_known(
        subject, address=client_address(request), browser=browser(request), now=timezone.now()
    )


def browser(request: HttpRequest) -> str:
    """What the browser calls itself."""
    return request.headers.get("User-Agent", "")


def _wait(request: HttpRequest, service: Service) -> HttpResponse:
    """Ask somebody whose data are under way for a little time; the next code opens the account."""
    messages.info(
        request,
        _("Your account is being made ready. Please wait five minutes, then sign in once more."),
    )
    sessions.await_code(request, "")
    return HttpResponseRedirect(reverse("members:sign_in", args=[service.slug]))

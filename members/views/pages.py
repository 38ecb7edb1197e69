"""What all pages of people share, and the pages that belong to no journey: home and service home."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from compliance.models import Service
from compliance.selectors import policy_in_force, policy_values
from members import acting, filled, gate, officers, passwords
from members.actions import language
from members.forms import SignInForm
from members.models import MEMBER_KINDS
from members.rules import joining

View = Callable[..., HttpResponse]
SWITCH = "switch_language"


def to_own_language(request: HttpRequest) -> HttpResponse:
    """Lead from the bare address to the pages in the language of the browser."""
    language = translation.get_language_from_request(request)
    with translation.override(language):
        response = HttpResponseRedirect(reverse("members:home"))
    patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The services of this installation."""
    return show(request, "members/home.html", services=Service.objects.live())


@require_safe
def service_home(request: HttpRequest, service: str) -> HttpResponse:
    """The first page of a service: what is about to change, and where to go (MIK-0.2)."""
    found = live_service(service)
    return show(request, "members/service.html", service=found, joins=_can_be_joined(found))


def _can_be_joined(service: Service) -> bool:
    """Whether the policy in force lets anybody join on these pages."""
    version = policy_in_force(service)
    return version is not None and bool(joining.kinds(policy_values(version)))


def show(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page with its service, its privacy officer, and the person if one is signed in here.

    Moments are shown in the zone of the service.
    """
    service = context.get("service")
    if service is None:
        return render(request, template, context, status=status)
    subject = keep_language(request, service)
    frame = {
        "contact": officers.contact(service),
        "subject": subject,
        "is_member": subject is not None and subject.kind in MEMBER_KINDS,
        "filled": filled.passed_on(request),
        "is_represented": subject is not None and acting.is_represented(request),
    }
    with timezone.override(service.timezone):
        return render(request, template, frame | context, status=status)


def live_service(slug: str) -> Service:
    """The service of an address, if it is open to the public; else 404."""
    return get_object_or_404(Service.objects.live(), slug=slug)


def subject_at(request: HttpRequest, service: Service) -> Any:
    """The person signed in at this service, or None; elsewhere one is a stranger."""
    subject = getattr(request, "subject", None)
    return subject if subject is not None and subject.service_id == service.pk else None


def for_oneself(view: View) -> View:
    """Open a page only to the person signed in at its service; others go and sign in, then come back.

    The view gets the service in place of its slug; the person is ``request.subject``.
    """

    @wraps(view)
    def guarded(request: HttpRequest, service: str, **kwargs: Any) -> HttpResponse:
        found = live_service(service)
        if subject_at(request, found) is None:
            return _who_is_it(request, found)
        return view(request, found, **kwargs)

    return guarded


def _who_is_it(request: HttpRequest, service: Service) -> HttpResponse:
    """Go and sign in; what was filled in when the session ended comes along in the page."""
    carried = filled.pack(request) if getattr(request, "session_ended", False) else ""
    if not carried:
        return to_sign_in(request, service)
    return show(
        request,
        "members/sign_in.html",
        service=service,
        form=SignInForm(),
        next=request.path,
        filled=carried,
        takes_password=passwords.offered(gate.policy_for(service, timezone.now())),
    )


def to_sign_in(request: HttpRequest, service: Service) -> HttpResponse:
    """Go to the sign-in page, which leads back to the page asked for."""
    if getattr(request, "session_ended", False):
        messages.info(
            request, _("Your session has ended. Sign in again, and you come back to your page.")
        )
    asked = request.get_full_path() if request.method == "GET" else request.path
    query = urlencode({"next": asked})
    return HttpResponseRedirect(f"{reverse('members:sign_in', args=[service.slug])}?{query}")


def is_language_switch(request: HttpRequest) -> bool:
    """Whether a form was sent only to be shown again, as typed, in another language."""
    return request.method == "POST" and request.POST.get(SWITCH) in dict(settings.LANGUAGES)


def keep_language(request: HttpRequest, service: Service) -> Any:
    """Note the language that somebody signed in switches to, for mails as well; returns the person or None.

    A representative reads in a language of their own: that of the child stays.
    """
    subject = subject_at(request, service)
    if subject and is_language_switch(request) and not acting.is_represented(request):
        language.choose(subject, request.POST[SWITCH])
    return subject


def inner_address(request: HttpRequest) -> str:
    """The page to come back to, if it is one of ours; else an empty string."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else ""

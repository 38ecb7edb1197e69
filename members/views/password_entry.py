"""The password on the sign-in page and before acts that last. Every refusal reads alike, whoever was named."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from compliance.auth.address import client_address
from compliance.models import Service
from members import acting, gate, passwords, sessions
from members.actions import password_sign_in
from members.actions.password_sign_in import Tried
from members.forms import HouseForm, SignInForm
from members.views import entering, errors, pages

CODE = "code"


def is_offered(service: Service) -> bool:
    """Whether a service has members with passwords: its policy lists them."""
    return passwords.offered(gate.policy_for(service, timezone.now()))


def is_wanted(request: HttpRequest, service: Service) -> bool:
    """Whether the sign-in form came with a password to be looked at; the other button asks for a code."""
    asked = request.method == "POST" and not pages.is_language_switch(request)
    return (
        asked
        and request.POST.get("way") != CODE
        and bool(request.POST.get("password"))
        and is_offered(service)
    )


def take(request: HttpRequest, service: Service) -> HttpResponse:
    """Sign in with what was typed, or show the form again with the identifier and without the password."""
    form, then = SignInForm(request.POST), pages.inner_address(request)
    tried = Tried()
    if form.is_valid():
        tried = password_sign_in.sign_in(
            service,
            form.cleaned_data["identifier"],
            form.cleaned_data["password"],
            address=client_address(request),
            browser=entering.browser(request),
            now=timezone.now(),
        )
        if tried.subject is not None:
            return entering.enter(request, service, tried.subject, then=then)
        form.add_error(None, refusal(service, tried))
    response = pages.show(
        request,
        "members/sign_in.html",
        service=service,
        form=form,
        next=then,
        takes_password=True,
    )
    return braked(response, tried)


def has_one(request: HttpRequest) -> bool:
    """Whether the signed-in person has a password to prove it with; a representative does not know it."""
    account = request.subject.account
    return bool(account and account.has_usable_password()) and not acting.is_represented(request)


def prove(request: HttpRequest, service: Service, form: HouseForm) -> Tried:
    """Compare the ``current`` password of a form before something that lasts; the refusal stands in the form."""
    if not form.is_valid():
        return Tried()
    tried = password_sign_in.prove(
        request.subject,
        form.cleaned_data["current"],
        address=client_address(request),
        now=timezone.now(),
    )
    if tried.subject is None:
        form.add_error("current", refusal(service, tried))
    else:
        sessions.confirm(request, now=timezone.now())
    return tried


def braked(response: HttpResponse, tried: Tried) -> HttpResponse:
    """Mark an answer as 429, with the seconds to wait, while no password is taken."""
    if tried.blocked_until is not None:
        response.status_code = 429
        response.headers["Retry-After"] = str(errors.seconds_until(tried.blocked_until))
    return response


def refusal(service: Service, tried: Tried) -> str:
    """Say that nothing fitted, or until when no password is taken; never which part was wrong."""
    if tried.blocked_until is None:
        return _("This did not fit. Check what you entered, or get a code by e-mail.")
    with timezone.override(service.timezone):
        moment = date_format(timezone.localtime(tried.blocked_until), "DATETIME_FORMAT")
    return _(
        "Too many passwords were wrong. None is taken until %(moment)s. A code by e-mail still lets you in."
    ) % {"moment": moment}

"""Signing in by password or e-mailed code, and out again. Nobody learns here whether somebody exists."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance import bell, own_cookies
from compliance.auth import throttle
from compliance.auth.address import client_address
from compliance.keyring import digests
from compliance.models import Service
from members import auth, filled, sessions
from members.actions import access_code
from members.forms import CodeForm, HouseForm, OrderAccessForm, SignInForm
from members.models import AccessCode, DataSubject
from members.views import entering, errors, leaving, pages, password_entry

LETTERS = "deliveries.send"  # Asked for whoever was named, so that time tells nothing.
Purpose = AccessCode.Purpose
reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])


@reads_or_posts
@sensitive_post_parameters("identifier", "password")
def member(request: HttpRequest, service: str) -> HttpResponse:
    """Ask for the e-mail address or login ID of a member; take the password, or send a code."""
    found = pages.live_service(service)
    if password_entry.is_wanted(request, found):
        return password_entry.take(request, found)

    def find(data: dict[str, str]) -> DataSubject | None:
        return auth.find_member(found, data["identifier"])

    return _ask(request, found, SignInForm, find, Purpose.SIGN_IN, "members/sign_in.html")


@reads_or_posts
@sensitive_post_parameters("order_number", "email")
def purchaser(request: HttpRequest, service: str) -> HttpResponse:
    """Ask for order number and e-mail address of a purchaser without account and send a code."""
    found = pages.live_service(service)

    def find(data: dict[str, str]) -> DataSubject | None:
        return auth.find_purchaser(found, data["order_number"], data["email"])

    return _ask(
        request, found, OrderAccessForm, find, Purpose.ORDER_ACCESS, "members/order_access.html"
    )


def _ask(
    request: HttpRequest,
    service: Service,
    form_class: type[HouseForm],
    find: Any,
    purpose: str,
    template: str,
) -> HttpResponse:
    if pages.is_language_switch(request):
        form = form_class(initial=request.POST.dict())
    else:
        form = form_class(request.POST if request.method == "POST" else None)
    then = pages.inner_address(request)
    if not (form.is_bound and form.is_valid()):
        return pages.show(
            request,
            template,
            service=service,
            form=form,
            next=then,
            takes_password=password_entry.is_offered(service),
        )
    blocked = _brake(request)
    if blocked:
        return errors.too_many(request, service=service, until=blocked)
    subject = find(form.cleaned_data)
    code = access_code.issue(
        service,
        subject,
        purpose=purpose,
        language=get_language(),
        now=timezone.now(),
        from_known=entering.is_known(request, subject),
    )
    bell.nudge(LETTERS)
    sessions.await_code(request, code.token, then=then)
    if filled.passed_on(request):  # A redirect would lose it.
        return _ask_code(request, code, CodeForm())
    return HttpResponseRedirect(reverse("members:code", args=[service.slug]))


@reads_or_posts
@sensitive_post_parameters("code")
def enter_code(request: HttpRequest, service: str) -> HttpResponse:
    """Take the code of the attempt that this browser made."""
    found = pages.live_service(service)
    attempt = _attempt(request, found)
    if attempt is None:
        return HttpResponseRedirect(reverse("members:sign_in", args=[found.slug]))
    switching = pages.is_language_switch(request)
    form = CodeForm(request.POST if request.method == "POST" and not switching else None)
    if form.is_bound and form.is_valid():
        checked = access_code.check(
            attempt,
            form.cleaned_data["code"],
            now=timezone.now(),
            from_known=entering.is_known(request, attempt.subject),
        )
        if checked.subject is not None:
            return _let_in(request, attempt, checked.subject)
        form.add_error("code", _refusal(checked))
    return _ask_code(request, attempt, form)


def _ask_code(request: HttpRequest, attempt: AccessCode, form: CodeForm) -> HttpResponse:
    return pages.show(
        request,
        "members/enter_code.html",
        service=attempt.service,
        form=form,
        attempt=attempt,
        resend_at=access_code.resend_at(attempt),
        may_resend=access_code.resend_at(attempt) <= timezone.now(),
        start=_start(attempt),
        leaves=sessions.awaited(request)[1] == leaving.THEN_WITHDRAW,
    )


@require_POST
def send_again(request: HttpRequest, service: str) -> HttpResponse:
    """Send another code, 60 seconds after the last one at the earliest."""
    found = pages.live_service(service)
    attempt, now = _attempt(request, found), timezone.now()
    here = HttpResponseRedirect(reverse("members:code", args=[found.slug]))
    if attempt is None:
        return here
    if access_code.resend_at(attempt) > now:
        messages.info(
            request, _("A code was sent less than 60 seconds ago. Wait a minute, then ask again.")
        )
        return here
    blocked = _brake(request)
    if blocked:
        return errors.too_many(request, service=found, until=blocked)
    renewed = access_code.issue_again(
        attempt,
        language=get_language(),
        now=now,
        from_known=entering.is_known(request, attempt.subject),
    )
    bell.nudge(LETTERS)
    sessions.await_code(request, renewed.token, then=sessions.awaited(request)[1])
    messages.success(request, _("Another code is on its way. The earlier one no longer works."))
    return here


@require_POST
def leave(request: HttpRequest, service: str) -> HttpResponse:
    """Sign out: the session is worth nothing from now on, and no cookie of ours stays (MIK-15.4)."""
    found = pages.live_service(service)
    sessions.sign_out(request)
    response = HttpResponseRedirect(reverse("members:signed_out", args=[found.slug]))
    for cookie in own_cookies.of_people(found.slug):
        response.delete_cookie(cookie.name, samesite="Lax")
    return response


@require_safe
def left(request: HttpRequest, service: str) -> HttpResponse:
    """Confirm the signing out, on a page that sets no cookie."""
    return pages.show(request, "members/signed_out.html", service=pages.live_service(service))


def prove_again(request: HttpRequest, service: Service, *, then: str) -> HttpResponse:
    """Send a code to the person who is signed in already, before something that lasts."""
    blocked = _brake(request)
    if blocked:
        return errors.too_many(request, service=service, until=blocked)
    code = access_code.issue(
        service,
        request.subject,
        purpose=Purpose.STEP_UP,
        language=get_language(),
        now=timezone.now(),
    )
    bell.nudge(LETTERS)
    sessions.await_code(request, code.token, then=then)
    return HttpResponseRedirect(reverse("members:code", args=[service.slug]))


def _let_in(request: HttpRequest, attempt: AccessCode, subject: DataSubject) -> HttpResponse:
    then, now = sessions.awaited(request)[1], timezone.now()
    account = reverse("members:account", args=[attempt.service.slug])
    if attempt.purpose != Purpose.STEP_UP:
        return entering.enter(request, attempt.service, subject, then=then)
    if request.subject != subject:
        return HttpResponseRedirect(account)
    sessions.confirm(request, now=now)
    sessions.await_code(request, "")
    if then == leaving.THEN_WITHDRAW:
        return leaving.leave(request, attempt.service)
    return HttpResponseRedirect(then or account)


def _attempt(request: HttpRequest, service: Service) -> AccessCode | None:
    return access_code.open_attempt(sessions.awaited(request)[0], service)


def _start(attempt: AccessCode) -> str:
    """Where the attempt began, for people who typed the wrong thing."""
    names = {Purpose.ORDER_ACCESS: "order_access", Purpose.STEP_UP: "account"}
    return reverse(f"members:{names.get(attempt.purpose, 'sign_in')}", args=[attempt.service.slug])


def _refusal(checked: access_code.Checked) -> str:
    if checked.reason == "expired":
        return _("This code is more than 10 minutes old. Ask for another one below.")
    if checked.reason == "too_many":
        return _("Five tries were wrong, so this code no longer works. Ask for another one below.")
    return ngettext(
        "This code is not right. %(left)d try left.",
        "This code is not right. %(left)d tries left.",
        checked.tries_left,
    ) % {"left": checked.tries_left}


def _brake(request: HttpRequest) -> Any:
    """Count one more code asked for from this network address; the end of its block, or None."""
    keys = {"code_ip": digests.throttle("code_ip", client_address(request))}
    blocked = throttle.blocked_until(keys, now=timezone.now())
    if blocked is None:
        throttle.failed(keys, now=timezone.now())
    return blocked

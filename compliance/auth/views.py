"""Pages of staff sign-in: password, second factor, enrolment, preferences, staying signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import site
from django.contrib.auth import authenticate, logout
from django.contrib.auth import views as auth_views
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from compliance.actions import account as account_actions
from compliance.auth import session, throttle, totp
from compliance.auth.address import client_address
from compliance.auth.forms import CodeForm, PreferencesForm, SecondFactorForm, SignInForm
from compliance.models import Account

DEVICE_COOKIE, DEVICE_SALT, DEVICE_DAYS = "office-device", "compliance.auth.device", 180


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """E-mail and password. Every failure gives the same answer, blocked or not."""
    if session_is_complete(request):
        return HttpResponseRedirect(_next(request))
    form = SignInForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, "admin/login.html", form=form, title=_("Sign in"))
    account = _check_password(request, form.cleaned_data, now=timezone.now())
    if account is None:
        form = SignInForm(initial={"email": form.cleaned_data["email"]})
        return _page(request, "admin/login.html", form=form, title=_("Sign in"), failed=True)
    session.start(request, account, now=timezone.now())
    if settings.DEMO:
        account_actions.note_sign_in(account, now=timezone.now())
    response = HttpResponseRedirect(_next(request))
    _remember_device(response, account)
    return response


@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """The second factor: a time code or a recovery code."""
    account = _half_signed_in(request)
    if account is None or session.is_verified(request):
        return HttpResponseRedirect(_next(request))
    if account.totp_confirmed_at is None:
        return HttpResponseRedirect(reverse("admin:enrol"))
    form = SecondFactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _try_code(account, form.cleaned_data["code"], now=timezone.now()):
            return _let_in(request, account)
        form.add_error("code", _refusal())
    return _page(request, "admin/second_factor.html", form=form, title=_("Second step"))


@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """First sign-in: scan the code, confirm it, keep the recovery codes."""
    account = _half_signed_in(request)
    if account is None or account.totp_confirmed_at is not None:
        return HttpResponseRedirect(_next(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        codes = _try_enrolment(account, form.cleaned_data["code"], now=timezone.now())
        if codes:
            _let_in(request, account)
            title = _("Keep your recovery codes")
            return _page(request, "admin/recovery_codes.html", codes=codes, title=title)
        form.add_error("code", _refusal())
    secret = totp.begin(account)
    text = totp.uri(account, secret, issuer=str(site.site_header))
    picture = totp.qr_svg(text, title=_("QR code for your authenticator app"))
    return _page(
        request,
        "admin/enrol.html",
        form=form,
        qr=mark_safe(picture),  # nosec B308 B703  # drawn by segno from our own text
        secret=" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        title=_("Set up the second step"),
    )


@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and go back to the sign-in page."""
    logout(request)
    return HttpResponseRedirect(reverse("admin:login"))


@require_POST
def keep_alive(request: HttpRequest) -> HttpResponse:
    """An officer who is still there; the middleware has already noted it."""
    return HttpResponse(status=204)


def preferences(request: HttpRequest) -> HttpResponse:
    """Language and time zone of the signed-in officer."""
    account = _half_signed_in(request)
    if account is None:
        return HttpResponseRedirect(reverse("admin:login"))
    form = PreferencesForm(
        request.POST or None,
        initial={"language": account.language, "time_zone": account.time_zone},
        languages=list(settings.LANGUAGES),
        zones=sorted(available_timezones()),
    )
    if request.method == "POST" and form.is_valid():
        Account.objects.filter(pk=account.pk).update(**form.cleaned_data)
        translation.activate(form.cleaned_data["language"])
        messages.success(request, _("Your preferences are saved."))
        return HttpResponseRedirect(reverse("admin:preferences"))
    return _page(request, "admin/preferences.html", form=form, title=_("Preferences"))


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Language of the sign-in pages, kept in a cookie; on the account once signed in."""
    code = request.POST.get("language", "")
    response = HttpResponseRedirect(_next(request))
    if code in dict(settings.LANGUAGES):
        secure = settings.SESSION_COOKIE_SECURE
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, code, secure=secure, httponly=True, samesite="Lax"
        )
        if isinstance(request.user, Account) and request.user.is_staff:
            Account.objects.filter(pk=request.user.pk).update(language=code)
    return response


class PasswordChange(auth_views.PasswordChangeView):
    """A new password; other sessions of the officer end by it."""

    template_name = "admin/password_change.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, note the day, tell the officer."""
        response = super().form_valid(form)
        account_actions.note_password_change(
            form.user, keep_session=self.request.session.session_key, now=timezone.now()
        )
        messages.success(self.request, _("Your password is changed."))
        return response

    def get_success_url(self) -> str:
        """Back to the first page."""
        return reverse("admin:index")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The frame of the office around the form."""
        return super().get_context_data(**site.each_context(self.request), **kwargs)


def session_is_complete(request: HttpRequest) -> bool:
    """Signed in as active staff and past the second factor."""
    return _half_signed_in(request) is not None and session.is_verified(request)


def _half_signed_in(request: HttpRequest) -> Account | None:
    account = request.user
    return account if isinstance(account, Account) and account.is_staff else None


def _check_password(
    request: HttpRequest, given: dict[str, str], *, now: datetime
) -> Account | None:
    """The account, or None: wrong, unknown, disabled or blocked. All cost one password hash."""
    address = client_address(request)
    known = _known_device(request, given["email"])
    keys = throttle.sign_in_keys(given["email"], address, known_device=known)
    blocked = throttle.blocked_until(keys, now=now)
    account = authenticate(request, email=given["email"], password=given["password"])
    if blocked is not None:
        return None
    if not isinstance(account, Account):
        throttle.failed(keys, now=now)
        return None
    throttle.succeeded(keys)
    return account


def _try_code(account: Account, code: str, *, now: datetime) -> bool:
    keys = throttle.second_factor_keys(account.username)
    if throttle.blocked_until(keys, now=now) is not None:
        return False
    if account_actions.pass_second_factor(account, code, now=now):
        throttle.succeeded(keys)
        return True
    throttle.failed(keys, now=now)
    return False


def _try_enrolment(account: Account, code: str, *, now: datetime) -> list[str] | None:
    keys = throttle.second_factor_keys(account.username)
    if throttle.blocked_until(keys, now=now) is not None:
        return None
    codes = account_actions.enrol_second_factor(account, code, now=now)
    if codes is None:
        throttle.failed(keys, now=now)
    return codes


def _let_in(request: HttpRequest, account: Account) -> HttpResponse:
    now = timezone.now()
    session.verified(request, now=now)
    account_actions.note_sign_in(account, now=now)
    return HttpResponseRedirect(_next(request))


def _refusal() -> str:
    return _("This code is not right, or it was used before. After five tries there is a wait.")


def _known_device(request: HttpRequest, email: str) -> bool:
    """Whether this browser signed in to this account before (a signed cookie says so)."""
    try:
        name = signing.loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_SALT, max_age=DEVICE_DAYS * 86_400
        )
    except signing.BadSignature:
        return False
    return Account.objects.filter(username=name, email=email.strip().lower()).exists()


def _remember_device(response: HttpResponse, account: Account) -> None:
    response.set_cookie(
        DEVICE_COOKIE,
        signing.dumps(account.username, salt=DEVICE_SALT),
        max_age=DEVICE_DAYS * 86_400,
        path=reverse("admin:login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _next(request: HttpRequest) -> str:
    """The page asked for before signing in, if it is one of ours; else the first page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if wanted and safe else reverse("admin:index")


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    frame = site.each_context(request) | {"next": _next(request)}
    return render(request, template, frame | context)

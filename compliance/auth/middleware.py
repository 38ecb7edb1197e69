"""Keeps the office shut to whoever has not passed the second factor, and ends old sessions."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone, translation

from compliance.auth import session
from compliance.models import Account

OPEN_TO_HALF_SIGNED_IN = (
    "admin:login",
    "admin:logout",
    "admin:verify",
    "admin:enrol",
    "admin:language",
)


class StaffSecondFactorMiddleware:
    """Signed-in staff see sign-in pages only until the session is verified (except in the demo)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or send to the second step first."""
        account = request.user
        if not (isinstance(account, Account) and account.is_staff):
            return self.get_response(request)
        if not session.touch(request, now=timezone.now()):
            return self.get_response(request)
        if not session.is_verified(request) and not _is_open(request.path):
            return _to_second_factor(request, account)
        return self._in_own_words(request, account)

    def _in_own_words(self, request: HttpRequest, account: Account) -> HttpResponse:
        """Answer in the officer's language (office pages only) and time zone."""
        if request.path.startswith(reverse("admin:index")):
            translation.activate(account.language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        with timezone.override(account.time_zone):
            return self.get_response(request)


def _is_open(path: str) -> bool:
    return path in {reverse(name) for name in OPEN_TO_HALF_SIGNED_IN}


def _to_second_factor(request: HttpRequest, account: Account) -> HttpResponse:
    page = "admin:verify" if account.totp_confirmed_at else "admin:enrol"
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse(page)}?{query}" if query else reverse(page))

"""What every answer carries and what none does: headers of our own, and no cookie that is not declared."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from compliance import own_cookies

log = logging.getLogger(__name__)

HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
    ),
}


class SecurityHeadersMiddleware:
    """Adds the headers above, and forbids storing what a signed-in person was shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers added."""
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if _is_personal(request, response):
            response.headers["Cache-Control"] = "no-store, private"
        return response


class DeclaredCookiesMiddleware:
    """Lets no cookie leave the house that is not declared; the log names what was stopped (X-ALL-11)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer without the cookies that nobody has declared."""
        response = self.get_response(request)
        for name in list(response.cookies):
            if not own_cookies.is_declared(name, request.path):
                del response.cookies[name]
                log.error("undeclared cookie stopped: %s", name)
        return response


def _is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """A session came with the request or a cookie leaves with the answer: for one person only.

    Files of the house are the same for everybody.
    """
    if request.path.startswith(settings.STATIC_URL) and response.status_code in (200, 206, 304):
        return False
    return settings.SESSION_COOKIE_NAME in request.COOKIES or bool(response.cookies)

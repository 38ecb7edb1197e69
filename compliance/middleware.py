"""Headers on every answer that Django and django-csp do not set themselves."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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


def _is_personal(request: HttpRequest, response: HttpResponse) -> bool:
    """A session came with the request or a cookie leaves with the answer: for one person only.

    Files of the house are the same for everybody.
    """
    if request.path.startswith(settings.STATIC_URL) and response.status_code in (200, 206, 304):
        return False
    return settings.SESSION_COOKIE_NAME in request.COOKIES or bool(response.cookies)

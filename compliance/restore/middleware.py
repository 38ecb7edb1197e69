"""While the application is closed after a restore, people get one calm page and nothing else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from compliance.restore import guard

OPEN_PATHS = ("/livez", "/readyz")
RETRY_AFTER = 600  # Seconds.


class RestoreGuardMiddleware:
    """Stands inside of headers and static files, outside of sessions and everything that reads about people."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 503 in the language of the visitor while closed."""
        if request.path in OPEN_PATHS or not guard.is_closed():
            return self.get_response(request)
        return _closed(request)


def _closed(request: HttpRequest) -> HttpResponse:
    language = translation.get_language_from_request(request, check_path=True)
    with translation.override(language):
        page = render_to_string("closed.html", {"language": language})
    headers = {
        "Retry-After": str(RETRY_AFTER),
        "Cache-Control": "no-store",
        "Content-Language": language,
    }
    return HttpResponse(page, status=503, headers=headers)

"""Who is asking: the signed-in person of a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from members import acting, sessions


class SubjectMiddleware:
    """Sets ``request.subject`` to the signed-in data subject or None. Stands after authentication."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Look the person up once per request."""
        subject = sessions.subject_of(request, now=timezone.now())
        if subject is not None and not acting.may_act(request, subject):
            sessions.sign_out(request)
            subject = None
        request.subject = subject  # type: ignore[attr-defined]
        return self.get_response(request)

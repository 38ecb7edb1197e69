"""The page behind List-Unsubscribe: GET shows one button, POST ends it; no cookie, no sign-in, no redirect."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from members import one_click
from members.actions import one_click as action
from members.views import pages


# A mail program posts here with neither a cookie nor a page of ours before it: the address is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, service: str, token: str) -> HttpResponse:
    """Ask once (GET), or end advertising on every channel (POST, RFC 8058); the same answer every time."""
    found = pages.live_service(service)
    message = one_click.message_of(found, token)
    if message is None:
        raise Http404
    if request.method == "POST":
        action.stop(message, now=timezone.now())
    done = request.method == "POST"
    return pages.show(request, "members/one_click.html", service=found, done=done)

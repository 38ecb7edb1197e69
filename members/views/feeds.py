"""What the company's own pages may read from here: the feeds of notices, and the script that shows the running ones.

Public, the same for everybody, without a cookie; the only answers that pages of other hosts may read.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from compliance.models import Service
from members import notice_feed
from members.views import pages

SCRIPT = settings.BASE_DIR / "static" / "embed" / "notices.js"
CACHED = "public, max-age=300"
FOR_EVERYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": CACHED,
}
Feed = Callable[[Service, str, datetime], bytes]


@require_safe
def notices_json(request: HttpRequest, service: str) -> HttpResponseBase:
    """The notices of a service as JSON Feed 1.1."""
    return _feed(request, service, notice_feed.as_json, "application/feed+json; charset=utf-8")


@require_safe
def notices_atom(request: HttpRequest, service: str) -> HttpResponseBase:
    """The notices of a service as an Atom feed."""
    return _feed(request, service, notice_feed.as_atom, "application/atom+xml; charset=utf-8")


@require_safe
def script(request: HttpRequest) -> HttpResponseBase:
    """The script that shows the running notices of a service on another page."""
    return _public(request, _script(), "text/javascript; charset=utf-8")


def _feed(request: HttpRequest, slug: str, feed: Feed, content_type: str) -> HttpResponseBase:
    service = pages.live_service(slug)
    body = feed(service, get_language() or "", timezone.now())
    return _public(request, body, content_type)


def _public(request: HttpRequest, body: bytes, content_type: str) -> HttpResponseBase:
    request.session.accessed = False  # Looked at on the way, but the answer is the same for all.
    etag = quote_etag(sha256(body).hexdigest())
    whole = HttpResponse(body, content_type=content_type, headers={"ETag": etag})
    response = get_conditional_response(request, etag=etag, response=whole) or whole
    for name, value in FOR_EVERYBODY.items():  # A “304” without them could not be read elsewhere.
        response.headers[name] = value
    return response


@lru_cache(1)
def _script() -> bytes:
    return SCRIPT.read_bytes()

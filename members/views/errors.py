"""Pages for what went wrong, in the words and the look of the house."""

import logging
import secrets
import sys
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import timezone

from compliance.keyring.key_files import KeyringRefused
from members.views import pages

log = logging.getLogger(__name__)
AWAY = (OperationalError, InterfaceError, KeyringRefused)
PLAIN = "Something went wrong here. Reference: {}"


def too_many(request: HttpRequest, *, service: Any = None, until: datetime) -> HttpResponse:
    """Say until when no more tries are taken (429)."""
    response = pages.show(request, "429.html", status=429, service=service, until=until)
    response.headers["Retry-After"] = str(seconds_until(until))
    return response


def seconds_until(until: datetime) -> int:
    """Return how long a caller has to wait, one second at least."""
    return max(int((until - timezone.now()).total_seconds()), 1)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, or 503 while a database or the key is away, with a reference that the log shows as well.

    Touches neither database nor session: they may be what is broken.
    """
    reference = secrets.token_hex(4)
    error = sys.exc_info()[0]
    log.error(
        "error %s: %s", reference, error.__name__ if error else "unknown", exc_info=settings.DEBUG
    )
    status = 503 if error and issubclass(error, AWAY) else 500
    return HttpResponse(_page(status, reference), status=status)


def _page(status: int, reference: str) -> str:
    try:
        return loader.render_to_string(f"{status}.html", {"reference": reference})
    except Exception:  # Whatever the template met, the answer must arrive.
        return PLAIN.format(reference)

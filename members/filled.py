"""What somebody had filled in when their session ended, carried by their own browser and kept nowhere else.

Signed, so that nobody else can make such a form; good for an hour and for the page it was sent to.
"""

import zlib
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict

NAME, SALT, LIFE = "filled", "members.filled", 60 * 60
MOST = 20_000
# Pages that show a form again as typed, without doing anything, when they are sent a choice of language.
PAGES = frozenset({"change", "dispute", "request"})
NEVER = frozenset(
    {"csrfmiddlewaretoken", "current", "password", "code", "way", "switch_language", NAME}
)


@dataclass(frozen=True)
class Filled:
    """The page and the fields that it was sent."""

    page: str
    fields: list[tuple[str, str]]


def pack(request: HttpRequest) -> str:
    """Return what was sent to one of these pages as one signed value, empty where there is nothing to carry."""
    match = request.resolver_match
    if request.method != "POST" or match is None or match.url_name not in PAGES:
        return ""
    fields = [(name, value) for name, value in _pairs(request.POST) if name not in NEVER]
    packed = signing.dumps([request.path, fields], salt=SALT, compress=True)
    return packed if fields and len(packed) <= MOST else ""


def read(request: HttpRequest) -> Filled | None:
    """Return what this request carries from before, or None; an altered or old value counts for nothing."""
    try:
        page, fields = signing.loads(request.POST.get(NAME, ""), salt=SALT, max_age=LIFE)
    except (signing.BadSignature, zlib.error):
        return None
    return Filled(page, [(name, value) for name, value in fields])


def passed_on(request: HttpRequest) -> str:
    """Return the value itself for the next form on the way, empty where it counts for nothing."""
    return request.POST[NAME] if request.method == "POST" and read(request) else ""


def _pairs(sent: QueryDict) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in sent.lists() for value in values]

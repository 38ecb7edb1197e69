"""The cookies that this software sets, all of them, from one list: what is not here cannot be set (X-ALL-11).

All of them are needed for what a person asked for, and hold a random identifier or an answer, never anything
about a person (X-ENG-2). Those of the people's pages end with the browser or with signing out (MIK-15.4).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

CHOICE = "choice-"
OFFICE = frozenset({"office-device", settings.LANGUAGE_COOKIE_NAME})


@dataclass(frozen=True)
class OwnCookie:
    """One cookie as the people's pages declare it."""

    name: str
    purpose: Any


def choice_name(slug: str) -> str:
    """Return the name of the cookie that holds a visitor's answer for one service."""
    return f"{'__Host-' if settings.SESSION_COOKIE_SECURE else ''}{CHOICE}{slug}"


def of_people(slug: str) -> Iterator[OwnCookie]:
    """Yield the cookies that the people's pages of a service may set."""
    yield OwnCookie(
        settings.SESSION_COOKIE_NAME,
        _("Keeps you signed in, and remembers which code you were sent. A random number."),
    )
    yield OwnCookie(
        settings.CSRF_COOKIE_NAME,
        _("Makes sure that a form sent to us comes from our own page. A random number."),
    )
    yield OwnCookie(
        choice_name(slug),
        _("Holds your answer about cookies, so that you are not asked on every page."),
    )


def is_declared(name: str, path: str) -> bool:
    """Answer whether a cookie may leave with an answer to this path."""
    if name in {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}:
        return True
    if path.startswith(reverse("admin:index")):
        return name in OFFICE
    return name.startswith(choice_name(""))

"""The menu of the office, in the officer's words: sections, and pages that belong to no model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

SECTIONS: dict[str, Any] = {
    "today": _("Today"),
    "requests": _("Requests"),
    "people": _("People"),
    "consent": _("Consent"),
    "policies": _("Policies and notices"),
    "third_parties": _("Third parties"),
    "retention": _("Retention"),
    "oversight": _("Oversight"),
    "system": _("System"),
}


@dataclass(frozen=True)
class Page:
    """A page of the office that belongs to no model.

    `route` is relative to the office, `name` its URL name in the namespace `admin`,
    `permission` who may open it; without a `section` it has an address but no menu entry.
    """

    route: str
    view: Callable[..., HttpResponse]
    name: str
    permission: str
    section: str | None = None
    label: Any = ""
    order: int = 50


@dataclass(frozen=True)
class Entry:
    """One line of the menu, ready to print."""

    label: Any
    url: str
    is_current: bool
    order: int = 50


_pages: dict[str, Page] = {}


def register_page(page: Page) -> None:
    """Add a page; call it from an admin module, before the URLs are read. Raises KeyError for
    an unknown section."""
    if page.section is not None:
        SECTIONS[page.section]
    _pages[page.name] = page


def pages() -> list[Page]:
    """All registered pages."""
    return list(_pages.values())

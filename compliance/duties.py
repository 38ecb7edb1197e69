"""Registry of duties: what is due, by when, and where to click.

Each app registers its sources in `AppConfig.ready()`; the first page of the office asks them all.

    duties.register("members.requests", due_requests)

    def due_requests(services: QuerySet[Service], now: datetime) -> list[Duty]:
        ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.models import Service

SEVERITIES = ("overdue", "soon", "open", "note")


@dataclass(frozen=True)
class Duty:
    """One thing to do. `title` is translated and holds no personal data.

    `url_name` with `url_args` and `query` is where to click; `count` counts what waits there;
    `severity` is one of SEVERITIES; `permission` is who is told (None: everybody).
    Example: Duty(_("Copy requests"), due_at, "admin:members_rightsrequest_changelist", 3, "soon").
    """

    title: Any
    due_at: datetime | None
    url_name: str
    count: int = 1
    severity: str = "open"
    url_args: tuple[Any, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    permission: str | None = None


Source = Callable[["QuerySet[Service]", datetime], list[Duty]]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Add a source; a name registered twice replaces the first, so that reloads do no harm."""
    _sources[name] = source


def unregister(name: str) -> None:
    """Remove a source; unknown names are ignored."""
    _sources.pop(name, None)


def due(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """All duties for some services: overdue first, then by due moment (aware UTC), undated last."""
    found = [duty for source in _sources.values() for duty in source(services, now)]
    return sorted(found, key=lambda duty: _order(duty, now))


def _order(duty: Duty, now: datetime) -> tuple[int, bool, datetime]:
    return SEVERITIES.index(duty.severity), duty.due_at is None, duty.due_at or now

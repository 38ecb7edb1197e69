"""The figures and lists of the first page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from compliance import duties
from compliance.admin import history
from compliance.duties import Duty
from compliance.models import Account, Slot
from compliance.roles import may, services_of

SILENCE = timedelta(minutes=5)
HORIZON = timedelta(days=60)
LIST_LENGTH = 10
SHAPES = {"overdue": "bad", "soon": "risk", "open": "wait", "note": "quiet"}


@dataclass(frozen=True)
class Item:
    """One duty ready to print."""

    title: Any
    url: str
    count: int
    due_at: datetime | None
    service: str
    kind: str
    words: str


def overview(account: Account, *, now: datetime) -> dict[str, Any]:
    """Everything the first page shows to one officer."""
    services = services_of(account)
    items = [
        _item(duty)
        for duty in duties.due(services, now)
        if duty.permission is None or may(account, duty.permission)
    ]
    slugs = list(services.values_list("slug", flat=True))
    return {
        "tiles": _tiles(items),
        "queue": [item for item in items if item.kind in ("bad", "risk", "wait")][:LIST_LENGTH],
        "coming": _coming(items, now)[:LIST_LENGTH],
        "activity": history.recent(slugs) if may(account, "ledger.view") else None,
        "worker_silent_since": worker_silent_since(now=now),
        "as_of": now,
    }


def worker_silent_since(*, now: datetime) -> datetime | bool | None:
    """None while the worker is heard; else its last sign of life, or True if there was none."""
    last: datetime | None = Slot.objects.aggregate(last=Max("started_at"))["last"]
    if last is None:
        return True
    return last if now - last > SILENCE else None


def _tiles(items: list[Item]) -> list[dict[str, Any]]:
    """Three numbers: overdue, due soon, open. Each leads to what it counts: one place, or the list below."""
    places = {kind: {item.url for item in items if item.kind == kind} for kind in SHAPES.values()}
    words = {"bad": _("Overdue"), "risk": _("Due soon"), "wait": _("Open")}
    return [
        {
            "kind": kind,
            "label": label,
            "count": sum(item.count for item in items if item.kind == kind),
            "url": places[kind].pop() if len(places[kind]) == 1 else "#queue",
        }
        for kind, label in words.items()
    ]


def _coming(items: list[Item], now: datetime) -> list[Item]:
    dated = [item for item in items if item.due_at and now <= item.due_at <= now + HORIZON]
    return sorted(dated, key=lambda item: item.due_at or now)


def _item(duty: Duty) -> Item:
    url = reverse(duty.url_name, args=duty.url_args)
    words = {
        "overdue": _("Overdue"),
        "soon": _("Due soon"),
        "open": _("Open"),
        "note": _("For information"),
    }
    return Item(
        title=duty.title,
        url=f"{url}?{urlencode(duty.query)}" if duty.query else url,
        count=duty.count,
        due_at=duty.due_at,
        service=duty.service,
        kind=SHAPES[duty.severity],
        words=words[duty.severity],
    )

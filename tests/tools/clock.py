"""Let days pass: run the timetable at given moments, as beat would, without waiting."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

import time_machine

from compliance import sweeps
from compliance.schedule import TIMETABLE

DAY = timedelta(days=1)


def run_at(at: datetime, entries: Iterable[str] | None = None) -> dict[str, Any]:
    """Run every entry of the timetable (or the named ones) at one moment; return the reports by name."""
    names = list(entries) if entries is not None else [entry.name for entry in TIMETABLE]
    with time_machine.travel(at, tick=True):
        return {name: sweeps.run(name, at) for name in names}


def run_days(
    first: datetime, days: int, *, step: timedelta = DAY, entries: Iterable[str] | None = None
) -> list[tuple[datetime, dict[str, Any]]]:
    """Run the timetable from ``first`` for a number of days, once a ``step``; return what each run reported."""
    names = list(entries) if entries is not None else None
    return [(at, run_at(at, names)) for at in moments(first, days, step)]


def moments(first: datetime, days: int, step: timedelta) -> Iterator[datetime]:
    """Yield ``first`` and every later moment before ``first + days``."""
    at = first
    while at < first + DAY * days:
        yield at
        at += step

"""Rehearse the retention part of the timetable at any moment: every entry as a dry run, nothing can be written.

A dry run speaks by the data of today, as if nothing had run until then: what is due piles up. What falls on the day
alone, if everything before runs as planned, is what the same dry run says less what it says for the day before.
Whoever has not been told of dormancy yet is not counted: nobody can know today whether the notice reaches them.
"""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import DatabaseError, connections

from compliance import sweeps
from compliance.databases import read_only
from compliance.schedule import TIMETABLE, Entry
from compliance.sweeps import Report

QUEUE = "retention"
PILES_UP = frozenset(
    {
        "retention.destroy",
        "retention.release_holds",
        "dormancy.notify",
        "dormancy.move",
        "dormancy.end",
    }
)
ONE_DAY = timedelta(days=1)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rehearsed:
    """An entry with what it would do; without a report it wanted to write or failed, and was stopped.

    `before` is the report for the day before, of entries whose work piles up day by day.
    """

    entry: Entry
    report: Report | None
    before: Report | None = None

    @property
    def on_the_day(self) -> int | None:
        """What falls due on the day alone, postponed or not; None where work does not pile up."""
        if self.report is None or self.before is None:
            return None
        return _due(self.report) - _due(self.before)


def rehearse(at: datetime) -> list[Rehearsed]:
    """Return what each retention entry would do at a moment (UTC), past or future, by the data of today."""
    return [rehearse_one(one, at) for one in TIMETABLE if one.queue == QUEUE or _tells(one)]


def rehearse_one(entry: Entry, at: datetime) -> Rehearsed:
    """Return the same of a single entry."""
    before = _dry_run(entry, at - ONE_DAY) if entry.name in PILES_UP else None
    return Rehearsed(entry, _dry_run(entry, at), before)


def _due(report: Report) -> int:
    return report.done + sum(report.skipped.values())


def _tells(entry: Entry) -> bool:
    return entry.name.startswith("dormancy.")


def _dry_run(entry: Entry, at: datetime) -> Report | None:
    with ExitStack() as closed:
        for alias in connections:
            closed.enter_context(read_only(alias))
        try:
            return sweeps.run(entry.name, at, dry_run=True)
        except DatabaseError as error:
            log.warning("rehearsal of %s was stopped: %s", entry.name, type(error).__name__)
            return None

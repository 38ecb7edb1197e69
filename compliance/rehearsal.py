"""Rehearse the retention part of the timetable at any moment: every entry as a dry run, nothing can be written."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connections

from compliance import sweeps
from compliance.databases import read_only
from compliance.schedule import TIMETABLE, Entry
from compliance.sweeps import Report

QUEUE = "retention"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rehearsed:
    """An entry with what it would do; without a report it wanted to write or failed, and was stopped."""

    entry: Entry
    report: Report | None


def rehearse(at: datetime) -> list[Rehearsed]:
    """Return what each retention entry would do at a moment (UTC), past or future, by the data of today."""
    return [
        Rehearsed(one, _dry_run(one, at)) for one in TIMETABLE if one.queue == QUEUE or _tells(one)
    ]


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

"""Run one entry of the timetable: the same function for beat, for the command line and for tests."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from compliance.models import Slot
from compliance.schedule import BY_NAME, TIMETABLE, Entry, turn_of


@dataclass
class Report:
    """What a sweep did: rows done, rows skipped by reason code."""

    done: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def skip(self, reason: str, count: int = 1) -> None:
        """Count rows that were left alone, with the reason."""
        self.skipped[reason] = self.skipped.get(reason, 0) + count

    def add(self, other: "Report") -> None:
        """Add the figures of another report."""
        self.done += other.done
        for reason, count in other.skipped.items():
            self.skip(reason, count)


def run(name: str, at: datetime, *, dry_run: bool = False) -> Report:
    """Run the function of an entry for a moment. Raises ``KeyError`` for an unknown entry."""
    report: Report = import_string(BY_NAME[name].run)(at, dry_run=dry_run)
    return report


def take_turns(now: datetime) -> list[tuple[Entry, Slot]]:
    """Write the turn of every due entry; a second beat finds them taken and gets none."""
    taken = []
    for entry in TIMETABLE:
        slot = _take(entry, now)
        if slot:
            taken.append((entry, slot))
    return taken


def _take(entry: Entry, now: datetime) -> Slot | None:
    turn = turn_of(entry, now)
    if Slot.objects.filter(entry=entry.name, slot_at=turn).exists():
        return None
    try:
        with transaction.atomic():
            return Slot.objects.create(entry=entry.name, slot_at=turn, started_at=now)
    except IntegrityError:
        return None


def finish(slot: Slot, report: Report, at: datetime) -> None:
    """Note on a turn what it did."""
    slot.finished_at, slot.done, slot.skipped = at, report.done, report.skipped
    slot.save(update_fields=["finished_at", "done", "skipped"])


def forget_turns(before: datetime) -> None:
    """Drop the rows of turns that started before a moment."""
    Slot.objects.filter(slot_at__lt=before).delete()

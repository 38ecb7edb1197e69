"""``manage.py rehearse --at 2027-03-01``: what the retention sweeps would do then; nothing is written."""

import json
from argparse import ArgumentParser
from datetime import UTC, datetime, time
from typing import Any

from compliance.rehearsal import Rehearsed, rehearse
from compliance.restore.commands import OpenCommand


class Command(OpenCommand):
    """A day without a time means noon UTC, when it is that day nearly everywhere."""

    help = "Run every retention entry of the timetable as a dry run at a moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the moment and the format."""
        parser.add_argument("--at", required=True, type=moment, help="2027-03-01, or with a time")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per entry and reason."""
        found = rehearse(options["at"])
        if options["format"] == "json":
            self.stdout.write(json.dumps([_figures(one) for one in found]))
            return
        self.stdout.write(f"At {options['at'].isoformat()}, if nothing changes until then:")
        for one in found:
            self._line(one)

    def _line(self, one: Rehearsed) -> None:
        if one.report is None:
            self.stdout.write(f"{one.entry.name:28} could not be rehearsed, see the log")
            return
        on_the_day = "" if one.on_the_day is None else f", {one.on_the_day} of it due on that day"
        self.stdout.write(f"{one.entry.name:28} {one.report.done} would be done{on_the_day}")
        for reason, count in sorted(one.report.skipped.items()):
            self.stdout.write(f"{'':28} {count} left alone: {reason}")


def moment(text: str) -> datetime:
    """Read a moment; a bare day is noon UTC. Example: ``2027-03-01``."""
    found = datetime.fromisoformat(text)
    if len(text) <= len("2027-03-01"):
        return datetime.combine(found.date(), time(12), tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _figures(one: Rehearsed) -> dict[str, Any]:
    report = one.report
    return {
        "entry": one.entry.name,
        "done": report.done if report else None,
        "on_the_day": one.on_the_day,
        "skipped": report.skipped if report else {},
    }

"""``manage.py sweep ENTRY``: run one entry of the timetable by hand, now or for another moment."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from compliance import sweeps
from compliance.restore.commands import OpenCommand
from compliance.schedule import BY_NAME, TIMETABLE


class Command(OpenCommand):
    """Same function as the worker runs; safe to repeat."""

    help = "Run one entry of the timetable: " + ", ".join(BY_NAME)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the entry, the moment, the dry run and the format."""
        parser.add_argument(
            "entry", nargs="?", help="entry of the timetable; without one the list is shown"
        )
        parser.add_argument(
            "--at", type=_moment, help="moment with offset, e.g. 2026-12-01T00:00+09:00"
        )
        parser.add_argument("--dry-run", action="store_true", help="count only, change nothing")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run and print what was done and what was left alone."""
        if not options["entry"]:
            self._list()
            return
        if options["entry"] not in BY_NAME:
            raise CommandError(
                f"There is no entry {options['entry']!r}. Known: {', '.join(BY_NAME)}"
            )
        at = options["at"] or timezone.now()
        report = sweeps.run(options["entry"], at, dry_run=options["dry_run"])
        self._print(options, at, report)

    def _list(self) -> None:
        for entry in TIMETABLE:
            self.stdout.write(f"{entry.name:28} every {entry.every}  queue {entry.queue}")

    def _print(self, options: dict[str, Any], at: datetime, report: sweeps.Report) -> None:
        if options["format"] == "json":
            figures = {
                "entry": options["entry"],
                "at": at.isoformat(),
                "done": report.done,
                "skipped": report.skipped,
            }
            self.stdout.write(json.dumps(figures))
            return
        self.stdout.write(f"{options['entry']} at {at.isoformat()}: {report.done} done")
        for reason, count in sorted(report.skipped.items()):
            self.stdout.write(f"  {count} left alone: {reason}")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else timezone.make_aware(moment)

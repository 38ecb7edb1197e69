"""``manage.py restore status|replay``: was a database put back from a backup, and what follows."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.restore import replays
from compliance.restore.findings import Finding
from compliance.restore.state import findings


class Command(BaseCommand):
    """Ends with 1 when a database or the tail is older than the others say, or a step is refused."""

    help = "Say which database was put back from a backup, and repeat what it does not know."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do and how to print it."""
        steps = parser.add_subparsers(dest="action", required=True)
        status = steps.add_parser("status", help="compare ledger, tail and marks; changes nothing")
        status.add_argument("--json", action="store_true")
        replay = steps.add_parser("replay", help="repeat what the restored database does not know")
        replay.add_argument("--dry-run", action="store_true", help="count only, change nothing")
        replay.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one step."""
        getattr(self, f"_{options['action']}")(options)

    def _status(self, options: dict[str, Any]) -> None:
        found = findings()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found]))
        for one in [] if options["json"] else found:
            self._say(one)
        if found:
            raise CommandError(
                _("Restored from a backup. Stop the application; see docs/restore.md.")
            )
        if not options["json"]:
            self.stdout.write(_("No database was put back: ledger, tail and marks agree."))

    def _replay(self, options: dict[str, Any]) -> None:
        found = findings()
        if not found:
            raise CommandError(_("No database was put back: there is nothing to repeat."))
        try:
            report = replays.run(found, now=timezone.now(), dry_run=options["dry_run"])
        except replays.NoReplay as error:
            raise CommandError(_("This installation has no replay. Keep it closed.")) from error
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report)))
            return
        for one in found:
            self._say(one)
        for code, count in report.counts.items():
            self.stdout.write(_("%(count)d × %(code)s") % {"count": count, "code": code})
        for code, count in report.left.items():
            self.stdout.write(
                _("%(count)d × %(code)s left for a person") % {"count": count, "code": code}
            )

    def _say(self, one: Finding) -> None:
        self.stdout.write(
            _("%(name)s: %(why)s, knows ledger number %(knows)d, expected %(expected)d.")
            % asdict(one)
        )

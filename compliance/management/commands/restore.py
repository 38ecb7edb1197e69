"""``manage.py restore status``: was a database put back from a backup?"""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from compliance.restore.state import findings


class Command(BaseCommand):
    """Reads only. Ends with 1 when a database or the tail is older than the others say."""

    help = "Say which database was put back from a backup, compared with the tail and the marks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take what to do and how to print it."""
        parser.add_argument("action", choices=["status"])
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line for each finding."""
        found = findings()
        if options["json"]:
            self.stdout.write(json.dumps([asdict(one) for one in found]))
        for one in [] if options["json"] else found:
            self.stdout.write(
                _("%(name)s: %(why)s, knows ledger number %(knows)d, expected %(expected)d.")
                % asdict(one)
            )
        if found:
            raise CommandError(
                _("Restored from a backup. Stop the application; see docs/restore.md.")
            )
        if not options["json"]:
            self.stdout.write(_("No database was put back: ledger, tail and marks agree."))

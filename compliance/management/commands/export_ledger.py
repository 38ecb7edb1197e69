"""``manage.py export_ledger FILE``: write the ledger for the stand-alone verifier."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from compliance import ledger
from compliance.ledger_verifier import canonical
from compliance.restore.commands import OpenCommand


class Command(OpenCommand):
    """One JSON object per line; check it with ``python compliance/ledger_verifier.py FILE``."""

    help = "Write the ledger, one JSON object per line, for compliance/ledger_verifier.py."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file to write."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write every entry as stored, altered ones too."""
        count = 0
        with options["file"].open("w", encoding="ascii") as out:
            for row in ledger.rows():
                out.write(canonical(row) + "\n")
                count += 1
        self.stdout.write(f"{count} entries written to {options['file']}.")

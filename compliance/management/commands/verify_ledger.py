"""``manage.py verify_ledger``: check the hash chain and name the first altered entry."""

import argparse
import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from compliance import ledger
from compliance.ledger_verifier import parse_head


def _head(text: str) -> tuple[int, str]:
    try:
        return parse_head(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


class Command(BaseCommand):
    """Exit code 0: whole; 1: altered, and the first altered entry is named."""

    help = "Check the hash chain of the ledger and name the first altered entry."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where to start, a head known from outside, and the output format."""
        parser.add_argument("--start", type=int, default=1, help="first entry to check")
        parser.add_argument("--head", type=_head, help="SEQ:HASH of an entry known from outside")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, print the outcome, and end with 1 if anything was altered."""
        result = ledger.verify(options["start"], head=options["head"])
        if options["format"] == "json":
            self.stdout.write(json.dumps(asdict(result)))
        elif result.ok:
            self.stdout.write(f"{result.checked} entries checked; the ledger is whole.")
            self.stdout.write(f"Head: {options['start'] - 1 + result.checked}:{result.head_hash}")
        else:
            self.stdout.write(
                f"The ledger is ALTERED at entry {result.first_bad_seq} ({result.reason})."
            )
        if not result.ok:
            raise SystemExit(1)

"""``manage.py verify_ledger``: check the hash chain and name the first altered entry."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser

from compliance import ledger, tail_check
from compliance.ledger_verifier import parse_head, verify_checkpoint


def _head(text: str) -> tuple[int, str]:
    try:
        return parse_head(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


class Command(BaseCommand):
    """Exit code 0: whole; 1: altered, and the first altered entry is named."""

    help = "Check the hash chain of the ledger and name the first altered entry."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take where to start, what is known from outside, and the output format."""
        parser.add_argument("--start", type=int, default=1, help="first entry to check")
        parser.add_argument("--head", type=_head, help="SEQ:HASH of an entry known from outside")
        parser.add_argument("--checkpoint", help="file with a signed checkpoint from outside")
        parser.add_argument("--public-key", help="file with the public key of the checkpoint")
        parser.add_argument("--tail", action="store_true", help="compare with the tail as well")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, print the outcome, and end with 1 if anything was altered."""
        result = ledger.verify(options["start"], head=self._known_head(options))
        if options["format"] == "json":
            self.stdout.write(json.dumps(asdict(result)))
        elif result.ok:
            self.stdout.write(f"{result.checked} entries checked; the ledger is whole.")
            self.stdout.write(f"Head: {options['start'] - 1 + result.checked}:{result.head_hash}")
        else:
            self.stdout.write(
                f"The ledger is ALTERED at entry {result.first_bad_seq} ({result.reason})."
            )
        is_ok = self._tail_is_ok(options["format"]) if options["tail"] else True
        if not (result.ok and is_ok):
            raise SystemExit(1)

    def _known_head(self, options: dict[str, Any]) -> tuple[int, str] | None:
        if not options["checkpoint"]:
            head: tuple[int, str] | None = options["head"]
            return head
        if not options["public_key"]:
            self._refuse("--checkpoint needs --public-key, the file with the public key")
        try:
            texts = [
                Path(options[name]).read_bytes().decode("ascii")
                for name in ("checkpoint", "public_key")
            ]
            return verify_checkpoint(*texts)
        except (ValueError, OSError) as error:
            self._refuse(f"The checkpoint is REFUSED: {error}")

    def _refuse(self, reason: str) -> NoReturn:
        self.stdout.write(reason)
        raise SystemExit(1)

    def _tail_is_ok(self, output: str) -> bool:
        result = tail_check.verify()
        if output == "json":
            self.stdout.write(json.dumps(asdict(result)))
        elif result.ok:
            self.stdout.write(
                f"{result.lines} lines of the tail checked; "
                f"{result.entries} entries are the same in the ledger."
            )
        elif result.reason == "line":
            self.stdout.write(f"The tail itself is ALTERED at {result.place}.")
        elif result.reason == "tail-entry":
            self.stdout.write(f"The tail itself is ALTERED at entry {result.place}.")
        elif result.reason == "shortened":
            self.stdout.write(
                f"The ledger is SHORTENED: the tail goes on with entry {result.place}."
            )
        else:
            self.stdout.write(f"The ledger is ALTERED at entry {result.place} (tail).")
        if result.only_here and output == "text":
            self.stdout.write(
                f"{result.only_here} entries live only in the tail, the oldest of {result.only_here_since}: "
                "a database was put back and signed off. Keep the tail; they are the only proof."
            )
        return result.ok

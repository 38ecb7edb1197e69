"""``manage.py verify_receipt FILE``: accept a signed consent receipt, or refuse it with the reason."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance import signing
from members import receipt_proof

LARGEST = 5 * 1024 * 1024
REASONS = {
    "no_json": "the file is not JSON",
    "no_receipt": "the file holds no consent receipt",
    "no_signature": "the receipt is not signed",
    "other_key": "the receipt is signed with another key",
    "wrong_signature": "the signature is wrong: the receipt was altered",
}


class Command(BaseCommand):
    """Reads the file and the public key, and no database."""

    help = "Check the signature of a consent receipt. Without --public-key the key of this installation counts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and the key of another installation or an older one."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--public-key", default="", help="64 hex digits")
        parser.add_argument(
            "--show-key", action="store_true", help="print the public key that was used"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print who issued what and when, or fail with the reason."""
        key = _key(options["public_key"])
        if options["show_key"]:
            self.stdout.write(f"Public key: {key}")
        try:
            receipt = receipt_proof.verified(_text(options["file"]), key)
        except receipt_proof.Refused as refused:
            raise CommandError(f"Refused: {REASONS[str(refused)]}.") from None
        answers = len(receipt.get("dpv:hasProcess", []))
        self.stdout.write(
            f"Accepted: {receipt['receipt_id']}, issued {receipt.get('issued_at')}, {answers} answers."
        )


def _key(given: str) -> str:
    try:
        text = given or signing.public_file().read_text(encoding="ascii").strip()
        if len(bytes.fromhex(text)) != 32:
            raise ValueError
    except OSError:
        raise CommandError("This installation has no key yet; name one by --public-key.") from None
    except ValueError:
        raise CommandError("A public key has 64 hex digits.") from None
    return text


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise CommandError("Refused: the file is too large for a receipt.")
        return file.read_text(encoding="utf-8")
    except OSError:
        raise CommandError(f"{file} cannot be read.") from None
    except UnicodeDecodeError:
        raise CommandError("Refused: the file is not JSON.") from None

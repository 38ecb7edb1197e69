"""``manage.py keyring``: the recovery key, copies of the keyring, and the way back."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.keyring import backup, recovery
from compliance.keyring.key_files import KeyringRefused


class Command(BaseCommand):
    """Nothing here asks for the keys to be there: that is what it is for."""

    help = "Make the recovery key, copy the keyring, or bring lost key files back (docs/keys.md)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add one sub-command for each job."""
        jobs = parser.add_subparsers(dest="job", required=True)
        pair = jobs.add_parser("recovery_key", help="make the offline recovery key, once")
        pair.add_argument("private_file", type=Path, help="new file for you to take away")
        copy = jobs.add_parser("backup", help="copy the keyring database and open the copy")
        copy.add_argument("target", type=Path, help="a new file, or a folder")
        back = jobs.add_parser("recover", help="write lost key files from a recovery copy")
        back.add_argument("copy", type=Path, help="recovery.sealed from one of RECOVERY_DIRS")
        back.add_argument("private_file", type=Path, help="the file that you took away")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the job and say what was done."""
        try:
            getattr(self, options["job"])(options)
        except (
            backup.BackupRefused,
            recovery.RecoveryRefused,
            KeyringRefused,
            FileNotFoundError,
        ) as refusal:
            raise CommandError(str(refusal)) from None

    def recovery_key(self, options: dict[str, Any]) -> None:
        """Write the pair."""
        file = options["private_file"]
        recovery.make_pair(file)
        self.stdout.write(
            f"Made {file}. Take it away from this machine now and keep it off line in two places; "
            "it opens the recovery copies and is not stored here."
        )
        if not recovery.is_set_up():
            self.stdout.write("Next: set RECOVERY_DIRS, so that copies are written.")

    def backup(self, options: dict[str, Any]) -> None:
        """Write a copy."""
        file, opened = backup.write(options["target"], now=timezone.now())
        self.stdout.write(f"Wrote {file}; all {opened} wrapped keys in it open.")

    def recover(self, options: dict[str, Any]) -> None:
        """Write what is missing."""
        written = recovery.put_back(
            options["copy"].read_bytes(), options["private_file"].read_bytes()
        )
        if not written:
            self.stdout.write("All key files are there already; nothing was changed.")
        for number in written:
            self.stdout.write(f"Put back the key of epoch {number}.")

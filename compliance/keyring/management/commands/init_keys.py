"""``manage.py init_keys``: make the first key-encryption key of a new installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.keyring import epochs, kek, key_files


class Command(BaseCommand):
    """Write the first key and its epoch; safe to repeat, never replaces a key."""

    help = "Make the first key-encryption key of a new installation; safe to repeat, never replaces a key."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing and say what was done."""
        try:
            wrote_key, _ = kek.ensure_first()
        except kek.KeyringRefused as refusal:
            raise CommandError(str(refusal)) from None
        if wrote_key:
            self.stdout.write(
                f"Made {key_files.path(key_files.FIRST)}. Keep it out of every backup of the databases."
            )
        else:
            self.stdout.write("The key is already there.")
        if not epochs.table_exists():
            self.stdout.write("Next: manage.py migrate --database keyring")

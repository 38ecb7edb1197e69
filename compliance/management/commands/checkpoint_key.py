"""``manage.py checkpoint_key``: make the key that signs checkpoints of the ledger, and show its public half."""

from typing import Any

from django.core.management.base import BaseCommand

from compliance import signing


class Command(BaseCommand):
    """An existing key always stays; the private key is never shown."""

    help = "Make the key that signs checkpoints of the ledger, and print its public key."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key unless there is one and print what a verifier needs."""
        made = signing.ensure_key()
        self.stdout.write("A new key was written." if made else "The key is there already.")
        self.stdout.write(f"Public key: {signing.public_key()}")
        self.stdout.write(f"Fingerprint: {signing.fingerprint()}")
        self.stdout.write(f"Keep a copy of {signing.public_file()} outside of this machine.")

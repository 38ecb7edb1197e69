"""The front door of the keyring: refuse to start without the right key, and make the first one."""

from typing import Any

from compliance.keyring import epochs, key_files, secrets
from compliance.keyring.key_files import KeyringRefused as KeyringRefused


def require() -> None:
    """End the process with one readable sentence unless the keys are here and fit the keyring.

    Servers and workers call this at their start; ``SystemExit`` because Celery swallows mere exceptions.
    """
    try:
        epochs.inspect()
    except KeyringRefused as refusal:
        raise SystemExit(str(refusal)) from None


def ensure_first() -> tuple[bool, bool]:
    """Create what a new installation lacks and return (key file written, epoch row written).

    Idempotent, and safe before the first migration: the row then follows with the migration. Never makes a new
    key for a keyring that was written with another one.
    """
    there = epochs.table_exists()
    if there and epochs.any_written():
        epochs.inspect()
        return False, False
    wrote = not key_files.environment_key() and key_files.create_file(key_files.FIRST)
    return wrote, there and epochs.write(key_files.FIRST)


def after_migrate(*, using: str, **_: Any) -> None:
    """Write the row of the first epoch once its key and its table exist (after migrate, after a test flush)."""
    if using != epochs.DATABASE:
        return
    secrets.forget()
    if (
        key_files.epochs() == [key_files.FIRST]
        and epochs.table_exists()
        and not epochs.any_written()
    ):
        epochs.write(key_files.FIRST)


def available() -> bool:
    """Say whether the keys are here and fit the keyring, for the health page."""
    try:
        epochs.inspect()
    except KeyringRefused:
        return False
    return True

"""The front door of the keyring: refuse to start without the right key, and make the first one."""

from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connections

from compliance.keyring import epochs, key_files, secrets
from compliance.keyring.key_files import KeyringRefused as KeyringRefused

# Both name a person by a pseudonym, whose key lies in the keyring.
TRACES = (("LedgerEntry", {"subject_key": ""}), ("Certificate", {"subject_key": ""}))


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
    _refuse_beside_sealed_data()
    wrote = not key_files.environment_key() and key_files.create_file(key_files.FIRST)
    return wrote, there and epochs.write(key_files.FIRST)


def after_migrate(*, using: str, **_: Any) -> None:
    """Write the row of the first epoch once its key and its table exist (after migrate, after a test flush).

    A keyring that was lost is not made anew in silence: ``CommandError`` says what to do.
    """
    if using != epochs.DATABASE:
        return
    secrets.forget()
    if (
        key_files.epochs() == [key_files.FIRST]
        and epochs.table_exists()
        and not epochs.any_written()
    ):
        try:
            _refuse_beside_sealed_data()
        except KeyringRefused as refusal:
            raise CommandError(str(refusal)) from None
        epochs.write(key_files.FIRST)


def _refuse_beside_sealed_data() -> None:
    """Raise ``KeyringRefused`` if the default database tells of people whose keys must have been in a keyring."""
    if any(_has_rows(name, condition) for name, condition in TRACES):
        raise KeyringRefused(
            "The keyring is empty, but the default database holds people and certificates that were sealed with "
            "another one. Put the keyring back from its newest backup, and lost key files with "
            "'manage.py keyring recover' (docs/keys.md); a new keyring would lose everybody."
        )


def _has_rows(name: str, condition: dict[str, Any]) -> bool:
    model = apps.get_model("compliance", name)
    connection = connections["default"]
    if model._meta.db_table not in connection.introspection.table_names():
        return False
    return bool(model._default_manager.using("default").exclude(**condition).exists())


def available() -> bool:
    """Say whether the keys are here and fit the keyring, for the health page."""
    try:
        epochs.inspect()
    except KeyringRefused:
        return False
    return True

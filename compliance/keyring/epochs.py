"""Epochs: which key wraps new data keys, and whether the keys at hand are the right ones."""

import contextlib
import hmac
import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connections, transaction

from compliance.keyring import key_files
from compliance.keyring.envelope import KEY_BYTES, Unreadable, context, unwrap, wrap
from compliance.keyring.key_files import KeyringRefused
from compliance.keyring.models import Epoch

DATABASE = "keyring"
INDEX_KEY = context("index-key")
TRIES = 3  # An epoch begins and another ends at most once while somebody reads.
SLACK = timedelta(hours=1)  # Between the hour of a roll and its end, at most.


def current() -> Epoch:
    """Return the newest epoch after comparing its key with its fingerprint; raises ``KeyringRefused``."""
    epoch = Epoch.objects.filter(retired_at=None).order_by("-number").first()
    if epoch is None:
        raise KeyringRefused("The keyring has no epoch; run 'manage.py init_keys'.")
    check_fingerprint(epoch)
    return epoch


@contextlib.contextmanager
def holding() -> Iterator[Epoch]:
    """Yield the current epoch in a transaction on the keyring before whose end nobody can retire it.

    Whoever wraps anything under an epoch takes it from here and inserts inside: a roll could otherwise find the
    epoch empty, forget its key, and the insert would be lost for ever.
    """
    inside = connections[DATABASE].in_atomic_block
    with contextlib.nullcontext() if inside else transaction.atomic(using=DATABASE):
        yield _held()


def _held() -> Epoch:
    if connections[DATABASE].vendor == "sqlite":  # IMMEDIATE already keeps every roll away.
        return current()
    for _ in range(TRIES):
        held = list(Epoch.objects.raw(HOLD))  # Empty if it was retired while we waited.
        if held:
            check_fingerprint(held[0])
            return held[0]
    return current()  # Without any epoch this says what to do.


HOLD = (  # Table and columns are names of a model, never input.
    f"SELECT * FROM {Epoch._meta.db_table} WHERE retired_at IS NULL"  # nosec B608
    " ORDER BY number DESC LIMIT 1 FOR SHARE"
)


def final_at(epoch: Epoch) -> datetime | None:
    """Return the moment by which an epoch should be forgotten; None while a key is in the environment."""
    if key_files.environment_key() or not epoch.erasable:
        return None
    return epoch.created_at + interval() + SLACK


def interval() -> timedelta:
    """Return how long an epoch lasts: ``KEY_ROLL_HOURS``, 24 to 168."""
    return timedelta(hours=settings.KEY_ROLL_HOURS)


def living() -> list[Epoch]:
    """Return the epochs that still wrap something, newest first."""
    return list(Epoch.objects.filter(retired_at=None).order_by("-number"))


def numbers() -> set[int]:
    """Return the numbers of the epochs that still wrap something."""
    return set(Epoch.objects.filter(retired_at=None).values_list("number", flat=True))


def numbers_newest_first() -> list[int]:
    """Return the same numbers, the current epoch first."""
    return sorted(numbers(), reverse=True)


def index_keys() -> dict[int, bytes]:
    """Return the index key of each living epoch by number, newest first; a roll may go on meanwhile."""
    for _ in range(TRIES - 1):
        try:
            return {epoch.number: index_key(epoch) for epoch in living()}
        except (KeyringRefused, Unreadable):
            continue
    return {epoch.number: index_key(epoch) for epoch in living()}


def index_key(epoch: Epoch) -> bytes:
    """Return the unwrapped key that digests of the blind index are made with in this epoch."""
    key = key_files.purpose_key(epoch.number, "index-key")
    return unwrap(key, bytes(epoch.wrapped_index_key), aad=INDEX_KEY)


def check_fingerprint(epoch: Epoch) -> None:
    """Raise ``KeyringRefused`` when the key at hand is not the one this epoch was written with."""
    if not hmac.compare_digest(key_files.fingerprint(epoch.number), epoch.fingerprint):
        raise KeyringRefused(
            f"The key-encryption key of epoch {epoch.number} is not the one the keyring was written with; "
            "put the saved key back."
        )


def inspect() -> None:
    """Raise ``KeyringRefused`` unless every living epoch has its own key here."""
    try:
        _inspect()
    except KeyringRefused:
        _inspect()  # A key may have been erased between looking for it and reading it.


def _inspect() -> None:
    numbers = key_files.epochs() or [key_files.FIRST]
    for number in numbers:
        key_files.read(number)
    try:
        epochs = living()
    except DatabaseError:
        raise KeyringRefused(
            "The keyring database cannot be read; check KEYRING_DATABASE_URL "
            "and run 'manage.py migrate --database keyring'."
        ) from None
    if not epochs:
        raise KeyringRefused("The keyring has no epoch; run 'manage.py init_keys'.")
    for epoch in epochs:
        check_fingerprint(epoch)


def write(number: int, *, now: datetime | None = None) -> bool:
    """Write the row of an epoch for the key at hand and say whether it was missing; the first one has no ``now``."""
    key = key_files.purpose_key(number, "index-key")
    wrapped = wrap(key, number, os.urandom(KEY_BYTES), aad=INDEX_KEY)
    values = {
        "fingerprint": key_files.fingerprint(number),
        "wrapped_index_key": wrapped,
        "erasable": key_files.erasable(number),
        **({"created_at": now} if now else {}),
    }
    return Epoch.objects.get_or_create(number=number, defaults=values)[1]


def any_written() -> bool:
    """Say whether the keyring has ever been used."""
    return Epoch.objects.exists()


def table_exists() -> bool:
    """Say whether the keyring has been migrated."""
    return Epoch._meta.db_table in connections[DATABASE].introspection.table_names()

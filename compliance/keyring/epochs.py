"""Epochs: which key wraps new data keys, and whether the keys at hand are the right ones."""

import hmac
import os

from django.db import DatabaseError, connections

from compliance.keyring import key_files
from compliance.keyring.envelope import KEY_BYTES, context, unwrap, wrap
from compliance.keyring.key_files import KeyringRefused
from compliance.keyring.models import Epoch

DATABASE = "keyring"
INDEX_KEY = context("index-key")


def current() -> Epoch:
    """Return the newest epoch after comparing its key with its fingerprint; raises ``KeyringRefused``."""
    epoch = Epoch.objects.filter(retired_at=None).order_by("-number").first()
    if epoch is None:
        raise KeyringRefused("The keyring has no epoch; run 'manage.py init_keys'.")
    check_fingerprint(epoch)
    return epoch


def living() -> list[Epoch]:
    """Return the epochs that still wrap something, newest first."""
    return list(Epoch.objects.filter(retired_at=None).order_by("-number"))


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


def write(number: int) -> bool:
    """Write the row of an epoch for the key at hand and say whether it was missing."""
    key = key_files.purpose_key(number, "index-key")
    wrapped = wrap(key, number, os.urandom(KEY_BYTES), aad=INDEX_KEY)
    values = {"fingerprint": key_files.fingerprint(number), "wrapped_index_key": wrapped}
    return Epoch.objects.get_or_create(number=number, defaults=values)[1]


def any_written() -> bool:
    """Say whether the keyring has ever been used."""
    return Epoch.objects.exists()


def table_exists() -> bool:
    """Say whether the keyring has been migrated."""
    return Epoch._meta.db_table in connections[DATABASE].introspection.table_names()

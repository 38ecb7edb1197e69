"""Keys with a purpose of their own, stored only wrapped: rejoin block, pseudonyms, one-time codes, ...

They outlive epochs: a roll wraps them anew and never changes them.
"""

import os
from collections.abc import Sequence

from django.db import connections

from compliance.keyring import epochs, key_files
from compliance.keyring.envelope import KEY_BYTES, Unreadable, context, unwrap, wrap
from compliance.keyring.key_files import KeyringRefused
from compliance.keyring.models import SealedSecret

_known: dict[str, bytes] = {}


def get(name: str, create: bool = True) -> bytes:
    """Return the 32 bytes of a secret, made on first use; raises ``KeyError`` if absent and not to be made."""
    if name in _known:
        return _known[name]
    row = SealedSecret.objects.filter(name=name).first()
    if row is None:
        if not create:
            raise KeyError(name)
        row = _create(name)
    try:
        secret = _open(row)
    except (Unreadable, KeyringRefused):  # A roll may have wrapped it anew since it was read.
        secret = _open(SealedSecret.objects.get(name=name))
    # What a rolled-back transaction made must not be remembered.
    if not connections[epochs.DATABASE].in_atomic_block:
        _known[name] = secret
    return secret


def forget(names: Sequence[str] = ()) -> None:
    """Drop remembered secrets from the memory of this process; without names, all."""
    for name in names or list(_known):
        _known.pop(name, None)


def rewrap(row: SealedSecret, number: int) -> bytes:
    """Return a stored secret wrapped under another epoch."""
    return _wrap(row.name, number, _open(row))


def _create(name: str) -> SealedSecret:
    with epochs.holding() as epoch:
        number = epoch.number
        wrapped = _wrap(name, number, os.urandom(KEY_BYTES))
        SealedSecret.objects.bulk_create(
            [SealedSecret(name=name, epoch_id=number, wrapped=wrapped)], ignore_conflicts=True
        )
    return SealedSecret.objects.get(name=name)


def _wrap(name: str, number: int, secret: bytes) -> bytes:
    key = key_files.purpose_key(number, "secret")
    return wrap(key, number, secret, aad=context("secret", name))


def _open(row: SealedSecret) -> bytes:
    key = key_files.purpose_key(row.epoch_id, "secret")
    return unwrap(key, bytes(row.wrapped), aad=context("secret", row.name))

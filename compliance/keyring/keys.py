"""Data keys: one per record or document, under the same id. Without its key a record is gone."""

import os
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction

from compliance import bulk
from compliance.keyring import epochs, key_files
from compliance.keyring.envelope import KEY_BYTES, Unreadable, context, epoch_of, unwrap, wrap
from compliance.keyring.key_files import KeyringRefused
from compliance.keyring.models import BlindIndex, DataKey

PURPOSE = "data-key"
BATCH = 5_000  # Ids per statement; SQLite takes at most 32,766.


def create(ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Make and store one random 256-bit key per id and return them; an id that has a key is an error.

    Keys exist before anything is sealed with them: a crash in between leaves a key without a record, never a
    record without a key.
    """
    if not ids:
        return {}
    made = {id: os.urandom(KEY_BYTES) for id in ids}
    if len(made) != len(ids):
        raise ValueError("an id is named twice")
    with epochs.holding() as epoch:
        number = epoch.number
        wrapping = key_files.purpose_key(number, PURPOSE)
        rows = ((id, number, wrap(wrapping, number, key, aad=aad(id))) for id, key in made.items())
        bulk.insert(DataKey, ("id", "epoch_id", "wrapped"), rows)
    return made


def open_(ids: Sequence[UUID], *, unreadable: list[UUID] | None = None) -> dict[UUID, bytes]:
    """Return the keys of some ids; a destroyed key is absent.

    A damaged key raises ``Unreadable``; with a list in ``unreadable`` its id is put there instead.
    """
    opened: dict[UUID, bytes] = {}
    failed = _open(ids, opened)
    # A roll wraps keys anew and forgets the old epoch, perhaps between reading a row and opening it.
    failed = _open(list(failed), opened)
    for id, error in failed.items():
        if unreadable is None or isinstance(error, KeyringRefused):
            raise error
        unreadable.append(id)
    return opened


def existing(ids: bulk.Ids) -> set[UUID]:
    """Return those ids that still have a key."""
    return {id for id, _ in _stored(ids)}


def destroy(ids: bulk.Ids) -> int:
    """Delete the keys and blind index entries of some ids for good and return how many keys went.

    Safe to repeat. Call ``checkpoint.truncate_wal`` afterwards, outside a transaction.
    """
    gone = 0
    with transaction.atomic(using=epochs.DATABASE):
        for part in _parts(ids):
            bulk.delete(BlindIndex, "key", part)
            gone += bulk.delete(DataKey, "id", part)
    return gone


def _open(ids: Sequence[UUID], opened: dict[UUID, bytes]) -> dict[UUID, Exception]:
    """Put the keys that open into ``opened`` and return what was wrong with the others."""
    wrapping: dict[int, bytes] = {}
    failed: dict[UUID, Exception] = {}
    for id, wrapped in _stored(ids):
        try:
            opened[id] = _unwrap(id, wrapped, wrapping)
        except (Unreadable, KeyringRefused) as error:
            failed[id] = error
    return failed


def _stored(ids: bulk.Ids) -> Iterator[tuple[UUID, bytes]]:
    for part in _parts(ids):
        for id, wrapped in DataKey.objects.filter(id__in=part).values_list("id", "wrapped"):
            yield id, bytes(wrapped)


def _parts(ids: bulk.Ids) -> Iterator[bulk.Ids]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _unwrap(id: UUID, wrapped: bytes, wrapping: dict[int, bytes]) -> bytes:
    number = epoch_of(wrapped)
    if number not in wrapping:
        wrapping[number] = key_files.purpose_key(number, PURPOSE)
    return unwrap(wrapping[number], wrapped, aad=aad(id))


def aad(id: UUID) -> bytes:
    """Return what the wrapped key of a record is bound to."""
    return context(PURPOSE, id.bytes)

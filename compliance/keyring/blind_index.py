"""Exact search over sealed values: keyed digests that die with the record.

digest = HMAC(index key of the epoch, inner), inner = HMAC(key of service and field, normalised value). ``inner``
is kept sealed under the epoch so that a roll can make the next digest; once the epoch is forgotten neither can be
guessed against in an old backup.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from uuid import UUID

from compliance import bulk
from compliance.keyring import epochs, key_files, secrets
from compliance.keyring.envelope import context, derive, wrap
from compliance.keyring.models import BlindIndex
from compliance.keyring.normal_forms import normalise as normalise

INDEXED_FIELDS = frozenset(
    {"login_id", "email", "phone", "mobile", "name", "order_number", "ci", "di", "external_ref"}
)
ROOT = "blind-index"
COLUMNS = ("epoch_id", "scope", "field", "digest", "inner_sealed", "key")


def put_many(entries: Iterable[tuple[str, str, str, UUID]]) -> int:
    """Index (service slug, field, value, record id) rows and return how many were new or already there.

    Empty values are left out; a field outside ``INDEXED_FIELDS`` raises ``ValueError``: what has few possible
    values (gender, birth date) must never be searchable.
    """
    wanted = [(scope, field, _required(field, value), id) for scope, field, value, id in entries]
    wanted = [entry for entry in wanted if entry[2]]
    if not wanted:
        return 0
    epoch = epochs.current()
    index_key, sealing_key = epochs.index_key(epoch), key_files.purpose_key(epoch.number, "inner")
    root = secrets.get(ROOT)
    places = {(scope, field) for scope, field, _, _ in wanted}
    field_keys = {place: derive(root, "field", *place) for place in places}
    rows = []
    for scope, field, value, id in wanted:
        inner = _mac(field_keys[scope, field], value.encode())
        aad = context("inner", scope, field, id.bytes)
        sealed = wrap(sealing_key, epoch.number, inner, aad=aad)
        rows.append((epoch.number, scope, field, _mac(index_key, inner), sealed, id))
    bulk.insert(BlindIndex, COLUMNS, rows, ignore_conflicts=True)
    return len(rows)


def find(scope: str, field: str, value: str) -> list[UUID]:
    """Return the ids of the records of a service that hold exactly this value in this field."""
    normal = _required(field, value)
    if not normal:
        return []
    living = epochs.living()
    inner = _inner(secrets.get(ROOT), scope, field, normal)
    digests = [_mac(epochs.index_key(epoch), inner) for epoch in living]
    found = BlindIndex.objects.filter(
        epoch__in=living, scope=scope, field=field, digest__in=digests
    )
    return list(found.order_by("id").values_list("key", flat=True))


def find_many(scope: str, field: str, values: Iterable[str]) -> dict[str, list[UUID]]:
    """Return ``{value: ids}`` for those of many values that somebody of a service holds, in one query."""
    living = epochs.living()
    index_keys = [epochs.index_key(epoch) for epoch in living]
    try:
        root = secrets.get(ROOT, create=False)
    except KeyError:  # Nothing was ever indexed, and looking must not write.
        return {}
    asked: dict[bytes, list[str]] = {}
    field_key = derive(root, "field", scope, field)
    for value in dict.fromkeys(values):
        normal = _required(field, value)
        inner = _mac(field_key, normal.encode())
        for index_key in index_keys if normal else ():
            asked.setdefault(_mac(index_key, inner), []).append(value)
    rows = BlindIndex.objects.filter(epoch__in=living, scope=scope, field=field, digest__in=asked)
    found: dict[str, list[UUID]] = {}
    for digest, key in rows.order_by("id").values_list("digest", "key"):
        for value in asked[bytes(digest)]:
            found.setdefault(value, []).append(key)
    return found


def drop(record_ids: Sequence[UUID]) -> int:
    """Delete every index entry of some records and return how many went."""
    return BlindIndex.objects.filter(key__in=record_ids).delete()[0]


def _required(field: str, value: str) -> str:
    if field not in INDEXED_FIELDS:
        raise ValueError(f"{field} is not searchable")
    return normalise(field, value)


def _inner(root: bytes, scope: str, field: str, normal: str) -> bytes:
    return _mac(derive(root, "field", scope, field), normal.encode())


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()

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
from compliance.keyring.envelope import context, derive, unwrap, wrap
from compliance.keyring.models import BlindIndex
from compliance.keyring.normal_forms import normalise as normalise

INDEXED_FIELDS = frozenset(
    {"login_id", "email", "phone", "mobile", "name", "order_number", "ci", "di", "external_ref"}
)
ROOT = "blind-index"
INNER = "inner"
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
    root = secrets.get(ROOT)
    places = {(scope, field) for scope, field, _, _ in wanted}
    field_keys = {place: derive(root, "field", *place) for place in places}
    with epochs.holding() as epoch:
        index_key, sealing_key = epochs.index_key(epoch), key_files.purpose_key(epoch.number, INNER)
        rows = []
        for scope, field, value, id in wanted:
            inner = mac(field_keys[scope, field], value.encode())
            sealed = wrap(sealing_key, epoch.number, inner, aad=aad(scope, field, id))
            rows.append((epoch.number, scope, field, mac(index_key, inner), sealed, id))
        bulk.insert(BlindIndex, COLUMNS, rows, ignore_conflicts=True)
    return len(rows)


def find(scope: str, field: str, value: str) -> list[UUID]:
    """Return the ids of the records of a service that hold exactly this value in this field."""
    normal = _required(field, value)
    if not normal:
        return []
    inner = mac(derive(secrets.get(ROOT), "field", scope, field), normal.encode())
    return [key for _, key in _holders(scope, field, [inner])]


def find_many(scope: str, field: str, values: Iterable[str]) -> dict[str, list[UUID]]:
    """Return ``{value: ids}`` for those of many values that somebody of a service holds, in one query."""
    try:
        root = secrets.get(ROOT, create=False)
    except KeyError:  # Nothing was ever indexed, and looking must not write.
        return {}
    asked: dict[bytes, list[str]] = {}
    field_key = derive(root, "field", scope, field)
    for value in dict.fromkeys(values):
        if normal := _required(field, value):
            asked.setdefault(mac(field_key, normal.encode()), []).append(value)
    found: dict[str, list[UUID]] = {}
    for inner, key in _holders(scope, field, asked):
        for value in asked[inner]:
            found.setdefault(value, []).append(key)
    return found


def _holders(scope: str, field: str, inners: Iterable[bytes]) -> list[tuple[bytes, UUID]]:
    """Return (inner digest, record id) of all entries; read again if an epoch began or ended meanwhile.

    A roll moves entries to a new epoch: with the index keys of the old one alone a moved entry is not found.
    """
    wanted = list(inners)
    for _ in range(epochs.TRIES):
        index_keys = epochs.index_keys()
        digests = {mac(key, inner): inner for key in index_keys.values() for inner in wanted}
        rows = BlindIndex.objects.filter(
            epoch__in=list(index_keys), scope=scope, field=field, digest__in=digests
        )
        # An entry put anew during a roll stands under both epochs until its older twin is dropped.
        found = {
            (digests[bytes(digest)], key): None
            for digest, key in rows.order_by("id").values_list("digest", "key")
        }
        if epochs.numbers() == set(index_keys):
            break
    return list(found)


def carry(fields: Sequence[str], old: UUID, new: UUID) -> int:
    """Index under another record what an old one is found by in these fields, and return how many that were.

    For a record sealed anew: the references it came with are not among its values, so that only their sealed
    inner digests know them. The old entries stay until the old key is destroyed.
    """
    held = BlindIndex.objects.filter(key=old, field__in=fields)
    columns = held.values_list("epoch", "scope", "field", "inner_sealed")
    with epochs.holding() as epoch:
        index_key, writing = epochs.index_key(epoch), key_files.purpose_key(epoch.number, INNER)
        rows = []
        for number, scope, field, sealed in columns:
            reading = key_files.purpose_key(number, INNER)
            inner = unwrap(reading, bytes(sealed), aad=aad(scope, field, old))
            again = wrap(writing, epoch.number, inner, aad=aad(scope, field, new))
            rows.append((epoch.number, scope, field, mac(index_key, inner), again, new))
        bulk.insert(BlindIndex, COLUMNS, rows, ignore_conflicts=True)
    return len(rows)


def drop(record_ids: Sequence[UUID]) -> int:
    """Delete every index entry of some records and return how many went."""
    return BlindIndex.objects.filter(key__in=record_ids).delete()[0]


def _required(field: str, value: str) -> str:
    if field not in INDEXED_FIELDS:
        raise ValueError(f"{field} is not searchable")
    return normalise(field, value)


def aad(scope: str, field: str, id: UUID) -> bytes:
    """Return what the sealed inner digest of an entry is bound to."""
    return context(INNER, scope, field, id.bytes)


def mac(key: bytes, data: bytes) -> bytes:
    """Return the digest of the index: HMAC-SHA256."""
    return hmac.new(key, data, hashlib.sha256).digest()

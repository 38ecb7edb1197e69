"""The only writer of the ledger: one hash chain, appended in the transaction of the change it tells of.

Nothing personal goes in: subjects as keyed pseudonyms, everything else as codes, counts, dates and opaque ids.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connections, models, transaction
from django.db.models import Q

from compliance import bulk, ledger_reading, ledger_verifier, tail
from compliance.keyring import digests
from compliance.ledger_codes import CODES, REPLAYED
from compliance.ledger_reading import ITEM_TEXTS
from compliance.ledger_reading import head as head
from compliance.ledger_reading import rows as rows
from compliance.ledger_reading import verify as verify
from compliance.ledger_verifier import canonical
from compliance.models.ledger_entry import ITEMS_PER_ENTRY, LedgerBatchItem, LedgerEntry

MAX_ITEMS = 1_000
LOCK = 0x1ED6E4  # Number of the advisory lock on the head of the chain.
SYSTEM, PERSON, FOR_PERSON = "system", "person", "representative"
Leaf = tuple[str, str, str, str]  # The texts of an item, in the order of ``ITEM_TEXTS``.

PUBLIC_ID = re.compile(r"[0-9a-f]{32}")
OPAQUE = re.compile(
    r"[A-Za-z][A-Za-z0-9_.:/§-]{0,119}"  # a code: starts with a letter, no spaces, no @
    r"|[0-9a-f]{32,128}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"  # a digest or an id
    r"|\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))?"  # a date or a moment
)
REFERENCE = re.compile(r"[a-z][a-z0-9_.]{0,59}(?::[A-Za-z0-9_.-]{1,59}){0,2}")
CLAUSE = re.compile(r"[\w§.,()/ -]{0,64}")


class Themselves:
    """A person acting for themselves: the entry names them by its subject, not by an account."""

    def get_username(self) -> str:
        """Return what stands in the entry as actor."""
        return PERSON


class Represented(Themselves):
    """A legal representative acting for the person whom the entry is about."""

    def get_username(self) -> str:
        """Return what stands in the entry as actor."""
        return FOR_PERSON


THEMSELVES = Themselves()
REPRESENTATIVE = Represented()


class LedgerCodeUnknown(ValueError):
    """The code, or a key of its data, is not registered in ``compliance/ledger_codes.py``."""


class LedgerValueRefused(ValueError):
    """A value could carry personal data: only numbers, booleans, dates and opaque codes may be recorded."""


def record(
    code: str,
    *,
    actor: Any,
    now: datetime,
    service: Any = None,
    subject: str | None = None,
    obj: str | None = None,
    clause: str = "",
    data: Mapping[str, Any] | None = None,
    using: str = "default",
) -> LedgerEntry:
    """Append one entry inside the caller's transaction and return it.

    Call it last: until the transaction ends nobody else can append, and whoever waits for a row while holding
    the ledger can block one who holds the row and waits for the ledger.

    ``actor`` is an account or None (the system); ``service`` a Service, its slug or None; ``subject`` the
    public id of a data subject. Raises ``LedgerCodeUnknown`` or ``LedgerValueRefused``.
    """
    return append(
        code,
        actor=actor,
        now=now,
        service_slug=slug_of(service),
        subject_key=digests.subject_digest(subject) if subject else "",
        object_ref=obj or "",
        clause=clause,
        data=data or {},
        using=using,
    )


def record_batch(
    code: str,
    items: Sequence[tuple[str, Mapping[str, Any]]],
    *,
    actor: Any,
    now: datetime,
    service: Any = None,
    data: Mapping[str, Any] | None = None,
    clause: str = "",
    using: str = "default",
) -> LedgerEntry:
    """Append one entry for up to 1,000 items with the Merkle root over them (RFC 9162, 2.1.1).

    Each item is (public id of a subject or reference like ``record:12``, data); the data keys of items and of
    the entry are checked against the same registration.
    """
    if len(items) > MAX_ITEMS:
        raise ValueError(f"a batch holds at most {MAX_ITEMS} items")
    leaves = _leaves(items, _allowed(code))
    root = ledger_verifier.merkle_root([leaf[-1] for leaf in leaves])
    return append(
        code,
        actor=actor,
        now=now,
        service_slug=slug_of(service),
        clause=clause,
        data=data or {},
        sealed_data={"items": len(leaves), "merkle_root": root},
        leaves=leaves,
        using=using,
    )


def append(
    code: str,
    *,
    actor: Any,
    now: datetime,
    service_slug: str = "",
    subject_key: str = "",
    object_ref: str = "",
    clause: str = "",
    data: Mapping[str, Any],
    sealed_data: Mapping[str, Any] | None = None,
    leaves: Sequence[Leaf] = (),
    using: str = "default",
) -> LedgerEntry:
    """Append an entry whose subject is already a pseudonym; most callers want ``record``."""
    if now.tzinfo is None:
        raise ValueError("the moment of a ledger entry needs a zone")
    checked = _checked(data, _allowed(code)) | dict(sealed_data or {})
    _check_reference(object_ref)
    if not CLAUSE.fullmatch(clause):
        raise LedgerValueRefused("clause")
    last = _locked_head(using)
    entry = LedgerEntry(
        seq=last[0] + 1,
        at=now.astimezone(UTC),
        code=code,
        actor=actor.get_username() if actor is not None else SYSTEM,
        service_slug=service_slug,
        subject_key=subject_key,
        object_ref=object_ref,
        clause=clause,
        data=checked,
        prev_hash=last[1],
    )
    body = _body(entry)
    entry.hash = ledger_verifier.entry_hash(entry.prev_hash, entry.seq, body)
    entry.save(using=using, force_insert=True)
    first = entry.seq * ITEMS_PER_ENTRY
    if leaves:
        stored = ((first + place, entry.seq, *leaf) for place, leaf in enumerate(leaves))
        bulk.insert_plain(LedgerBatchItem, ("id", "entry_id", *ITEM_TEXTS), stored, using=using)
    if using == "default":
        tail.remember(
            {"seq": entry.seq, **body, "prev_hash": entry.prev_hash, "hash": entry.hash}, leaves
        )
    if code in REPLAYED:
        _tell_tail(using)
    return entry


def entries_for(public_id: str, *, using: str = "default") -> models.QuerySet[LedgerEntry]:
    """Return every entry that tells of a subject, single or in a batch, newest first."""
    key = digests.subject_digest(public_id)
    batches = LedgerBatchItem.objects.using(using).filter(subject_key=key).values("entry_id")
    return LedgerEntry.objects.using(using).filter(Q(subject_key=key) | Q(seq__in=batches))


def entries_about(obj: str, *, using: str = "default") -> models.QuerySet[LedgerEntry]:
    """Return every entry that tells of an object (``policy_version:12``), newest first."""
    batches = LedgerBatchItem.objects.using(using).filter(object_ref=obj).values("entry_id")
    return LedgerEntry.objects.using(using).filter(Q(object_ref=obj) | Q(seq__in=batches))


def slug_of(service: Any) -> str:
    """Return the slug of a Service, a slug as it is, and nothing for None."""
    return "" if service is None else str(getattr(service, "slug", service))


def plain(key: str, value: Any) -> Any:
    """Return a value as it may be recorded, dates as text; raises ``LedgerValueRefused`` naming only the key."""
    if value is None or isinstance(value, bool | int):
        return value
    text = value.isoformat() if isinstance(value, date) else str(value)
    if OPAQUE.fullmatch(text):
        return text
    raise LedgerValueRefused(key)


def _allowed(code: str) -> frozenset[str]:
    if code not in CODES:
        raise LedgerCodeUnknown(code)
    return CODES[code]


def _checked(data: Mapping[str, Any], allowed: frozenset[str]) -> dict[str, Any]:
    if strangers := data.keys() - allowed:
        raise LedgerCodeUnknown(", ".join(sorted(strangers)))
    return {key: _plain(key, value) for key, value in data.items()}


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        parts = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [plain(key, part) for part in parts]
    return plain(key, value)


def _check_reference(reference: str) -> None:
    if reference and (len(reference) > 120 or not REFERENCE.fullmatch(reference)):
        raise LedgerValueRefused("object")


def _leaves(items: Sequence[tuple[str, Mapping[str, Any]]], allowed: frozenset[str]) -> list[Leaf]:
    """Return the items as they are stored; data that many items share is checked and written out once."""
    shared = {id(data): data for _, data in items}
    texts = {key: canonical(_checked(data, allowed)) for key, data in shared.items()}
    keys = digests.subject_digests([who for who, _ in items if PUBLIC_ID.fullmatch(who)])
    for who, _ in items:
        if who not in keys:
            _check_reference(who)
    named = [
        (keys.get(who, ""), "" if who in keys else who, texts[id(data)]) for who, data in items
    ]
    hashes = ledger_verifier.leaf_hashes(named)
    return [(*texts, leaf) for texts, leaf in zip(named, hashes, strict=True)]


def _locked_head(using: str) -> tuple[int, str]:
    connection = connections[using]
    if not connection.in_atomic_block:
        raise RuntimeError("a ledger entry belongs into the transaction of its change")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    return head(using=using)


def _tell_tail(using: str) -> None:
    """Copy to the tail right after the commit what a restore has to repeat; once a transaction is enough."""
    waiting = connections[using].run_on_commit
    if not any(hook[1] is tail.keep_up for hook in waiting):
        transaction.on_commit(tail.keep_up, using=using, robust=True)


def _body(entry: LedgerEntry) -> dict[str, Any]:
    texts = {name: getattr(entry, name) for name in ledger_verifier.BODY_FIELDS}
    return texts | {"at": ledger_reading.stamp(entry.at), "data": canonical(entry.data)}

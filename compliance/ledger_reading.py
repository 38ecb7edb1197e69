"""Reading the ledger: its newest entry, its rows as stored to the byte, and whether the chain is whole."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import connections, models
from django.utils.dateparse import parse_datetime

from compliance import ledger_verifier
from compliance.ledger_verifier import GENESIS, VerifyResult
from compliance.models.ledger_entry import ITEMS_PER_ENTRY, LedgerBatchItem, LedgerEntry

CHUNK = 250
ENTRY_TEXTS = (
    "code",
    "actor",
    "service_slug",
    "subject_key",
    "object_ref",
    "clause",
    "data",
    "prev_hash",
    "hash",
)
ITEM_TEXTS = ("subject_key", "object_ref", "data", "leaf")


def head(*, using: str = "default") -> tuple[int, str]:
    """Return number and hash of the newest entry, (0, zeros) while there is none."""
    newest = LedgerEntry.objects.using(using).order_by("-seq").values_list("seq", "hash").first()
    return newest or (0, GENESIS)


def verify(
    start: int = 1, *, head: tuple[int, str] | None = None, using: str = "default"
) -> VerifyResult:
    """Check the chain from an entry on; ``head`` is a (number, hash) known from outside the database."""
    before = GENESIS
    if start > 1:
        known = (
            LedgerEntry.objects.using(using)
            .filter(seq=start - 1)
            .values_list("hash", flat=True)
            .first()
        )
        if known is None:
            return VerifyResult(False, 0, start - 1, "sequence")
        before = known
    return ledger_verifier.verify_rows(
        rows(start, using=using), start=start, prev_hash=before, head=head
    )


def rows(start: int = 1, *, using: str = "default") -> Iterator[dict[str, Any]]:
    """Yield the entries as the verifier reads them: stored texts to the byte, items with their batch."""
    while chunk := _read(using, LedgerEntry, "seq", ("at", *ENTRY_TEXTS), start, None):
        last = chunk[-1]["seq"]
        span = (chunk[0]["seq"] * ITEMS_PER_ENTRY, (last + 1) * ITEMS_PER_ENTRY)
        items: dict[int, list[dict[str, Any]]] = {}
        for item in _read(using, LedgerBatchItem, "id", ("entry_id", *ITEM_TEXTS), *span):
            items.setdefault(item["id"] // ITEMS_PER_ENTRY, []).append(_item(item))
        yield from (row | {"items": items.get(row["seq"], [])} for row in chunk)
        start = last + 1


def stamp(moment: datetime) -> str:
    """Return a moment as it is hashed: UTC, with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _read(
    using: str,
    model: type[models.Model],
    key: str,
    names: tuple[str, ...],
    start: int,
    stop: int | None,
) -> list[dict[str, Any]]:
    """Read rows as stored: on SQLite as bytes, because its columns take any text for a date or a number."""
    sqlite = connections[using].vendor == "sqlite"
    columns = ", ".join(f"CAST({name} AS BLOB)" if sqlite else name for name in names)
    # Table and columns are names of this module, never input.
    sql = f"SELECT {key}, {columns} FROM {model._meta.db_table} WHERE {key} >= %s"  # nosec B608
    limit = (
        f" AND {key} < %s ORDER BY {key}" if stop is not None else f" ORDER BY {key} LIMIT {CHUNK}"
    )
    with connections[using].cursor() as cursor:
        cursor.execute(sql + limit, [start] if stop is None else [start, stop])
        found = cursor.fetchall()
    return [
        {key: row[0]} | {n: _text(n, v) for n, v in zip(names, row[1:], strict=True)}
        for row in found
    ]


def _text(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    text = (
        bytes(value).decode(errors="surrogateescape")
        if isinstance(value, bytes | memoryview)
        else str(value)
    )
    return _stored_stamp(text) if name == "at" else text


def _stored_stamp(text: str) -> str:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return text
    if moment is None or str(moment) != text:
        return text
    return stamp(moment.replace(tzinfo=UTC))


def _item(row: dict[str, Any]) -> dict[str, Any]:
    seq, place = divmod(row["id"], ITEMS_PER_ENTRY)
    place = place if row["entry_id"] == str(seq) else -1
    return {"position": place} | {name: row[name] for name in ITEM_TEXTS}

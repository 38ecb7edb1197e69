"""Records of many people as raw rows: read here, written there, compared, deleted, without an object per row.

Ids, sealed bytes, clock starts and item codes travel as the texts and bytes in which they are stored.
"""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connections

from members.archive.models import ArchivedRecord
from members.models import Record

PAGE = 5_000
Model = type[Record] | type[ArchivedRecord]
ALIASES: dict[Model, str] = {Record: "default", ArchivedRecord: "archive"}
_SINCE: dict[Model, str] = {Record: "created_at", ArchivedRecord: "recorded_at"}
_TYPES = {"id": "uuid[]", "subject_id": "bigint[]"}


class Row(NamedTuple):
    """One record as stored; ``owner`` is the key of its person in the same database."""

    id: str
    owner: int
    record_class: str
    occurred_at: str
    anchors: str
    source: str
    item_codes: str
    sealed: bytes
    since: str | None  # The moment at which the live record was written.


def read(model: Model, owners: Sequence[int], *, limit: int = PAGE, after: str = "") -> list[Row]:
    """Return up to ``limit`` records of some people behind an id, in the order of ids."""
    # Names are those of models, never input.
    sql = (
        f"SELECT {_text('id')}, subject_id, record_class, {_text('occurred_at')}, {_text('anchors')}, source,"  # nosec B608
        f" {_text('item_codes')}, sealed, {_text(_SINCE[model])} FROM {model._meta.db_table}"
        f" WHERE {_among(model, 'subject_id')}"
    )
    given: list[Any] = [_list(model, owners)]
    if after:
        sql, given = f"{sql} AND id > %s", [*given, after]
    with connections[ALIASES[model]].cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY id LIMIT {int(limit)}", given)
        return [Row(*row) for row in cursor.fetchall()]


def write(model: Model, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows that are not there yet: on PostgreSQL by COPY. Raises ``IntegrityError`` for one that is."""
    connection = connections[ALIASES[model]]
    if not rows:
        return
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {model._meta.db_table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        cursor.executemany(
            f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})",  # nosec B608
            rows,
        )


def missing(model: Model, rows: Sequence[Row]) -> list[Row]:
    """Return those rows whose ids are not in the other table yet."""
    with connections[ALIASES[model]].cursor() as cursor:
        cursor.execute(
            f"SELECT {_text('id')} FROM {model._meta.db_table} WHERE {_among(model, 'id')}",  # nosec B608
            [_list(model, [row.id for row in rows])],
        )
        there = {found for (found,) in cursor.fetchall()}
    return [row for row in rows if row.id not in there] if there else list(rows)


def digest(rows: Iterable[tuple[str, bytes]]) -> tuple[int, str]:
    """Return how many records there are and SHA-256 over their ids and bytes, in the order of ids."""
    found, count = sha256(), 0
    for id, sealed in sorted(rows):
        count += 1
        found.update(id.encode() + len(sealed).to_bytes(8, "big"))
        found.update(sealed)
    return count, found.hexdigest()


def digest_of(model: Model, ids: Sequence[str]) -> tuple[int, str]:
    """Return ``digest`` of the records with these ids as they are stored in a table."""
    with connections[ALIASES[model]].cursor() as cursor:
        cursor.execute(
            f"SELECT {_text('id')}, sealed FROM {model._meta.db_table} WHERE {_among(model, 'id')}",  # nosec B608
            [_list(model, ids)],
        )
        return digest((id, bytes(sealed)) for id, sealed in cursor.fetchall())


def delete(model: Model, ids: Sequence[str]) -> int:
    """Delete the rows with these ids in one statement; nothing is cascaded."""
    with connections[ALIASES[model]].cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {model._meta.db_table} WHERE {_among(model, 'id')}",  # nosec B608
            [_list(model, ids)],
        )
        return int(cursor.rowcount)


def open_clocks(
    owners: Sequence[int], rules: Sequence[str], *, after: str = ""
) -> list[tuple[str, str, str]]:
    """Return up to 5,000 records apart of some people without a last day: id, code of the rule, clock starts."""
    table, marks = ArchivedRecord._meta.db_table, ", ".join(["%s"] * len(rules))
    sql = (
        f"SELECT {_text('id')}, rule_code, {_text('anchors')} FROM {table} WHERE due_on IS NULL"  # nosec B608
        f" AND {_among(ArchivedRecord, 'subject_id')} AND rule_code IN ({marks})"
    )
    given = [_list(ArchivedRecord, owners), *rules]
    if after:
        sql, given = f"{sql} AND id > %s", [*given, after]
    with connections["archive"].cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY id LIMIT {PAGE}", given)
        return [(id, rule, anchors) for id, rule, anchors in cursor.fetchall()]


def set_last_days(days: Sequence[tuple[str, str]]) -> None:
    """Give records apart their last days: pairs of id and ISO date, in one statement."""
    connection = connections["archive"]
    table = ArchivedRecord._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"UPDATE {table} r SET due_on = v.day"  # nosec B608
                " FROM unnest(%s::uuid[], %s::date[]) v(id, day) WHERE r.id = v.id",
                [list(part) for part in zip(*days, strict=True)],
            )
            return
        cursor.executemany(
            f"UPDATE {table} SET due_on = %s WHERE id = %s",  # nosec B608
            [(day, id) for id, day in days],
        )


def _text(column: str) -> str:
    return f"CAST({column} AS TEXT)"


def _among(model: Model, column: str) -> str:
    if connections[ALIASES[model]].vendor == "postgresql":
        return f"{column} = ANY(%s::{_TYPES[column]})"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # nosec B608


def _list(model: Model, values: Sequence[Any]) -> Any:
    postgresql = connections[ALIASES[model]].vendor == "postgresql"
    return list(values) if postgresql else json.dumps(list(values))

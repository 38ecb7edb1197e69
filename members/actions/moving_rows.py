"""Records of many people between two databases, a row never in Python's hands: servers copy, compare and delete.

On PostgreSQL a copy is one binary COPY piped into another; on SQLite tuples are handed on. Names in statements are
those of models and of this module, never input; many keys or rows travel as one parameter.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

import psycopg
from django.db import connections

from members.archive.models import ArchivedRecord
from members.models import Record

CHUNK = 500  # Rows handed on at once.
Model = type[Record] | type[ArchivedRecord]
ALIASES: dict[Model, str] = {Record: "default", ArchivedRecord: "archive"}
_SAME = ("record_class", "anchors", "source", "item_codes", "sealed")


class Held(NamedTuple):
    """Number of some records, SHA-256 over their ids and bytes in the order of ids, and the ids as one parameter."""

    count: int
    digest: str
    ids: str


@dataclass(frozen=True, slots=True)
class Way:
    """From where to where; ``since`` is when a record was written, ``given`` what it gets anew, with SQL types."""

    source: Model
    target: Model
    since: tuple[str, str]
    given: Mapping[str, str]


APART = Way(
    Record,
    ArchivedRecord,
    ("recorded_at", "r.created_at"),
    {
        "rule_code": "text",
        "clause": "text",
        "due_on": "date",
        "policy_version": "int",
        "archived_at": "timestamptz",
    },
)
BACK = Way(
    ArchivedRecord,
    Record,
    ("created_at", "COALESCE(r.recorded_at, r.occurred_at)"),
    {"due_on": "date", "held_by": "text"},
)
_OWNER = {"subject_id": "bigint", "becomes": "bigint", "kind": "text"}
_GROUP = {"kind": "text", "record_class": "text", "anchors": "text"}


def groups(way: Way, owners: Sequence[tuple[int, int, str]]) -> list[tuple[str, str, str]]:
    """Return which kinds of people hold which record classes with which clock starts (JSON)."""
    alias = ALIASES[way.source]
    sql = (
        "SELECT DISTINCT o.kind, r.record_class, CAST(r.anchors AS TEXT)"  # nosec B608
        f" FROM {way.source._meta.db_table} r JOIN {_rows(alias, 'owners', 'o', _OWNER)}"
        " ON o.subject_id = r.subject_id"
    )
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, {"owners": _json(_OWNER, owners)})
        return list(cursor.fetchall())


def copy(
    way: Way, owners: Sequence[tuple[int, int, str]], clocks: Sequence[Sequence[Any]], there: str
) -> None:
    """Copy the records of some people that are not ``there`` yet.

    ``owners``: key of the person here, key there, kind; ``clocks``: a group of ``groups``, then what is given.
    """
    alias, group = ALIASES[way.source], {**_GROUP, **way.given}
    columns = ["id", "subject_id", *_SAME, "occurred_at", way.since[0], *way.given]
    moments = [_moment(alias, of) for of in ("r.occurred_at", way.since[1])]
    taken = ["r.id", "o.becomes", *(f"r.{name}" for name in _SAME), *moments]
    sql = (
        f"SELECT {', '.join([*taken, *(f'g.{name}' for name in way.given)])}"  # nosec B608
        f" FROM {way.source._meta.db_table} r"
        f" JOIN {_rows(alias, 'owners', 'o', _OWNER)} ON o.subject_id = r.subject_id"
        f" JOIN {_rows(alias, 'clocks', 'g', group)} ON g.kind = o.kind"
        " AND g.record_class = r.record_class AND g.anchors = CAST(r.anchors AS TEXT)"
        f" WHERE NOT r.id {_any(alias, 'there', 'uuid')}"
    )
    given = {
        "owners": _json(_OWNER, owners),
        "clocks": _json(group, clocks),
        "there": there or _parameter(way.source, []),
    }
    into = f"{way.target._meta.db_table} ({', '.join(columns)})"
    hand_on = _pipe if _is_postgresql(alias) else _hand_on
    hand_on(sql, given, alias, into, ALIASES[way.target])


def held(model: Model, owners: Sequence[int]) -> Held:
    """Return the records of some people as they are stored."""
    return _held(model, "subject_id", "bigint", _parameter(model, owners))


def held_among(model: Model, ids: str) -> Held:
    """Return those of some records that are stored."""
    return _held(model, "id", "uuid", ids)


def take(model: Model, owners: Sequence[int]) -> Held:
    """Delete every record of some people and return what they were; nothing is cascaded."""
    alias, table, given = ALIASES[model], model._meta.db_table, _parameter(model, owners)
    delete = f"DELETE FROM {table} WHERE subject_id {_any(alias, 'given', 'bigint')}"  # nosec B608
    if _is_postgresql(alias):
        sql = f"WITH gone AS ({delete} RETURNING id, sealed) {_DIGEST} FROM gone"  # nosec B608
        return _one(alias, sql, given)
    found = held(model, owners)
    with connections[alias].cursor() as cursor:
        cursor.execute(delete, {"given": given})
    return found


_DIGEST = (
    "SELECT count(*), coalesce(encode(sha256(string_agg(uuid_send(id) || int4send(length(sealed)) || sealed,"
    " ''::bytea ORDER BY id)), 'hex'), ''), '{' || coalesce(string_agg(CAST(id AS TEXT), ','), '') || '}'"
)


def _held(model: Model, column: str, kind: str, given: str) -> Held:
    alias = ALIASES[model]
    rows = f"FROM {model._meta.db_table} WHERE {column} {_any(alias, 'given', kind)}"  # nosec B608
    if _is_postgresql(alias):
        return _one(alias, f"{_DIGEST} {rows}", given)
    digest, ids = sha256(), []
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT id, sealed {rows} ORDER BY id", {"given": given})  # nosec B608
        for id, sealed in cursor.fetchall():
            ids.append(id)
            digest.update(bytes.fromhex(id) + len(sealed).to_bytes(4, "big") + sealed)
    return Held(len(ids), digest.hexdigest() if ids else "", json.dumps(ids))


def _one(alias: str, sql: str, given: str) -> Held:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, {"given": given})
        return Held(*cursor.fetchone())


def _pipe(sql: str, given: Mapping[str, str], alias: str, into: str, target: str) -> None:
    """Hand a binary COPY of one server on to another."""
    out, to = f"COPY ({sql}) TO STDOUT (FORMAT BINARY)", f"COPY {into} FROM STDIN (FORMAT BINARY)"
    with connections[alias].cursor() as source, connections[target].cursor() as sink:
        asked = psycopg.ClientCursor(source.connection).mogrify(out, given)
        with source.copy(asked) as rows, sink.copy(to) as written:
            blocks = iter(rows)
            while chunk := b"".join(islice(blocks, CHUNK)):
                written.write(chunk)


def _hand_on(sql: str, given: Mapping[str, str], alias: str, into: str, target: str) -> None:
    with connections[alias].cursor() as source, connections[target].cursor() as sink:
        source.execute(sql, given)
        while chunk := source.fetchmany(CHUNK):
            marks = ", ".join(["%s"] * len(chunk[0]))
            sink.executemany(f"INSERT INTO {into} VALUES ({marks})", chunk)  # nosec B608


def _rows(alias: str, parameter: str, name: str, columns: Mapping[str, str]) -> str:
    """Return a relation made of one JSON parameter."""
    if _is_postgresql(alias):
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        return f"json_to_recordset(%({parameter})s::json) AS {name}({typed})"
    taken = ", ".join(f"value ->> '{column}' AS {column}" for column in columns)
    return f"(SELECT {taken} FROM json_each(%({parameter})s)) AS {name}"  # nosec B608


def _json(columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    names = tuple(columns)
    return json.dumps([dict(zip(names, row, strict=True)) for row in rows])


def _moment(alias: str, of: str) -> str:
    """Return a moment as it is stored: SQLite would make an object of it."""
    return of if _is_postgresql(alias) else f"CAST({of} AS TEXT)"


def _any(alias: str, parameter: str, kind: str) -> str:
    if _is_postgresql(alias):
        # The inner SELECT hides the length of the list: each key is found by its index.
        return f"= ANY((SELECT %({parameter})s::{kind}[])::{kind}[])"
    return f"IN (SELECT value FROM json_each(%({parameter})s))"  # nosec B608


def _parameter(model: Model, keys: Sequence[int]) -> str:
    return _array(keys) if _is_postgresql(ALIASES[model]) else json.dumps(list(keys))


def _array(values: Iterable[Any]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def _is_postgresql(alias: str) -> bool:
    return connections[alias].vendor == "postgresql"

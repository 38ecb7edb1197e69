"""Many rows of one table in one statement, without an object per row.

Several times faster than ``bulk_create``, and as exact: fields convert their values. Nothing else of
a model is used, so defaults have to be given and nobody is told.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connections, models, router

# The inner SELECT hides the length of the list: by its index each id is found without reading the whole table.
AMONG = "= ANY((SELECT %s::uuid[])::uuid[])"
Ids = Sequence[UUID] | Sequence[str]  # Texts are hexadecimal, without hyphens.


def insert(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    ignore_conflicts: bool = False,
) -> None:
    """Write rows given as values in the order of ``names`` (field names or column names)."""
    connection = connections[router.db_for_write(model)]
    fields = [_field(model, name) for name in names]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    ending = " ON CONFLICT DO NOTHING" if ignore_conflicts else ""
    # Table and columns are names of models, never input.
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({marks}){ending}"  # nosec B608
    prepared = _prepared(fields, rows, connection)
    if prepared:
        with connection.cursor() as cursor:
            cursor.executemany(sql, prepared)


def insert_plain(
    model: type[models.Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    using: str = "",
) -> None:
    """Write rows of values that the database takes as they are: texts and whole numbers. The fastest way in."""
    connection = connections[using or router.db_for_write(model)]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(_field(model, name).column) for name in names)
    into = f"{quote(model._meta.db_table)} ({columns})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} FROM STDIN") as copy:  # nosec B608
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(names))
        # Table and columns are names of models, never input.
        cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", list(rows))  # nosec B608


def insert_objects(objects: Sequence[models.Model], *, ignore_conflicts: bool = False) -> None:
    """Write unsaved objects of one model whose primary keys are set already."""
    if not objects:
        return
    model = type(objects[0])
    fields = model._meta.concrete_fields
    rows = ([field.pre_save(one, add=True) for field in fields] for one in objects)
    names = [field.attname for field in fields]
    insert(model, names, rows, ignore_conflicts=ignore_conflicts)
    for one in objects:
        one._state.adding, one._state.db = False, router.db_for_write(model)


def update(model: type[models.Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Give many rows of one table new values, each its own; the first of ``names`` is the key.

    One statement on PostgreSQL. Nobody is told.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    fields = [_field(model, name) for name in names]
    key, *columns = [quote(field.column) for field in fields]
    prepared = _prepared(fields, rows, connection)
    # Table and columns are names of models, never input.
    table = quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lists = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
            given = ", ".join(f"{column} = v.{column}" for column in columns)
            names_of_lists = ", ".join([key, *columns])
            sql = f"UPDATE {table} t SET {given} FROM unnest({lists}) v({names_of_lists}) WHERE t.{key} = v.{key}"  # nosec B608
            cursor.execute(sql, [list(part) for part in zip(*prepared, strict=True)])
            return
        given = ", ".join(f"{column} = %s" for column in columns)
        sql = f"UPDATE {table} SET {given} WHERE {key} = %s"  # nosec B608
        cursor.executemany(sql, [[*values, id] for id, *values in prepared])


def delete(model: type[models.Model], name: str, ids: Ids) -> int:
    """Delete the rows whose field ``name`` is one of some ids, in one statement with one parameter.

    Nothing is cascaded and no signal is sent. Returns how many rows went.
    """
    if not ids:
        return 0
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    texts = [id if isinstance(id, str) else id.hex for id in ids]
    value: Any = json.dumps(texts)
    among = "IN (SELECT value FROM json_each(%s))"
    if connection.vendor == "postgresql":
        among, value = AMONG, "{" + ",".join(texts) + "}"
    # Table and column are names of models, never input.
    sql = f"DELETE FROM {quote(model._meta.db_table)} WHERE {quote(_field(model, name).column)} {among}"  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value])
        return int(cursor.rowcount)


def _prepared(
    fields: Sequence[Any], rows: Iterable[Sequence[Any]], connection: Any
) -> list[list[Any]]:
    return [
        [
            field.get_db_prep_save(value, connection)
            for field, value in zip(fields, row, strict=True)
        ]
        for row in rows
    ]


def _field(model: type[models.Model], name: str) -> Any:
    by_column = {field.attname: field for field in model._meta.concrete_fields}
    return by_column.get(name) or model._meta.get_field(name)

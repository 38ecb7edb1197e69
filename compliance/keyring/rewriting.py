"""Moving rows of the keyring from one epoch to the next, many in one short statement."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import IntegrityError, OperationalError, connections, models, transaction

from compliance.keyring.epochs import DATABASE
from compliance.keyring.models import BlindIndex

BATCH = 2_000  # Rows of one transaction: some 100 ms of locks.
PAGES = 40  # Pages of PostgreSQL with about as many rows.
PATIENCE_MS = (
    200  # Less than the server takes to see a deadlock: the roll gives way, not the house.
)
TWIN = ("scope", "field", "digest", "key")


def batches(model: type[models.Model], epoch: int, names: Sequence[str]) -> Iterator[list[Any]]:
    """Yield the rows (primary key and ``names``) that an epoch holds, each once, as they lie on the disk.

    Keys are random: in the order of their keys every batch would touch, and write, nearly every page.
    """
    rows = model._default_manager.filter(epoch=epoch)
    if connections[DATABASE].vendor == "postgresql":
        return _by_pages(rows, names)
    return _by_rowid(rows, names)


def _by_rowid(rows: models.QuerySet[Any], names: Sequence[str]) -> Iterator[list[Any]]:
    rows = rows.extra(select={"place": "rowid"}, order_by=["place"])  # nosec B610
    found = rows.values_list("pk", *names, "place")
    part = list(found[:BATCH])
    while part:
        yield [row[:-1] for row in part]
        part = list(found.extra(where=["rowid > %s"], params=[part[-1][-1]])[:BATCH])  # nosec B610


def _by_pages(rows: models.QuerySet[Any], names: Sequence[str]) -> Iterator[list[Any]]:
    """Go through the pages that the table has now; what moves goes to other pages, under another epoch."""
    found = rows.values_list("pk", *names)
    with connections[DATABASE].cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_size(%s::regclass) / current_setting('block_size')::int",
            [rows.model._meta.db_table],
        )
        (pages,) = cursor.fetchone()
    for first in range(0, pages, PAGES):
        window = [f"({first},0)", f"({first + PAGES},0)"]
        part = list(found.extra(where=["ctid >= %s::tid", "ctid < %s::tid"], params=window))  # nosec B610
        if part:
            yield part


def move(
    model: type[models.Model], names: Sequence[str], rows: list[Any], old: int, new: int
) -> bool:
    """Put rows (primary key and new values of ``names``) under the next epoch and say whether that was possible.

    What somebody deleted or moved meanwhile stays as it is; False when another transaction kept a row too long.
    """
    if not rows:
        return True
    try:
        with transaction.atomic(using=DATABASE):
            _update(model, names, rows, old, new)
    except OperationalError:
        return False
    return True


def move_entries(names: Sequence[str], rows: list[Any], old: int, new: int) -> bool:
    """Move entries of the blind index; one that was put anew under the next epoch meanwhile is dropped."""
    try:
        return move(BlindIndex, names, rows, old, new)
    except IntegrityError:
        digests = {row[0]: bytes(row[1]) for row in rows}
        _drop_twins(digests, old, new)
        return move(BlindIndex, names, rows, old, new)


def _drop_twins(digests: dict[Any, bytes], old: int, new: int) -> None:
    mine = BlindIndex.objects.filter(epoch=old, pk__in=digests).values_list(
        "pk", "scope", "field", "key"
    )
    places = {(s, f, digests[pk], key): pk for pk, s, f, key in mine}
    keys = {place[3] for place in places}
    there = BlindIndex.objects.filter(epoch=new, key__in=keys).values_list(*TWIN)
    twins = [places.get((s, f, bytes(digest), key)) for s, f, digest, key in there]
    BlindIndex.objects.filter(epoch=old, pk__in=[pk for pk in twins if pk is not None]).delete()


def _update(
    model: type[models.Model], names: Sequence[str], rows: list[Any], old: int, new: int
) -> None:
    connection = connections[DATABASE]
    fields = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    prepared = [
        [
            field.get_db_prep_value(value, connection)
            for field, value in zip(fields, row, strict=True)
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
            arrays = [list(column) for column in zip(*prepared, strict=True)]
            cursor.execute(_set_update(model, fields, connection), [new, *arrays, old])
            return
        marks = ", ".join(f"{field.column} = %s" for field in fields[1:])
        where = f"{fields[0].column} = %s AND epoch_id = %s"
        # Table and columns are names of a model, never input.
        sql = f"UPDATE {model._meta.db_table} SET epoch_id = %s, {marks} WHERE {where}"  # nosec B608
        cursor.executemany(sql, [[new, *row[1:], row[0], old] for row in prepared])


def _set_update(model: type[models.Model], fields: Sequence[Any], connection: Any) -> str:
    columns = [field.column for field in fields]
    arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)
    marks = ", ".join(f"{column} = v.{column}" for column in columns[1:])
    # Table and columns are names of a model, never input.
    return (
        f"UPDATE {model._meta.db_table} AS t SET epoch_id = %s, {marks}"  # nosec B608
        f" FROM unnest({arrays}) AS v({', '.join(columns)})"
        f" WHERE t.{columns[0]} = v.{columns[0]} AND t.epoch_id = %s"
    )

"""A forger for tests: lifts the triggers, alters the ledger behind its back, and can put it back."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection

from compliance.models import LedgerBatchItem, LedgerEntry

ENTRIES, ITEMS = LedgerEntry._meta.db_table, LedgerBatchItem._meta.db_table


def execute(sql: str, *params: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def stored(table: str, key: str, number: int, column: str) -> Any:
    raw = f"CAST({column} AS TEXT)" if connection.vendor == "sqlite" else column
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {raw} FROM {table} WHERE {key} = %s", [number])
        return cursor.fetchone()[0]


@contextmanager
def altered(table: str, key: str, number: int, column: str, value: Any) -> Iterator[None]:
    """Alter one cell for the length of a block."""
    before = stored(table, key, number, column)
    change = f"UPDATE {table} SET {column} = %s WHERE {key} = %s"
    execute(change, value, number)
    yield
    execute(change, before, value if column == key else number)


def one_byte_off(value: Any, rng: random.Random) -> Any:
    """Return the value with one character changed, added or removed; moments move by a microsecond."""
    if isinstance(value, int):
        return value ^ (1 << rng.randrange(40, 60))
    if not isinstance(value, str):
        return value + timedelta(microseconds=1)
    place = rng.randrange(len(value) + (len(value) < 64))
    if place == len(value):
        return f"{value}x"
    other = rng.choice([c for c in "0123456789abcdefxyzAZ .,:T-" if c != value[place]])
    return value[:place] + other + value[place + 1 :]

"""Backups of a test database, taken and put back row by row, as a restore of the whole database would."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connections

from compliance import triggers

NOT_DATA = ("sqlite_sequence", "django_migrations")


@dataclass
class Backup:
    """All rows of one database by table."""

    alias: str
    rows: dict[str, tuple[list[str], list[Any]]] = field(default_factory=dict)


def take(alias: str) -> Backup:
    """Copy every row."""
    backup = Backup(alias)
    with connections[alias].cursor() as cursor:
        for table in _tables(alias):
            cursor.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in cursor.description]
            backup.rows[table] = (names, cursor.fetchall())
    return backup


def put_back(backup: Backup) -> None:
    """Make the database what it was: rows written since are gone, deleted ones are there again."""
    with _unguarded(backup.alias), connections[backup.alias].cursor() as cursor:
        for table in _tables(backup.alias):
            cursor.execute(f'DELETE FROM "{table}"')
        for table, (names, rows) in backup.rows.items():
            marks = ", ".join(["%s"] * len(names))
            columns = ", ".join(f'"{name}"' for name in names)
            if rows:
                cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', rows)


def _tables(alias: str) -> list[str]:
    connection = connections[alias]
    return [t for t in connection.introspection.table_names() if t not in NOT_DATA]


@contextmanager
def _unguarded(alias: str) -> Iterator[None]:
    connection = connections[alias]
    if connection.vendor == "sqlite":
        with triggers.without_triggers(alias), connection.constraint_checks_disabled():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")

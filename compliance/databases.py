"""Where the two supported databases differ: connection options and claims."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import environ
from django.db import connections, transaction

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON;"
    ),
}


def database(env: environ.Env, variable: str, sqlite_file: Path) -> dict[str, Any]:
    """Return the Django settings of one database: a URL of the environment, else a SQLite file."""
    url = env.str(variable, default="")
    if not url:
        return _sqlite(sqlite_file)
    settings: dict[str, Any] = dict(env.db_url_config(url))
    if settings["ENGINE"].endswith("sqlite3"):
        return _sqlite(Path(settings["NAME"]))
    settings.update(CONN_MAX_AGE=60, CONN_HEALTH_CHECKS=True)
    return settings


def _sqlite(file: Path) -> dict[str, Any]:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _private(file)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": dict(SQLITE_OPTIONS),
        "TEST": {"NAME": str(file.with_suffix(".test.sqlite3"))},
    }


def _private(file: Path) -> None:
    """Keep a database and its logs from everybody but their owner; SQLite gives a new log the mode of its database."""
    with contextlib.suppress(OSError):  # Somebody else's file: SQLite says what is wrong.
        os.close(os.open(file, os.O_CREAT | os.O_RDONLY, 0o600))
        for ending in ("", "-wal", "-shm"):
            one = file.with_name(file.name + ending)
            if one.exists() and one.stat().st_mode & 0o077:
                one.chmod(0o600)


def lock_rows(queryset: Any) -> Any:
    """Lock the rows of a queryset that nobody else holds; SQLite already holds its one write lock."""
    if connections[queryset.db].vendor == "postgresql":
        return queryset.select_for_update(skip_locked=True)
    return queryset


def claim_rows(
    model: Any,
    *,
    where: str,
    order: str,
    limit: int,
    changes: str,
    parameters: Mapping[str, Any],
    using: str = "default",
) -> list[Any]:
    """Change up to ``limit`` rows in one statement, none of them held by anybody else, and return their keys.

    ``where``, ``order`` and ``changes`` are SQL of the caller with ``%(name)s`` for parameters, never input.
    Literal conditions let both databases use a partial index.
    """
    connection = connections[using]
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    table, key = model._meta.db_table, model._meta.pk
    statement = (
        f"WITH due AS MATERIALIZED (SELECT id FROM {table} WHERE {where}"
        f" ORDER BY {order} LIMIT {int(limit)} {skip})"
        f" UPDATE {table} SET {changes} WHERE id IN (SELECT id FROM due) RETURNING id"
    )
    adapted = {name: _adapted(connection, value) for name, value in parameters.items()}
    with connection.cursor() as cursor:
        cursor.execute(statement, adapted)
        return [key.to_python(row[0]) for row in cursor.fetchall()]


def _adapted(connection: Any, value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


@contextmanager
def read_only(alias: str) -> Iterator[None]:
    """Let nothing write to a database inside the block: a write raises ``DatabaseError`` and leaves no trace."""
    connection = connections[alias]
    if connection.vendor == "sqlite":
        yield from _query_only(connection)
        return
    with transaction.atomic(using=alias):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        yield
        transaction.set_rollback(True, using=alias)


def _query_only(connection: Any) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = OFF")

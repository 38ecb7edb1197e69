"""Getting deleted key bytes out of the files of the keyring, as far as a database can."""

from typing import Any

from django.db import DatabaseError, OperationalError, connections

from compliance.keyring.epochs import DATABASE
from compliance.keyring.models import BlindIndex, DataKey, Epoch, SealedSecret

PATIENCE_MS = 1_000  # A long reader delays the next attempt, not everybody who writes meanwhile.
LONGEST_LOCK_MS = 250
LARGEST_REWRITE = 16 * 2**20  # Bytes that are rewritten in about that time: some 100,000 keys.
# Changes that the server had counted at the last two rewrites of a table: two, because a reader with an old
# snapshot makes the first one keep what was deleted.
_rewritten: dict[str, tuple[int, ...]] = {}
TABLES = tuple(model._meta.db_table for model in (DataKey, BlindIndex, SealedSecret, Epoch))


def truncate_wal(using: str = DATABASE, *, full: bool = False) -> bool:
    """Say whether the deleted rows have left the log; False means: busy or not allowed, try again later.

    SQLite: empties the write-ahead log (with ``secure_delete`` the pages are overwritten). PostgreSQL: vacuums
    the tables, which leaves the bytes in the free space of their pages; with ``full`` rewrites those that changed
    and are small enough to be locked for it. In larger ones the bytes stay until a roll makes them worthless; in
    its own log they go with its rotation. Outside a transaction.
    """
    connection = connections[using]
    if connection.in_atomic_block:
        return False
    return _checkpoint(using) if connection.vendor == "sqlite" else _vacuum(using, full=full)


def _checkpoint(using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, _, _ = cursor.fetchone()
        except DatabaseError:
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual}")
    return not busy


def _vacuum(using: str, *, full: bool) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE relname = ANY(%s)",
            [list(TABLES)],
        )
        if not cursor.fetchone()[0]:
            return False
        try:
            cursor.execute(f"SET lock_timeout = {LONGEST_LOCK_MS}")
            done = [_vacuum_table(cursor, table, full=full) for table in TABLES]
        finally:
            cursor.execute("RESET lock_timeout")
        return all(done)


def _vacuum_table(cursor: Any, table: str, *, full: bool) -> bool:
    cursor.execute(
        "SELECT pg_table_size(relid), n_tup_del + n_tup_upd FROM pg_stat_user_tables WHERE relname = %s",
        [table],
    )
    size, changes = cursor.fetchone()
    rewrite = full and size <= LARGEST_REWRITE and _rewritten.get(table) != (changes, changes)
    try:
        # A table of this module, never input.
        cursor.execute(f"VACUUM ({'FULL, ' if rewrite else ''}ANALYZE FALSE) {table}")
    except OperationalError:  # Somebody uses it for longer than others should have to wait.
        return False
    if rewrite:
        _rewritten[table] = (*_rewritten.get(table, ())[-1:], changes)
    return True

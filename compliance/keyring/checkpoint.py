"""Getting deleted key bytes out of the files of the keyring, as far as a database can."""

from django.db import DatabaseError, connections

from compliance.keyring.epochs import DATABASE
from compliance.keyring.models import BlindIndex, DataKey, Epoch, SealedSecret

PATIENCE_MS = 1_000  # A long reader delays the next attempt, not everybody who writes meanwhile.
TABLES = tuple(model._meta.db_table for model in (DataKey, BlindIndex, SealedSecret, Epoch))


def truncate_wal(using: str = DATABASE, *, full: bool = False) -> bool:
    """Say whether the deleted rows have left the log; False means: busy or not allowed, try again later.

    SQLite: empties the write-ahead log (with ``secure_delete`` the pages are overwritten). PostgreSQL: vacuums
    the tables, with ``full`` rewrites them; the bytes in its own log go with its rotation. Outside a transaction.
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
        for table in TABLES:
            cursor.execute(f"VACUUM ({'FULL, ' if full else ''}ANALYZE FALSE) {table}")
    return True

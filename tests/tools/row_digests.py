"""Whether anything changed: one digest per table of the three databases."""

import hashlib

from django.db import connections

ALIASES = ("default", "archive", "keyring")
PASSING = frozenset(
    {"compliance_session"}
)  # Messages on the next page, and the moment of the last one.


def of_all_tables(leaving_out: frozenset[str] = PASSING) -> dict[str, str]:
    """Return ``{database.table: digest}`` over every row and column, in the order of the rows' content."""
    return {
        f"{alias}.{table}": _digest(alias, table)
        for alias in ALIASES
        for table in sorted(connections[alias].introspection.table_names())
        if table not in leaving_out
    }


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the tables whose rows differ."""
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def _digest(alias: str, table: str) -> str:
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connections[alias].ops.quote_name(table)}")
        rows = sorted(repr([_plain(value) for value in row]) for row in cursor.fetchall())
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _plain(value: object) -> object:
    return bytes(value) if isinstance(value, memoryview) else value

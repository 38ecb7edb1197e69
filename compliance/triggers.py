"""Registry of database triggers: what even raw SQL must not do.

A house rule registers its triggers; ``install`` (re)creates them after every migration, because SQLite drops
the triggers of a table silently when it remakes the table. On PostgreSQL the caller has to own the tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections

APPEND_ONLY_ERROR = "append-only: rows of this table never change"


@dataclass(frozen=True)
class Trigger:
    """One trigger: its name, its table, and the statements that create it per vendor (none: not needed there)."""

    name: str
    table: str
    sqlite: str = ""
    postgresql: str = ""
    database: str = "default"

    def sql(self, vendor: str) -> str:
        """Return the creating SQL for a vendor, empty where the trigger does not apply."""
        return {"sqlite": self.sqlite, "postgresql": self.postgresql}.get(vendor, "")


REGISTRY: dict[str, Trigger] = {}


def register(*triggers: Trigger) -> None:
    """Add triggers to the registry; the same name replaces the earlier one."""
    REGISTRY.update({trigger.name: trigger for trigger in triggers})


def append_only(table: str, *, database: str = "default") -> tuple[Trigger, ...]:
    """Return the triggers that refuse UPDATE, DELETE and TRUNCATE on a table."""
    return tuple(_refuse(table, event, database) for event in ("UPDATE", "DELETE", "TRUNCATE"))


def refuse_on_postgresql(
    name: str, table: str, timing: str, *, level: str, condition: str, error: str, rows: str = ""
) -> str:
    """Return PostgreSQL for a function and a trigger that raises ``error`` when ``condition`` (SQL) holds.

    ``rows`` names the inserted rows for a condition that looks at all rows of a statement at once.
    """
    seen = f" REFERENCING NEW TABLE AS {rows}" if rows else ""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{error}' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
        f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$; "
        f"CREATE TRIGGER {name} {timing} ON {table}{seen} FOR EACH {level} EXECUTE FUNCTION {name}()"
    )


def refuse_on_sqlite(name: str, table: str, timing: str, *, condition: str, error: str) -> str:
    """Return SQLite for a trigger that aborts with ``error`` when ``condition`` (SQL) holds."""
    return f"CREATE TRIGGER {name} {timing} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{error}'); END"


def _refuse(table: str, event: str, database: str) -> Trigger:
    name, timing = f"{table}_no_{event.lower()}", f"BEFORE {event}"
    level = "STATEMENT" if event == "TRUNCATE" else "ROW"
    return Trigger(
        name=name,
        table=table,
        database=database,
        sqlite=""
        if event == "TRUNCATE"
        else refuse_on_sqlite(name, table, timing, condition="1", error=APPEND_ONLY_ERROR),
        postgresql=refuse_on_postgresql(
            name, table, timing, level=level, condition="true", error=APPEND_ONLY_ERROR
        ),
    )


def install(using: str) -> int:
    """Create every registered trigger of a database anew and return their number; tables not yet there wait."""
    wanted = _applicable(using)
    with connections[using].cursor() as cursor:
        for trigger in wanted:
            cursor.execute(_drop_sql(using, trigger))
            cursor.execute(trigger.sql(connections[using].vendor))
    return len(wanted)


def remove(using: str) -> None:
    """Drop every registered trigger of a database."""
    with connections[using].cursor() as cursor:
        for trigger in _applicable(using):
            cursor.execute(_drop_sql(using, trigger))


def missing(using: str) -> list[str]:
    """Return the names of registered triggers that the database lacks or has switched off."""
    present = _present(using)
    return [trigger.name for trigger in _applicable(using) if trigger.name not in present]


@contextmanager
def without_triggers(using: str) -> Iterator[None]:
    """Lift the triggers of a database for the test suite's own clean-up; nothing else may call this."""
    remove(using)
    try:
        yield
    finally:
        install(using)


def _applicable(using: str) -> list[Trigger]:
    connection = connections[using]
    ours = [t for t in REGISTRY.values() if t.database == using and t.sql(connection.vendor)]
    tables = set(connection.introspection.table_names()) if ours else set()
    return [trigger for trigger in ours if trigger.table in tables]


def _drop_sql(using: str, trigger: Trigger) -> str:
    if connections[using].vendor == "sqlite":
        return f"DROP TRIGGER IF EXISTS {trigger.name}"
    return f"DROP TRIGGER IF EXISTS {trigger.name} ON {trigger.table}"


def _present(using: str) -> set[str]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if connections[using].vendor == "postgresql":
        sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    with connections[using].cursor() as cursor:
        cursor.execute(sql)
        return {str(name) for (name,) in cursor.fetchall()}

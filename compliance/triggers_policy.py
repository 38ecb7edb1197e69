"""Triggers of policies: what an approved version says never changes, whoever asks the database."""

from compliance.models.policy_tables import FROZEN_MODELS
from compliance.models.policy_version import CONTENT_COLUMNS, PolicyVersion
from compliance.triggers import Trigger, refuse_on_postgresql, refuse_on_sqlite, register

VERSIONS = PolicyVersion._meta.db_table
FROZEN = ", ".join(f"'{state}'" for state in PolicyVersion.FROZEN)
ROW_ERROR = "policy: a row of an approved version never changes"
VERSION_ERROR = "policy: what an approved version says never changes"
TRUNCATE_ERROR = "policy: tables of policy versions are never emptied"
EDITABLE = "'draft', 'in_review'"


def _row_condition(*sides: str) -> str:
    found = " OR ".join(f"id = {side}.version_id" for side in sides)
    return f"EXISTS (SELECT 1 FROM {VERSIONS} WHERE state IN ({FROZEN}) AND ({found}))"


def _locking_row_condition(*sides: str) -> str:
    """The same for PostgreSQL, where an approval that is being committed has to be waited for."""
    found = " OR ".join(f"id = {side}.version_id" for side in sides)
    locked = f"SELECT state FROM {VERSIONS} WHERE {found} FOR SHARE"
    # Materialized: a condition pushed into the look-up would skip the lock while the old state is seen.
    return f"EXISTS (WITH held AS MATERIALIZED ({locked}) SELECT 1 FROM held WHERE state IN ({FROZEN}))"


def _content_condition() -> str:
    columns = [PolicyVersion._meta.get_field(name).column for name in CONTENT_COLUMNS.split()]
    # PostgreSQL compares jsonb by value, SQLite compares the stored text: either way any change counts.
    changed = " OR ".join(
        f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in sorted(set(columns))
    )
    return f"OLD.state IN ({FROZEN}) AND (NEW.state IN ({EDITABLE}) OR {changed})"


def _replaced_row(table: str) -> str:
    """SQLite's REPLACE removes the row in the way without any DELETE trigger."""
    return (
        f"EXISTS (SELECT 1 FROM {table} AS other JOIN {VERSIONS} AS version ON version.id = other.version_id "
        f"WHERE other.id = NEW.id AND version.state IN ({FROZEN}))"
    )


def _replaced_version(own: str) -> str:
    in_the_way = (
        "id = NEW.id OR (service_id = NEW.service_id AND (number = NEW.number "
        "OR (state = 'in_effect' AND NEW.state = 'in_effect')))"
    )
    return f"EXISTS (SELECT 1 FROM {VERSIONS} WHERE state IN ({FROZEN}) AND id <> {own} AND ({in_the_way}))"


def _refuse(event: str, table: str, error: str, *, sqlite: str, postgresql: str) -> Trigger:
    name, timing = f"{table}_frozen_{event.lower()}", f"BEFORE {event}"
    for_postgresql = postgresql and refuse_on_postgresql(
        name, table, timing, level="ROW", condition=postgresql, error=error
    )
    return Trigger(
        name=name,
        table=table,
        sqlite=refuse_on_sqlite(name, table, timing, condition=sqlite, error=error),
        postgresql=for_postgresql,
    )


def _no_truncate(table: str) -> Trigger:
    name = f"{table}_no_truncate"
    sql = refuse_on_postgresql(
        name, table, "BEFORE TRUNCATE", level="STATEMENT", condition="true", error=TRUNCATE_ERROR
    )
    return Trigger(name=name, table=table, postgresql=sql)


def _row_triggers(table: str) -> tuple[Trigger, ...]:
    sides = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}
    refused = (
        _refuse(
            event,
            table,
            ROW_ERROR,
            sqlite=" OR ".join((_row_condition(*names), *_also_replaced(event, table))),
            postgresql=_locking_row_condition(*names),
        )
        for event, names in sides.items()
    )
    return (*refused, _no_truncate(table))


def _also_replaced(event: str, table: str) -> tuple[str, ...]:
    return () if event == "DELETE" else (_replaced_row(table),)


def _version_triggers() -> tuple[Trigger, ...]:
    kept, changed = f"OLD.state IN ({FROZEN})", _content_condition()
    on_sqlite = (
        f"({changed.replace('IS DISTINCT FROM', 'IS NOT')}) OR {_replaced_version('OLD.id')}"
    )
    return (
        _refuse("INSERT", VERSIONS, VERSION_ERROR, sqlite=_replaced_version("-1"), postgresql=""),
        _refuse("UPDATE", VERSIONS, VERSION_ERROR, sqlite=on_sqlite, postgresql=changed),
        _refuse("DELETE", VERSIONS, VERSION_ERROR, sqlite=kept, postgresql=kept),
        _no_truncate(VERSIONS),
    )


register(*_version_triggers())
for model in FROZEN_MODELS:
    register(*_row_triggers(model._meta.db_table))

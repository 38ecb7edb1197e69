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


def _content_condition() -> str:
    columns = [PolicyVersion._meta.get_field(name).column for name in CONTENT_COLUMNS.split()]
    # PostgreSQL compares jsonb by value, SQLite compares the stored text: either way any change counts.
    changed = " OR ".join(
        f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in sorted(set(columns))
    )
    return f"OLD.state IN ({FROZEN}) AND (NEW.state IN ({EDITABLE}) OR {changed})"


def _refuse(name: str, table: str, timing: str, condition: str, error: str) -> Trigger:
    for_sqlite = condition.replace("IS DISTINCT FROM", "IS NOT")
    return Trigger(
        name=name,
        table=table,
        sqlite=refuse_on_sqlite(name, table, timing, condition=for_sqlite, error=error),
        postgresql=refuse_on_postgresql(
            name, table, timing, level="ROW", condition=condition, error=error
        ),
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
            f"{table}_frozen_{event.lower()}",
            table,
            f"BEFORE {event}",
            _row_condition(*names),
            ROW_ERROR,
        )
        for event, names in sides.items()
    )
    return (*refused, _no_truncate(table))


def _version_triggers() -> tuple[Trigger, ...]:
    kept = f"OLD.state IN ({FROZEN})"
    return (
        _refuse(
            f"{VERSIONS}_frozen_update",
            VERSIONS,
            "BEFORE UPDATE",
            _content_condition(),
            VERSION_ERROR,
        ),
        _refuse(f"{VERSIONS}_frozen_delete", VERSIONS, "BEFORE DELETE", kept, VERSION_ERROR),
        _no_truncate(VERSIONS),
    )


register(*_version_triggers())
for model in FROZEN_MODELS:
    register(*_row_triggers(model._meta.db_table))

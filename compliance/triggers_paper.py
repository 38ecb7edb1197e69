"""Triggers of the paper register: a witnessed destruction never changes, and no row is deleted."""

from compliance.models.paper import PaperBatch
from compliance.triggers import Trigger, refuse_on_postgresql, refuse_on_sqlite, register

TABLE = PaperBatch._meta.db_table
ERROR = "paper: a witnessed destruction never changes"


def _refuse(event: str, condition: str) -> Trigger:
    name, timing = f"{TABLE}_frozen_{event.lower()}", f"BEFORE {event}"
    return Trigger(
        name=name,
        table=TABLE,
        sqlite=refuse_on_sqlite(name, TABLE, timing, condition=condition, error=ERROR),
        postgresql=refuse_on_postgresql(
            name, TABLE, timing, level="ROW", condition=condition, error=ERROR
        ),
    )


def _no_truncate() -> Trigger:
    name = f"{TABLE}_no_truncate"
    sql = refuse_on_postgresql(
        name, TABLE, "BEFORE TRUNCATE", level="STATEMENT", condition="true", error=ERROR
    )
    return Trigger(name=name, table=TABLE, postgresql=sql)


# SQLite runs no DELETE trigger for INSERT OR REPLACE, so the row in the way is guarded on the way in.
IN_THE_WAY = f"EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id AND witness_id IS NOT NULL)"  # nosec B608  # names of this module

register(
    _refuse("INSERT", IN_THE_WAY),
    _refuse("UPDATE", "OLD.witness_id IS NOT NULL"),
    _refuse("DELETE", "1 = 1"),
    _no_truncate(),
)

"""Triggers of the ledger: no change, no removal, and every number follows the last one."""

from compliance.triggers import (
    Trigger,
    append_only,
    refuse_on_postgresql,
    refuse_on_sqlite,
    register,
)

ENTRIES, ITEMS = "compliance_ledgerentry", "compliance_ledgerbatchitem"
CHECKPOINTS = "compliance_ledgercheckpoint"
ORDER_ERROR = "ledger: the number does not follow the last one"
LAST = f"COALESCE((SELECT MAX(seq) FROM {ENTRIES}), 0)"  # nosec B608  # names of this module
NOT_NEXT = f"NEW.seq <> {LAST} + 1"

# SQLite runs no DELETE trigger for INSERT OR REPLACE, so the order is guarded on the way in.
IN_ORDER = Trigger(
    name=f"{ENTRIES}_in_order",
    table=ENTRIES,
    sqlite=refuse_on_sqlite(
        f"{ENTRIES}_in_order", ENTRIES, "BEFORE INSERT", condition=NOT_NEXT, error=ORDER_ERROR
    ),
    postgresql=refuse_on_postgresql(
        f"{ENTRIES}_in_order",
        ENTRIES,
        "BEFORE INSERT",
        level="ROW",
        condition=NOT_NEXT,
        error=ORDER_ERROR,
    ),
)

STRAY = (
    f"NEW.entry_id <> {LAST} OR NEW.id / 1024 <> NEW.entry_id"
    f" OR EXISTS (SELECT 1 FROM {ITEMS} WHERE id = NEW.id)"  # nosec B608  # names of this module
)
# PostgreSQL looks at a whole batch at once: a look per row would cost more than the rows themselves.
STRAYS = f"EXISTS (SELECT 1 FROM fresh WHERE entry_id <> {LAST} OR id / 1024 <> entry_id)"  # nosec B608
WITH_ENTRY = Trigger(
    name=f"{ITEMS}_with_entry",
    table=ITEMS,
    sqlite=refuse_on_sqlite(
        f"{ITEMS}_with_entry", ITEMS, "BEFORE INSERT", condition=STRAY, error=ORDER_ERROR
    ),
    postgresql=refuse_on_postgresql(
        f"{ITEMS}_with_entry",
        ITEMS,
        "AFTER INSERT",
        level="STATEMENT",
        condition=STRAYS,
        error=ORDER_ERROR,
        rows="fresh",
    ),
)

register(
    *append_only(ENTRIES), *append_only(ITEMS), *append_only(CHECKPOINTS), IN_ORDER, WITH_ENTRY
)

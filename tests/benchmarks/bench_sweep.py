"""The destruction sweep over due records, beside plain DELETEs of the same rows."""

from datetime import UTC, date, datetime
from typing import Any

from django.db import router, transaction
from django.db.models import Model

from compliance.keyring.models import BlindIndex, DataKey
from members.actions import destruction
from members.models import Record
from tests.benchmarks import crowd
from tests.benchmarks.watch import Watch

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def run(members: int) -> dict[str, Any]:
    """Destroy one record per member with keys, index, ledger and certificate.

    ``ratio`` is the time against one DELETE of the records, ``ratio_all_tables`` against one DELETE each of
    records, keys and index rows; both are taken back, not committed.
    """
    service = crowd.members(members)
    records, keys, index = (_plain_delete(model) for model in (Record, DataKey, BlindIndex))
    Record.objects.update(due_on=date(2026, 11, 1))
    with Watch() as sweeping:
        report = destruction.destroy_due(service, now=NOW)
    assert report.done == members
    with Watch() as idle:
        assert destruction.destroy_due(service, now=NOW).done == 0
    return {
        **sweeping.of(members),
        "ratio": sweeping.seconds / records,
        "ratio_all_tables": sweeping.seconds / (records + keys + index),
        "nothing_due_ms": idle.seconds * 1000,
    }


def _plain_delete(model: type[Model]) -> float:
    """Time one DELETE of all rows of a table and take it back."""
    rows = model._default_manager.all()
    alias = router.db_for_write(model)
    with transaction.atomic(using=alias):
        with Watch() as deleting:
            rows._raw_delete(alias)
        transaction.set_rollback(True, using=alias)
    return deleting.seconds

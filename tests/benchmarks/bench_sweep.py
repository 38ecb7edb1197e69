"""The destruction sweep over due records, beside one plain DELETE of as many rows."""

import time
from datetime import UTC, date, datetime
from typing import Any

from django.db import transaction

from members.actions import destruction
from members.models import Record
from tests.benchmarks import crowd

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def run(members: int) -> dict[str, Any]:
    """Destroy one record per member with keys, index, ledger and certificate; ``ratio`` against the plain DELETE."""
    service = crowd.members(members)
    reference = _plain_delete()
    Record.objects.update(due_on=date(2026, 11, 1))
    began = time.perf_counter()
    report = destruction.destroy_due(service, now=NOW)
    seconds = time.perf_counter() - began
    assert report.done == members
    idle = time.perf_counter()
    assert destruction.destroy_due(service, now=NOW).done == 0
    return {
        "units": members,
        "seconds": seconds,
        "ratio": seconds / reference,
        "nothing_due_ms": (time.perf_counter() - idle) * 1000,
    }


def _plain_delete() -> float:
    """Time one DELETE of all records and take it back."""
    began = time.perf_counter()
    with transaction.atomic():
        Record.objects.all()._raw_delete("default")
        seconds = time.perf_counter() - began
        transaction.set_rollback(True)
    return seconds

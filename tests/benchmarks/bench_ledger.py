"""The ledger: append in batches with a Merkle root, as every mass job does, then verify the chain."""

import time
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from compliance import ledger

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BATCH = 500


def run(members: int) -> dict[str, Any]:
    """Append one item per member, then verify; returns both times."""
    began = time.perf_counter()
    for first in range(0, members, BATCH):
        people = [(f"{number:032x}", {}) for number in range(first, min(first + BATCH, members))]
        with transaction.atomic():
            ledger.record_batch(
                "members.subject.registered", people, actor=None, now=NOW, service="bench"
            )
    appended = time.perf_counter()
    verified = ledger.verify()
    assert verified.ok
    return {
        "units": members,
        "seconds": appended - began,
        "verify_seconds": time.perf_counter() - appended,
    }

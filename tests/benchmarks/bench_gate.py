"""The gate for an audience: may these people get a notice, and at which address; beside reading their rows alone."""

from datetime import UTC, datetime
from typing import Any

from members import gate
from members.models import DataSubject, Record
from tests.benchmarks import crowd
from tests.benchmarks.watch import Watch

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BATCH = 500


def run(members: int) -> dict[str, Any]:
    """Ask in batches and unseal the address; ``ratio`` is the time against one look at the same rows."""
    service = crowd.members(members)
    allowed = 0
    with Watch() as asking:
        for people in _batches():
            given = gate.audience(people, "policy_notice", ["email"], service=service, now=NOW)
            allowed += sum(one.decision.allowed for one in given.values())
    with Watch() as reading:
        read = sum(len(list(Record.objects.filter(subject__in=people))) for people in _batches())
    assert allowed == read == members
    return {**asking.of(members), "ratio": asking.seconds / reading.seconds}


def _batches():
    after = 0
    while people := list(DataSubject.objects.filter(pk__gt=after).order_by("pk")[:BATCH]):
        after = people[-1].pk
        yield people

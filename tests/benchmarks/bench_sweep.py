"""Destroying by plan, beside one plain DELETE of each table over an equal copy of the same rows, committed."""

import contextlib
import json
import resource
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from compliance import ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Service
from members.actions import destruction, destruction_plan
from members.models import DestructionPlan, Record
from members.models.data_subject import new_public_id
from tests.benchmarks import crowd
from tests.benchmarks.watch import Watch
from tests.tools import cast

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
OVER, COPY, LATER = date(2026, 11, 1), date(2029, 1, 1), date(2030, 1, 1)
MILLION = 1_000_000


def run(members: int) -> dict[str, Any]:
    """Destroy one record per member: keys, index, rows, a ledger item per person, certificates, cursor.

    ``ratio``: the sweep of an approved plan (list checked again, then destroyed) against one DELETE each of records,
    keys and index rows, committed, over as many equal rows in the same tables. Planning is told apart.
    """
    service = cast.service()
    crowd.rows(service, members, due_on=COPY)
    crowd.rows(service, members, due_on=OVER)
    plain = _plain_deletes()
    _used_ledger(service)
    planning, plan = _planned(service)
    before = _resident_mib()
    with _longest_transaction() as longest, Watch() as sweeping:
        report = destruction.destroy_due(service, now=NOW)
    grown = _resident_mib() - before
    assert report.done == members and not Record.objects.exists() and not DataKey.objects.exists()
    plan.refresh_from_db()
    assert plan.state == DestructionPlan.State.DONE
    return {
        **sweeping.of(members),
        "ratio": sweeping.seconds / plain,
        "ratio_with_planning": (sweeping.seconds + planning) / plain,
        "longest_transaction_ms": max(longest) * 1000,
        "grown_mib": grown,
        **_nothing_due(service, MILLION if members >= 100_000 else members),
    }


def _plain_deletes() -> float:
    """Time one committed DELETE a table over the copy: records by their day, keys and index rows by an array of ids.

    Reading the ids is not timed, and neither are people, who stay in the sweep too.
    """
    ids = list(Record.objects.filter(due_on=COPY).values_list("pk", flat=True))
    deleting = Watch()
    with deleting, transaction.atomic():
        Record.objects.filter(due_on=COPY)._raw_delete("default")
    for model, column in ((DataKey, "id"), (BlindIndex, "key")):
        table = model._meta.db_table
        with deleting, transaction.atomic(using="keyring"):
            _delete(f"DELETE FROM {table} WHERE {column}", ids)
    _clean()
    return deleting.seconds


def _delete(begin: str, ids: list[UUID]) -> None:
    connection, texts = connections["keyring"], [id.hex for id in ids]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{begin} = ANY(%s::uuid[])", ["{" + ",".join(texts) + "}"])
        else:
            cursor.execute(f"{begin} IN (SELECT value FROM json_each(%s))", [json.dumps(texts)])


def _used_ledger(service: Service) -> None:
    """Fill the ledger as any house that has run for a while; PostgreSQL plans triggers by the size of a table."""
    for _ in range(5):
        with transaction.atomic():
            people = [(new_public_id(), {}) for _ in range(ledger.MAX_ITEMS)]
            ledger.record_batch(
                "members.subject.registered", people, actor=None, now=NOW, service=service
            )
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE")
    connections.close_all()


def _planned(service: Service) -> tuple[float, DestructionPlan]:
    """Let the sweep plan, and an officer approve what it planned where that is needed."""
    with Watch() as planning:
        report = destruction.destroy_due(service, now=NOW)
    assert not report.done, "fewer records than an approval is needed for"
    plan = DestructionPlan.objects.get()
    officer = cast.officer("bench", service)
    return planning.seconds, destruction_plan.approve(
        plan, shown=plan.content_hash, actor=officer, now=NOW
    )


def _nothing_due(service: Service, many: int) -> dict[str, Any]:
    """Time a sweep with nothing due among many records; the median of nine."""
    _clean()
    with Watch() as filling:
        crowd.rows(service, many, due_on=LATER)
    times = []
    for _ in range(9):
        with Watch() as idle:
            assert destruction.destroy_due(service, now=NOW).done == 0
        times.append(idle.seconds)
    return {
        "nothing_due_of": many,
        "nothing_due_ms": sorted(times)[4] * 1000,
        "filling_seconds": filling.seconds,
    }


@contextlib.contextmanager
def _longest_transaction() -> Iterator[list[float]]:
    """Note how long every transaction of every database was open, from BEGIN to the end of COMMIT."""
    durations = [0.0]
    usual = {alias: connections[alias].set_autocommit for alias in connections}

    def watched(alias: str) -> Any:
        began = time.perf_counter()

        def set_autocommit(autocommit: bool, *args: Any, **kwargs: Any) -> None:
            nonlocal began
            was_open = not connections[alias].autocommit
            usual[alias](autocommit, *args, **kwargs)
            if autocommit and was_open:  # A new connection sets it too, and ends nothing.
                durations.append(time.perf_counter() - began)
            began = time.perf_counter()

        return set_autocommit

    for alias in connections:
        connections[alias].set_autocommit = watched(alias)
    try:
        yield durations
    finally:
        for alias in connections:
            del connections[alias].set_autocommit


def _clean() -> None:
    """Leave no dead rows of the part before, as autovacuum would in time."""
    for alias in ("default", "keyring"):
        with connections[alias].cursor() as cursor:
            cursor.execute("VACUUM")


def _resident_mib() -> float:
    """Return the memory of this process now, or its peak where /proc is missing."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize() / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20

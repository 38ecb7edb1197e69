"""Dormancy among a crowd: looking for whom it is time, telling all of them, and noting what became of the messages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connections

from compliance.models import Service
from members.actions import dormancy_notice
from members.models import DataSubject, Delivery, Dormancy
from tests.benchmarks import crowd
from tests.benchmarks.bench_sweep import _longest_transaction, _resident_mib, _used_ledger
from tests.benchmarks.watch import Watch
from tests.tools import cast

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
UNUSED_SINCE = datetime(2025, 12, 20, 3, tzinfo=UTC)
SPREAD = 400  # Days over which the last uses lie, so that separations fall on many days.
Sent = Delivery.State


def run(members: int) -> dict[str, Any]:
    """Write the notices of everybody (``units``), note that they left, and look for the next one in between.

    ``nothing_due_ms``: the whole sweep while everybody uses the service; ``all_told_ms``: while everybody has been
    told and nobody has come back. Messages are not mailed here; ``JOB=notices`` measures that.
    """
    service = cast.service()
    crowd.people(service, members)
    DataSubject.objects.update(last_used_at=NOW)
    _used_ledger(service)
    nothing_due = _idle(service)
    _unused()
    before = _resident_mib()
    with _longest_transaction() as longest:
        planning = _sweep(members)
        Delivery.objects.update(state=Sent.SENT, finished_at=NOW + timedelta(hours=1))
        _analyse()
        longest_planning = max(longest)
    with _longest_transaction() as longest:
        noting = _sweep(members)
    grown = _resident_mib() - before
    assert Dormancy.objects.filter(state=Dormancy.State.TOLD).count() == members
    return {
        **planning.of(members),
        "noted_per_second": round(members / noting.seconds),
        "noting_seconds": noting.seconds,
        "nothing_due_ms": nothing_due,
        "all_told_ms": _idle(service),
        "longest_transaction_ms": max(longest_planning, *longest) * 1000,
        "grown_mib": grown,
    }


def _sweep(expected: int) -> Watch:
    with Watch() as watch:
        report = dormancy_notice.notify_due(NOW)
    assert report.done == expected
    return watch


def _idle(service: Service) -> float:
    """Time a sweep that finds nothing to do; the median of five, in milliseconds."""
    _analyse()
    return sorted(_sweep(0).seconds for _ in range(5))[2] * 1000


def _unused() -> None:
    """Nobody has come for ten months or longer, each day of ``SPREAD`` with its share of the crowd."""
    table, days = DataSubject._meta.db_table, f"(id %% {SPREAD})"
    moments = {
        "postgresql": f"%s::timestamptz - {days} * interval '1 day'",
        "sqlite": f"datetime(%s, '-' || {days} || ' days')",
    }
    with connections["default"].cursor() as cursor:
        moment = moments[connections["default"].vendor]
        cursor.execute(
            f"UPDATE {table} SET last_used_at = {moment}", [UNUSED_SINCE.isoformat(sep=" ")]
        )
    _analyse()


def _analyse() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE")

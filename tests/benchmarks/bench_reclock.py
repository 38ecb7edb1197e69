"""A version takes effect: the report before it, then the last days of all records, spread over 1,500 days."""

from datetime import UTC, datetime
from typing import Any

from django.db import connections

from members.actions import reclock
from members.models import DataSubject, Record
from tests.benchmarks import crowd
from tests.benchmarks.bench_sweep import _longest_transaction, _resident_mib
from tests.benchmarks.watch import Watch
from tests.tools import cast, versions

NOW = datetime(2026, 12, 22, 15, 5, tzinfo=UTC)
_DAY = {
    "postgresql": "(date '2022-01-01' + subject_id::int % 1500)::text",
    "sqlite": "date('2022-01-01', '+' || (subject_id % 1500) || ' days')",
}
_ANCHORS = {"postgresql": "jsonb_build_object", "sqlite": "json_object"}


def run(members: int) -> dict[str, Any]:
    """Time the report and the run, and note the longest transaction and what memory has grown by."""
    service = cast.service()
    crowd.rows(service, members)
    _spread()
    version = versions.draft(service, {"payment_5y": {"period": "P7Y"}})
    with Watch() as reporting:
        foretold = reclock.preview(version, versions.DAY)
    versions.put_in_force(version)
    before = _resident_mib()
    with _longest_transaction() as longest, Watch() as running:
        report = reclock.run_due(NOW)
    assert report.done == foretold.total.records == members
    with Watch() as idle:
        assert reclock.run_due(NOW).done == 0
    return {
        **running.of(members),
        "report_seconds": reporting.seconds,
        "report_cpu_seconds": reporting.cpu_seconds,
        "nothing_due_ms": idle.seconds * 1000,
        "longest_transaction_ms": max(longest) * 1000,
        "grown_mib": _resident_mib() - before,
    }


def _spread() -> None:
    """Make the records payments of purchasers, each day of 1,500 with its own clock."""
    connection = connections["default"]
    day, anchors = _DAY[connection.vendor], _ANCHORS[connection.vendor]
    due = f"({day})::date" if connection.vendor == "postgresql" else day
    DataSubject.objects.update(kind="nonmember")
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Record._meta.db_table} SET record_class = 'payment_records',"  # nosec B608
            f" anchors = {anchors}('payment', {day}, 'supply', {day}), held_by = 'payment_5y',"
            f" due_on = {due}"
        )
        cursor.execute("ANALYZE")

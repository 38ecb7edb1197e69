"""``kill -9`` in the middle of a destruction run: every record goes once, nobody else loses anything."""

import os
import random
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from compliance import ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Certificate, Effect, LedgerBatchItem
from members.actions import destruction, destruction_plan
from members.models import DestructionPlan, Record
from tests.benchmarks import crowd
from tests.tools import cast, worker

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.servers,
    pytest.mark.faults,
]

DUE = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, 15, tzinfo=UTC)
RECORDS, STAY, KILLS = 12_000, 300, 5
SEED = int(os.environ.get("SEED", "20261125"))


def sweep(at, tmp_path, *, kill_after=None):
    """Run the sweep in a process of its own; kill it a random while after it has begun to destroy."""
    with worker.sweep("retention.destroy", at=at.isoformat(), log=tmp_path / "log") as process:
        if kill_after is None:
            assert process.wait(240) == 0, process.said()
            return
        seen = Effect.objects.count()
        worker.wait_until(lambda: Effect.objects.count() > seen or not process.running())
        time.sleep(kill_after)
        process.kill()


@pytest.mark.promise("MIK-9.1.2b")
def test_a_killed_run_goes_on_where_it_was_and_destroys_each_record_once(tmp_path):
    print(f"SEED={SEED}")
    mikmik = cast.service()
    crowd.rows(mikmik, RECORDS, due_on=DUE)
    crowd.rows(mikmik, STAY, due_on=DUE + timedelta(days=300))
    destruction.destroy_due(mikmik, now=MIDNIGHT)
    plan = DestructionPlan.objects.get()
    officer = cast.officer("mina", mikmik)
    destruction_plan.approve(plan, shown=plan.content_hash, actor=officer, now=MIDNIGHT)
    chance, at = random.Random(SEED), MIDNIGHT
    for _ in range(KILLS):
        sweep(at, tmp_path, kill_after=chance.uniform(0.0, 0.3))
        every_certified_record_is_gone()
        at += timedelta(hours=1)  # The lease of the killed process is over.
    sweep(at, tmp_path)
    plan.refresh_from_db()
    assert (plan.state, plan.destroyed) == ("done", RECORDS)
    assert Record.objects.count() == DataKey.objects.count() == STAY
    assert BlindIndex.objects.count() == 4 * STAY
    assert not Effect.objects.filter(state="intended").exists()
    assert certified() == RECORDS
    told = LedgerBatchItem.objects.filter(entry__code="members.record.destroyed")
    assert sum(data["records"] for data in told.values_list("data", flat=True)) == RECORDS
    assert ledger.verify().ok


def certified():
    return sum(line["records"] for one in Certificate.objects.all() for line in one.counts)


def every_certified_record_is_gone():
    assert Record.objects.count() + certified() <= RECORDS + STAY

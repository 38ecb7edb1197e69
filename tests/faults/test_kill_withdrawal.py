"""``kill -9`` in the middle of withdrawals: everybody gets out whole, nobody is in both places or in none."""

import os
import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from compliance import ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Certificate, Effect
from members.actions import withdrawal
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DataSubject, Delivery, Record, Withdrawal
from tests.tools import cast, worker

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

LEFT = datetime(2027, 1, 31, 3, tzinfo=UTC)
PEOPLE, KILLS = 25, 6
SEED = int(os.environ.get("SEED", "20261125"))


def people():
    mikmik = cast.service()
    leavers = [cast.member(mikmik, f"person{n}", mobile=f"010-7000-{n:04}") for n in range(PEOPLE)]
    for one in leavers:
        cast.history(one)
    stays = cast.member(mikmik, "stays", mobile="010-7999-0000")
    for one in leavers:
        withdrawal.request(one, channel="web", actor=None, now=LEFT)
    return leavers, stays


def sweep(entry, at, tmp_path, *, kill_after=None):
    """Run an entry in a process of its own; kill it once it has begun to work, after a random while."""
    with worker.sweep(entry, at=at.isoformat(), log=tmp_path / "sweep.log") as process:
        if kill_after is None:
            assert process.wait(120) == 0, process.said()
            return
        worker.wait_until(lambda: Effect.objects.exists() or not process.running())
        time.sleep(kill_after)
        process.kill()


@pytest.mark.promise("MIK-8.1a")
def test_a_killed_withdrawal_is_carried_out_completely(tmp_path, smtp_sink):
    print(f"SEED={SEED}")
    leavers, stays = people()
    chance, at = random.Random(SEED), LEFT
    for _ in range(KILLS):
        sweep("withdrawals.carry_out", at, tmp_path, kill_after=chance.uniform(0.0, 0.4))
        at += timedelta(minutes=6)  # The lease of the killed process is over.
    for entry in ("withdrawals.carry_out", "deliveries.send", "withdrawals.carry_out"):
        sweep(entry, at, tmp_path)
        at += timedelta(minutes=6)
    assert set(Withdrawal.objects.values_list("step", flat=True)) == {"complete"}
    assert list(Record.objects.values_list("subject", flat=True).distinct()) == [stays.pk]
    assert ArchivedSubject.objects.count() == PEOPLE
    assert (
        ArchivedRecord.objects.count() == 7 * PEOPLE and RejoinDigest.objects.count() == 2 * PEOPLE
    )
    assert set(DataSubject.objects.exclude(pk=stays.pk).values_list("status", flat=True)) == {
        "withdrawn"
    }
    every_key_belongs_to_a_record()
    everybody_was_told(leavers, smtp_sink)
    assert Certificate.objects.filter(kind="person").count() == PEOPLE
    assert not Effect.objects.filter(state="intended").exists()
    assert ledger.verify().ok


def every_key_belongs_to_a_record():
    records = {
        *Record.objects.values_list("pk", flat=True),
        *ArchivedRecord.objects.values_list("pk", flat=True),
    }
    assert set(DataKey.objects.values_list("pk", flat=True)) == records
    assert set(BlindIndex.objects.values_list("key", flat=True)) <= records


def everybody_was_told(leavers, sink):
    told = [mail.recipients[0] for mail in sink.accepted()]
    assert sorted(set(told)) == sorted(f"person{n}@mail.example" for n in range(PEOPLE))
    assert len(told) == PEOPLE
    assert not Delivery.objects.exclude(sealed=None).exists()

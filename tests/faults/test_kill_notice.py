"""``kill -9`` in the middle of a notice to 2,000 people: nobody is missing, at most one copy too many per kill.

The seeds are fixed and printed; the checker compares outbox, mail server and ledger.
"""

import random
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings as house
from django.db import connections

from compliance import ledger
from compliance.models import LedgerBatchItem, LedgerEntry
from members.actions import delivery_plan
from members.models import Delivery
from tests.tools import cast, worker
from tests.tools.notices import NOW, address, announced, people
from tests.tools.smtp_sink import Faults, Sink

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.faults,
    pytest.mark.servers,
]
PEOPLE = 2_000
KILLS = 8
SEED = 20261123


@pytest.fixture
def notice(tmp_path, settings, smtp_sink):
    """A planned notice to 2,000 people; the children send to the sink and keep their journals here."""
    settings.JOURNAL_DIR = tmp_path / "journal"
    mikmik = cast.service()
    people(mikmik, PEOPLE)
    made = announced(mikmik)
    assert delivery_plan.plan(made, actor=None, now=NOW) == PEOPLE
    for connection in connections.all():
        connection.close()
    return made


def environ(settings):
    return {
        "JOURNAL_DIR": str(settings.JOURNAL_DIR),
        "EMAIL_TIMEOUT": "5",
        "VAR_DIR": str(house.VAR_DIR),
    }


def kill_at_random_points(run, sink: Sink, kills: int, dice: random.Random) -> int:
    """Start the sender ``kills`` times and kill it each time after a random number of further messages."""
    done = 0
    for _ in range(kills):
        goal = len(lines(sink)) + dice.randint(1, PEOPLE // (kills + 2))
        with run() as process:
            while process.running() and len(lines(sink)) < goal:
                time.sleep(0.002)
            time.sleep(dice.random() * 0.01)
            done += process.running()
            process.kill()
    return done


def lines(sink: Sink) -> list[str]:
    return sink.log.read_text().splitlines() if sink.log.exists() else []


def check(sink: Sink, *, spare: int) -> int:
    """Compare outbox, mail server and ledger; return how many copies were too many."""
    rows = Delivery.objects.filter(kind="notice")
    assert Counter(rows.values_list("state", flat=True)) == {"sent": PEOPLE}
    copies = sink.message_ids()
    assert set(copies) == set(rows.values_list("message_id", flat=True))
    assert {to for mail in sink.accepted() for to in mail.recipients} == {
        address(n) for n in range(PEOPLE)
    }
    too_many = sum(copies.values()) - PEOPLE
    assert too_many <= spare
    told = LedgerBatchItem.objects.filter(entry__code="members.delivery.sent")
    assert told.count() == told.values("subject_key").distinct().count() == PEOPLE
    assert ledger.verify().ok
    return too_many


def test_a_killed_sweep_loses_nobody_and_repeats_at_most_one_message_per_kill(
    notice, smtp_sink, settings, tmp_path, capsys
):
    dice = random.Random(SEED)

    def sweep():
        return worker.sweep(
            "deliveries.send", at=NOW.isoformat(), log=tmp_path / "sweep.log", **environ(settings)
        )

    kills = kill_at_random_points(sweep, smtp_sink, KILLS, dice)
    before, started = len(lines(smtp_sink)), time.monotonic()
    for _ in range(5):
        with sweep() as process:
            assert process.wait(120) == 0, process.said()
        if not Delivery.objects.filter(finished_at=None).exists():
            break
    seconds = time.monotonic() - started
    too_many = check(smtp_sink, spare=kills)
    attempts = Counter(Delivery.objects.values_list("attempts", flat=True))
    with capsys.disabled():
        rate = (len(lines(smtp_sink)) - before) / seconds
        print(f"\nseed {SEED}: {kills} kills, {too_many} copies too many, tries {dict(attempts)}")
        print(f"{rate:.0f} messages a second with the start of the process")
    assert kills >= KILLS - 2


def test_faulty_answers_and_kills_together_lose_nobody(
    notice, smtp_sink, settings, tmp_path, capsys
):
    """A bad relay: 3 % 450, 1 % 421, 2 % 451, 1 % lines lost after DATA; copies only for withheld answers and kills."""
    smtp_sink.break_with(
        Faults(
            seed=SEED,
            replies={"rcpt:450": 0.03, "mail:421": 0.01, "dot:451": 0.02},
            lost_after_data=0.01,
        )
    )
    dice, moment, kills = random.Random(SEED), NOW, 0

    def sweep():
        return worker.sweep(
            "deliveries.send",
            at=moment.isoformat(),
            log=tmp_path / "sweep.log",
            **environ(settings),
        )

    kills += kill_at_random_points(sweep, smtp_sink, 4, dice)
    for _ in range(12):
        with sweep() as process:
            assert process.wait(120) == 0, process.said()
        if not Delivery.objects.filter(finished_at=None).exists():
            break
        moment += timedelta(hours=1)
    too_many = check(smtp_sink, spare=smtp_sink.withheld() + kills)
    worst = max(Delivery.objects.values_list("attempts", flat=True))
    with capsys.disabled():
        print(f"\nseed {SEED}: {kills} kills, {smtp_sink.withheld()} withheld")
        print(f"{too_many} copies too many, {worst} tries at most")
    assert worst <= 8


@pytest.mark.skipif(not house.REDIS_URL, reason="needs Redis: make faults runs it")
def test_a_killed_celery_worker_loses_nobody(notice, smtp_sink, settings, tmp_path, capsys):
    """The real worker on Redis, rung by hand as a web request would ring it."""
    dice = random.Random(SEED)
    Delivery.objects.update(not_before=NOW - timedelta(days=400))

    def celery():
        return worker.celery_worker(
            log=tmp_path / "celery.log", queues="notices", **environ(settings)
        )

    def ring():
        from compliance.celery import app

        app.send_task("compliance.run_entry", ("deliveries.send",), queue="notices", retry=False)

    kills = 0
    for _ in range(3):
        ring()
        kills += kill_at_random_points(celery, smtp_sink, 1, dice)
    ring()
    with celery() as process:
        worker.wait_until(
            lambda: not Delivery.objects.filter(finished_at=None).exists(), seconds=120
        )
        assert process.running(), process.said()
    too_many = check(smtp_sink, spare=kills)
    with capsys.disabled():
        print(f"\nseed {SEED}: {kills} kills of a Celery worker, {too_many} copies too many")


def test_two_senders_share_the_work_and_repeat_nothing(notice, smtp_sink, settings, tmp_path):
    options = {"at": NOW.isoformat(), **environ(settings)}
    with (
        worker.sweep("deliveries.send", log=tmp_path / "one.log", **options) as one,
        worker.sweep("deliveries.send", log=tmp_path / "two.log", **options) as two,
    ):
        assert one.wait(120) == two.wait(120) == 0, one.said() + two.said()
    with worker.sweep("deliveries.send", log=tmp_path / "one.log", **options) as last:
        last.wait(120)
    assert check(smtp_sink, spare=0) == 0
    assert LedgerEntry.objects.filter(code="members.delivery.sent").count() >= PEOPLE / 50

"""Rolls while others create, read, search and destroy: nothing is inserted under a key that is being forgotten."""

import random
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections, transaction

from compliance.keyring import blind_index, epochs, key_files, keys, rewriting, secrets
from compliance.keyring.models import Epoch
from compliance.tasks import roll_keys
from tests.tools import rolls

pytestmark = [
    pytest.mark.django_db(databases=["default", "keyring"], transaction=True),
    pytest.mark.servers,
]
WRITERS, SECONDS = 3, 4.0


class Threads:
    """Run functions at the same time, each with connections of its own; what one raises is raised at the end."""

    def __init__(self):
        self.errors, self.running = [], []

    def start(self, function, *arguments):
        def body():
            try:
                function(*arguments)
            except BaseException as error:
                self.errors.append(error)
            finally:
                connections.close_all()

        self.running.append(threading.Thread(target=body))
        self.running[-1].start()

    def wait(self):
        for one in self.running:
            one.join(60)
        if self.errors:
            raise self.errors[0]


class Writer:
    """Makes keys and index entries, opens, finds and destroys its own."""

    def __init__(self, seed):
        self.chance, self.seed = random.Random(seed), seed
        self.made, self.gone = {}, []

    def work(self, until):
        turn = 0
        while time.monotonic() < until:
            name = f"writer{self.seed}-{turn}"
            secrets.get(name)
            new = keys.create([uuid4(), uuid4()])
            self.made |= {id: (key, name) for id, key in new.items()}
            blind_index.put_many([(rolls.SCOPE, "name", name, id) for id in new])
            self.destroy_one()
            self.look()
            turn += 1

    def destroy_one(self):
        if len(self.made) > 6 and self.chance.random() < 0.5:
            id = self.chance.choice(list(self.made))
            keys.destroy([id])
            del self.made[id]
            self.gone.append(id)

    def look(self):
        secrets.forget()
        assert keys.open_(list(self.made)) == {id: key for id, (key, _) in self.made.items()}
        assert keys.open_(self.gone) == {}
        for name in self.chance.sample(sorted({name for _, name in self.made.values()}), 1):
            held = {id for id, (_, of) in self.made.items() if of == name}
            assert set(blind_index.find(rolls.SCOPE, "name", name)) == held


def roll_again_and_again(now, until, done):
    while time.monotonic() < until:
        Epoch.objects.filter(retired_at=None).update(created_at=now - timedelta(days=2))
        roll_keys(now)
        done.append(1)


def test_nobody_is_lost_while_two_roll_and_others_write(now, monkeypatch):
    monkeypatch.setattr(rewriting, "BATCH", 20)
    rolls.people(2)
    writers, threads, rolled = [Writer(seed) for seed in range(WRITERS)], Threads(), []
    until = time.monotonic() + SECONDS
    for writer in writers:
        threads.start(writer.work, until)
    for _ in range(2):
        threads.start(roll_again_and_again, now, until, rolled)
    threads.wait()
    assert max(epochs.numbers()) > 5, "too few rolls to show anything"
    while len(epochs.numbers()) > 1:
        roll_keys(now)
    assert rolls.numbers_in_use() == epochs.numbers() == set(key_files.epochs())
    for writer in writers:
        assert len(writer.made) > 3
        writer.look()


def test_a_key_that_is_being_inserted_keeps_its_epoch_alive(now):
    """The insert is not committed while the roll looks for what is left: counting alone would not see it."""
    threads, inserted, go_on, made = Threads(), threading.Event(), threading.Event(), {}

    def insert():
        with transaction.atomic(using="keyring"):
            made.update(keys.create([uuid4()]))
            blind_index.put_many([(rolls.SCOPE, "name", "slow", next(iter(made)))])
            inserted.set()
            go_on.wait(0.5 if connections["keyring"].vendor == "sqlite" else 20)

    secrets.get(blind_index.ROOT)
    threads.start(insert)
    assert inserted.wait(20)
    try:
        report = rolls_with_connection(now)
        if connections["keyring"].vendor == "postgresql":
            assert report.skipped == {"unfinished": 1}
            assert key_files.path(1).exists()
    finally:
        go_on.set()
        threads.wait()
    roll_keys(now)
    assert not key_files.path(1).exists()
    assert keys.open_(list(made)) == made
    assert blind_index.find(rolls.SCOPE, "name", "slow") == list(made)


def rolls_with_connection(now):
    """Make the epoch due without waiting for the writer, then roll."""
    return roll_keys(now + timedelta(days=3650))


def test_whoever_waits_for_an_epoch_that_ends_gets_the_next_one(now, monkeypatch):
    """The row of the old epoch is read, then it is retired before the insert: the insert goes under the new one."""
    threads, made = Threads(), {}
    key_files.create_file(2)
    with transaction.atomic(using="keyring"):
        if connections["keyring"].vendor == "postgresql":
            list(Epoch.objects.select_for_update().filter(number=1))
        threads.start(lambda: made.update(keys.create([uuid4()])))
        time.sleep(0.3)
        epochs.write(2, now=now)
        Epoch.objects.filter(number=1).update(retired_at=now)
    threads.wait()
    key_files.erase(1)
    assert rolls.numbers_in_use() == {2}
    assert keys.open_(list(made)) == made

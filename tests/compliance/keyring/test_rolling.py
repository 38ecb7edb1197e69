"""The roll: everything living moves under a new key, the old key is gone, certificates are final."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connections

from compliance.actions import certificate
from compliance.keyring import blind_index, epochs, kek, key_files, keys, rewriting, rolling
from compliance.keyring.models import BlindIndex, DataKey, Epoch, SealedSecret
from compliance.models import LedgerEntry
from compliance.tasks import roll_keys
from tests.tools import cast, rolls
from tests.tools.damage import last_bit_flipped

pytestmark = [pytest.mark.django_db(databases=["default", "keyring"]), pytest.mark.servers]

DAY = timedelta(days=1)


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(rewriting, "BATCH", 3)


def certified(now, service=None):
    return certificate.issue_for_run(service or cast.service(), counts=[], run="run:1", now=now)


def test_a_roll_moves_everything_and_forgets_the_old_key(now, small_batches):
    made = rolls.people(10)
    old, digests = key_files.path(1), set(BlindIndex.objects.values_list("digest", flat=True))
    report = rolls.roll(now)
    assert report.skipped == {}
    assert report.done == 10 + 10 + SealedSecret.objects.count() + 1
    assert rolls.numbers_in_use() == epochs.numbers() == {2}
    assert not old.exists() and key_files.path(2).stat().st_mode & 0o777 == 0o400
    forgotten = Epoch.objects.get(number=1)
    assert forgotten.retired_at == forgotten.forgotten_at == now
    assert bytes(forgotten.wrapped_index_key) == b""
    assert digests.isdisjoint(BlindIndex.objects.values_list("digest", flat=True))
    rolls.everybody_is_there(made)
    kek.require()


def test_many_rolls_lose_nobody(now):
    made = rolls.people(4)
    for day in range(5):
        assert rolls.roll(now + day * DAY).skipped == {}
    assert epochs.numbers() == {6}
    rolls.everybody_is_there(made)


def test_nothing_to_do_costs_one_query(now, django_assert_num_queries):
    rolls.roll(now)
    with django_assert_num_queries(1, connection=connections["keyring"]):
        assert roll_keys(now + timedelta(hours=23, minutes=59)).done == 0
    assert epochs.numbers() == {2}


def test_the_interval_is_a_setting(now, settings):
    settings.KEY_ROLL_HOURS = 168
    Epoch.objects.update(created_at=now)
    assert roll_keys(now + 7 * DAY - timedelta(minutes=1)).done == 0
    assert roll_keys(now + 7 * DAY).done > 0


def test_a_dry_run_counts_and_changes_nothing(now):
    rolls.people(3)
    Epoch.objects.update(created_at=now - DAY)
    assert roll_keys(now, dry_run=True).done == 3 + 3 + SealedSecret.objects.count()
    assert epochs.numbers() == {1} and key_files.epochs() == [1]


def test_a_roll_too_large_for_one_turn_goes_on_in_the_next(now, small_batches, monkeypatch):
    monkeypatch.setattr(rolling, "ROWS_PER_RUN", 6)
    made = rolls.people(10)
    assert rolls.roll(now).skipped == {"unfinished": 1}
    assert rolls.numbers_in_use() == {1, 2}
    rolls.everybody_is_there(made)
    turns = 0
    while epochs.numbers() != {2}:
        roll_keys(now)
        rolls.everybody_is_there(made)
        turns += 1
    assert 2 <= turns <= 5


def test_a_damaged_key_keeps_its_epoch_and_is_reported(now):
    made = rolls.people(3)
    damaged = next(iter(made))
    row = DataKey.objects.get(pk=damaged)
    DataKey.objects.filter(pk=damaged).update(wrapped=last_bit_flipped(row.wrapped))
    certified(now)
    assert rolls.roll(now + DAY).skipped == {"damaged": 1, "unfinished": 1}
    assert key_files.path(1).exists() and epochs.numbers() == {1, 2}
    keys.destroy([damaged])
    assert roll_keys(now + DAY).skipped == {}
    assert not key_files.path(1).exists()


def test_an_entry_put_anew_during_a_roll_is_found_once_and_moves_once(now, monkeypatch):
    monkeypatch.setattr(rolling, "ROWS_PER_RUN", 0)
    made = rolls.people(3)
    rolls.roll(now)
    blind_index.put_many([(rolls.SCOPE, "name", "person0", next(iter(made)))])
    assert BlindIndex.objects.count() == 4
    rolls.everybody_is_there(made)
    monkeypatch.undo()
    assert roll_keys(now).skipped == {}
    assert BlindIndex.objects.count() == 3
    rolls.everybody_is_there(made)


def test_somebody_elses_roll_is_left_alone(now):
    with key_files.alone() as mine:
        assert mine
        assert rolls.roll(now).skipped == {"busy": 1}
    assert epochs.numbers() == {1}


def test_a_key_of_the_environment_is_left_and_its_certificates_stay_open(now, settings):
    settings.KEK_HEX = key_files.read(1).hex()
    Epoch.objects.update(erasable=False)
    made, mine = rolls.people(3), certified(now)
    assert mine.final_on is None
    rolls.roll(now + DAY)
    assert epochs.numbers() == {2}
    rolls.everybody_is_there(made)
    settings.KEK_HEX = ""
    for day in (2, 3):
        rolls.roll(now + day * DAY)
    mine.refresh_from_db()
    assert mine.final_at is None
    assert Epoch.objects.get(number=1).forgotten_at is None
    assert certified(now + 3 * DAY).final_on is not None


@pytest.mark.promise("MIK-9.1.2b")
def test_a_certificate_says_when_it_will_be_final_and_since_when_it_is(now):
    Epoch.objects.update(created_at=now)
    seoul = cast.service()
    first = certified(now + timedelta(hours=14), seoul)
    assert str(first.final_on) == "2026-11-24"  # Noon in Seoul, a day and an hour later.
    assert first.final_at is None
    roll_keys(now + DAY)
    second = certified(now + DAY, seoul)
    first.refresh_from_db()
    assert first.final_at == now + DAY and second.final_at is None
    entry = LedgerEntry.objects.get(code="compliance.certificate.finalised")
    assert entry.data == {"epoch": 1, "certificates": 1}
    roll_keys(now + 2 * DAY)
    second.refresh_from_db()
    assert second.final_at == now + 2 * DAY
    roll_keys(now + 3 * DAY)
    assert LedgerEntry.objects.filter(code="compliance.certificate.finalised").count() == 2


def test_a_reader_who_read_the_row_before_it_moved_reads_again(now, monkeypatch):
    made, stored, rolled = rolls.people(3), keys._stored, []

    def slow(ids):
        rows = list(stored(ids))
        if not rolled:
            rolled.append(rolls.roll(now))
        return iter(rows)

    monkeypatch.setattr(keys, "_stored", slow)
    assert keys.open_(list(made)) == made
    assert rolled[0].skipped == {} and not key_files.path(1).exists()


def test_a_search_that_began_before_the_roll_searches_again(now, monkeypatch):
    made, index_keys, rolled = rolls.people(3), epochs.index_keys, []

    def slow():
        found = index_keys()
        if not rolled:
            rolled.append(rolls.roll(now))
        return found

    monkeypatch.setattr(epochs, "index_keys", slow)
    assert blind_index.find(rolls.SCOPE, "name", "person1") == [list(made)[1]]


def test_an_unfinished_roll_reads_under_both_keys(now, monkeypatch):
    monkeypatch.setattr(rolling, "ROWS_PER_RUN", 0)
    made = rolls.people(2)
    rolls.roll(now)
    new = keys.create([uuid4()])
    assert keys.open_([*made, *new]) == made | new
    assert rolls.numbers_in_use() == {1, 2}

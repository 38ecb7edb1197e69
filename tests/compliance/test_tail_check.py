"""The ledger against its tail: what was shortened, rewritten or put back is found with its place."""

import json
import random
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import transaction

from compliance import ledger, tail, tail_check, tail_files, triggers
from tests.compliance.ledger_forge import ENTRIES, execute

ALL = ["default", "archive", "keyring"]
pytestmark = [pytest.mark.django_db(databases=ALL, transaction=True), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def house():
    for n in range(12):
        entry(n)
    with transaction.atomic():
        items = [(f"record:{n}", {}) for n in range(3)]
        ledger.record_batch("members.import.staged", items, actor=None, now=NOW)
    tail.catch_up()
    tail.append("checkpoint", {"seq": 13, "hash": ledger.head()[1]})
    with triggers.without_triggers("default"):
        yield


def entry(n):
    with transaction.atomic():
        return ledger.record("compliance.effect.intended", actor=None, now=NOW, data={"effect": n})


def test_a_ledger_that_its_tail_knows_is_whole_and_may_be_ahead_of_it(house):
    entry(99)
    result = tail_check.verify()
    assert (result.ok, result.lines, result.entries) == (True, 14, 13)


def test_a_shortened_ledger_is_found_at_the_first_entry_that_it_lacks(house, capsys):
    execute("DELETE FROM compliance_ledgerbatchitem")
    execute(f"DELETE FROM {ENTRIES} WHERE seq > 9")
    assert (tail_check.verify().reason, tail_check.verify().place) == ("shortened", "10")
    with pytest.raises(SystemExit):
        call_command("verify_ledger", tail=True)
    assert "SHORTENED: the tail goes on with entry 10" in capsys.readouterr().out


def test_a_ledger_that_went_on_from_a_backup_is_found_where_it_forks(house, capsys):
    execute("DELETE FROM compliance_ledgerbatchitem")
    execute(f"DELETE FROM {ENTRIES} WHERE seq > 9")
    first = entry(50)
    entry(51)
    assert ledger.verify().ok
    assert (tail_check.verify().reason, tail_check.verify().place) == ("tail", "10")
    before = next(ledger.rows(9))["hash"]
    assert tail_check.verify().only_here == 0
    tail.restart((9, before), {"at": NOW.isoformat()})
    tail.catch_up()
    assert first.seq == 10
    result = tail_check.verify()
    assert (result.ok, result.entries) == (True, 11)
    assert (result.only_here, result.only_here_since[:19]) == (4, "2026-11-23T03:00:00")
    call_command("verify_ledger", tail=True)
    assert "4 entries live only in the tail, the oldest of 2026-11-23T03" in capsys.readouterr().out


def test_a_changed_batch_item_is_found_too(house):
    execute("UPDATE compliance_ledgerbatchitem SET object_ref = 'record:9' WHERE id = 13 * 1024")
    assert tail_check.verify().place == "13"


def test_every_changed_byte_of_the_tail_is_found(house):
    (file,) = tail_files.files()
    whole, rng = file.read_bytes(), random.Random("tail")
    last = whole.rstrip(b"\n").rindex(b"\n")
    for _ in range(150):
        place = rng.randrange(last)  # Of the last line only its own content tells.
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert not tail_check.verify().ok, (place, whole[place - 20 : place + 20])
    file.write_bytes(whole)
    assert tail_check.verify().ok


def test_a_line_taken_out_of_the_tail_is_named(house):
    (file,) = tail_files.files()
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join(lines[:4] + lines[5:]))
    result = tail_check.verify()
    assert (result.reason, result.place) == ("line", f"{file.name}:5")
    assert json.loads(lines[4])["seq"] == 5

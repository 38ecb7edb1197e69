"""The tail outside the databases: whole, in order, and never ahead of what is committed."""

import json
import multiprocessing
import os
import resource
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction

from compliance import effects, ledger, ledger_codes, marks, tail, tail_files, triggers
from compliance.ledger_verifier import GENESIS, verify_rows
from compliance.models import Effect

ALL = ["default", "archive", "keyring"]
pytestmark = [pytest.mark.django_db(databases=ALL, transaction=True), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PERSON, RECORD = "7f" * 16, "6f1c2f5e-8f0f-4e0e-9d5b-0a4c2f5e8f0f"


def entry(n=1, at=NOW):
    with transaction.atomic():
        return ledger.record("compliance.effect.intended", actor=None, now=at, data={"effect": n})


def begin(ref="withdrawal:7", **changes):
    given = {"payload": {"records": [RECORD], "people": [PERSON]}, "actor": None, "now": NOW}
    return effects.begin("test.destroy", ref, **given | changes)


def kinds():
    return [line["line"] for line in tail.lines()]


def test_entries_are_appended_once_in_order_and_verify_like_the_ledger():
    entries = [entry(n) for n in range(120)]
    assert tail.newest() == (0, GENESIS)
    assert tail.catch_up() == 120
    assert tail.catch_up() == 0
    assert tail.newest() == (120, entries[-1].hash) == ledger.head()
    assert verify_rows(tail.lines()).checked == 120
    assert [line["seq"] for line in tail.lines(after=118)] == [119, 120]


def test_files_are_the_owners_alone_and_one_per_month():
    entry(1)
    entry(2, datetime(2026, 12, 1, tzinfo=UTC))
    entry(3)
    tail.catch_up()
    assert [file.name for file in tail_files.files()] == ["tail-202611.jsonl", "tail-202612.jsonl"]
    assert {file.stat().st_mode & 0o777 for file in tail_files.files()} == {0o600}
    assert tail_files.files()[0].parent.stat().st_mode & 0o777 == 0o700


def test_a_torn_line_is_moved_aside_and_what_follows_is_whole():
    entry()
    tail.catch_up()
    (file,) = tail_files.files()
    with file.open("ab") as torn:
        torn.write(b'{"line":"entr')
    assert tail.newest() == ledger.head()
    entry(2)
    assert tail.catch_up() == 1
    assert kinds() == ["entry", "entry"]
    (aside,) = file.parent.glob("*.torn-*")
    assert aside.read_bytes() == b'{"line":"entr'


@pytest.mark.parametrize("lost", [1, 3])
def test_a_ledger_that_was_put_back_is_refused_even_when_it_went_on(lost, settings):
    for n in range(5):
        entry(n)
    tail.catch_up()
    with triggers.without_triggers("default"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM compliance_ledgerentry WHERE seq > %s", [5 - lost])
    with pytest.raises(tail.TailDiffers):
        tail.catch_up()
    for n in range(4):
        entry(100 + n)
    with pytest.raises(tail.TailDiffers):
        tail.catch_up()
    tail.restart((5 - lost, _hash_at(5 - lost)), {"at": NOW.isoformat()})
    assert tail.catch_up() == 4
    assert tail.newest() == ledger.head()


def test_an_effect_leaves_its_record_ids_and_no_number_of_a_person():
    effect = begin()
    (line,) = tail.lines()
    assert (line["line"], line["seq"], line["destroys"]) == ("effect", effect.seq, True)
    assert line["payload"]["records"] == [RECORD]
    assert PERSON not in json.dumps(line)
    assert len(line["payload"]["people"][0]) == 64


def test_the_marks_come_before_the_completion_and_its_ids_leave_the_database():
    effect = begin()
    assert (marks.read("keyring"), marks.read("archive")) == (0, 0)
    assert effects.complete(effect, now=NOW)
    assert marks.read("keyring") == marks.read("archive") == effect.seq
    assert Effect.objects.get().payload == {}
    assert effect.payload["records"] == [RECORD]
    marks.raise_to(1)
    marks.raise_to(0)
    assert marks.read("archive") == effect.seq


def test_an_intent_that_is_taken_back_leaves_no_line_and_no_mark():
    with transaction.atomic():
        effects.complete(begin(), now=NOW)
        transaction.set_rollback(True)
    assert kinds() == []
    assert marks.read("archive") == 0


def test_a_transaction_is_never_copied_before_its_commit():
    with transaction.atomic():
        entry()
        with pytest.raises(RuntimeError, match="committed"):
            tail.catch_up()
    assert tail.catch_up() == 1


def test_without_the_tail_nothing_destroying_begins_and_a_repeat_works_later(settings, tmp_path):
    wall = tmp_path / "wall"
    wall.write_text("")
    folder, settings.TAIL_DIR = settings.TAIL_DIR, wall / "tail"
    with pytest.raises(OSError, match="wall"):
        begin()
    with pytest.raises(OSError, match="wall"):
        effects.unfinished("test.destroy")
    assert begin(ref="batch:8", destroys=False).pk
    tail.keep_up()
    settings.TAIL_DIR = folder
    assert [one.object_ref for one in effects.unfinished("test.destroy")] == [
        "withdrawal:7",
        "batch:8",
    ]
    assert kinds() == ["effect", "effect"]
    begin()
    assert len(kinds()) == 2


def test_a_full_disk_adds_nothing(settings):
    entry()
    tail.catch_up()
    (file,) = tail_files.files()
    before = file.read_bytes()
    program = (
        "import resource, signal, sys, django; django.setup()\n"
        "from compliance import tail\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 40}, resource.RLIM_INFINITY))\n"
        "try: tail.append('effect', {'seq': 2})\n"
        "except OSError: sys.exit(7)\n"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, timeout=60)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert done.returncode == 7
    assert file.read_bytes() == before


def _append_some(count):
    for n in range(count):
        tail.append("effect", {"seq": n, "at": "2026-11-23", "owner": os.getpid()})


def test_two_writers_at_once_keep_one_chain():
    connections.close_all()
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_append_some, args=(50,)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    before, seen = GENESIS, {}
    for file in tail_files.files():
        for raw in tail_files.read(file):
            line = json.loads(raw)
            assert line["before"] == before
            seen.setdefault(line["owner"], []).append(line["seq"])
            before = tail_files.sha256(raw).hexdigest()
    assert sorted(seen.values()) == [list(range(50))] * 2


def test_what_is_at_hand_is_written_as_if_it_had_been_read():
    people = [("5e" * 16, {"effect": 1}), ("record:9", {"effect": 2})]
    with transaction.atomic():
        ledger.record_batch("compliance.effect.intended", people, actor=None, now=NOW)
    entry(2)
    at_hand = tail._remembered((0, GENESIS), ledger.head())
    assert at_hand == list(ledger.rows()) and len(at_hand) == 2


def test_what_was_taken_back_or_written_by_somebody_else_is_never_at_hand():
    entry(1)
    with transaction.atomic():
        ledger.record("compliance.effect.intended", actor=None, now=NOW, data={"effect": 2})
        transaction.set_rollback(True)
    entry(3)
    assert [row["data"] for row in tail._remembered((0, GENESIS), ledger.head())] == [
        '{"effect":1}',
        '{"effect":3}',
    ]
    tail._written.clear()
    assert tail._remembered((0, GENESIS), ledger.head()) == []
    assert tail.catch_up() == 2


def _hash_at(seq):
    return next(ledger.rows(seq))["hash"]


def test_what_a_restore_has_to_repeat_is_in_the_tail_as_soon_as_it_is_committed():
    entry()
    with transaction.atomic():
        for _ in range(3):
            ledger.record(
                "members.restriction.lifted", actor=None, now=NOW, data={"ground": "dispute"}
            )
        assert kinds() == []
    assert kinds() == ["entry"] * 4
    with transaction.atomic():
        ledger.record("members.restriction.lifted", actor=None, now=NOW)
        transaction.set_rollback(True)
    assert len(kinds()) == 4


def test_everything_that_is_repeated_after_a_restore_is_a_code_of_the_ledger():
    assert set(ledger_codes.CODES) >= ledger_codes.REPLAYED


def test_a_tail_that_cannot_be_written_stops_no_answer(settings, tmp_path):
    wall = tmp_path / "wall"
    wall.write_text("")
    settings.TAIL_DIR = wall / "tail"
    with transaction.atomic():
        ledger.record("members.restriction.lifted", actor=None, now=NOW)
    assert ledger.head()[0] == 1

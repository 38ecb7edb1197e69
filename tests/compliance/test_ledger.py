"""The ledger: nothing goes in that names a person, and nothing changes unseen."""

import json
import random
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from compliance import ledger, ledger_codes, ledger_verifier, triggers
from compliance.ledger import LedgerCodeUnknown, LedgerValueRefused
from compliance.models import Account, LedgerBatchItem, LedgerEntry
from tests.compliance.ledger_forge import ENTRIES, ITEMS, altered, execute, one_byte_off, stored

pytestmark = [pytest.mark.django_db(databases=["default", "keyring"]), pytest.mark.servers]

SUBJECT, OTHER = "7f" * 16, "3a" * 16
NOW = datetime(2026, 11, 23, 3, 0, 0, 5, tzinfo=UTC)
COLUMNS = ("seq", "at", "code", "actor", "service_slug", "subject_key", "object_ref", "clause", "data",
           "prev_hash", "hash")  # fmt: skip
ITEM_COLUMNS = ("id", "entry_id", "subject_key", "object_ref", "data", "leaf")


@pytest.fixture(autouse=True)
def codes(monkeypatch):
    added = {"test.thing.done": frozenset({"n", "on", "what", "flag", "items_done"})}
    monkeypatch.setattr(ledger, "CODES", ledger_codes.CODES | added)


def record(n=1, **changes):
    given = {"actor": None, "now": NOW + timedelta(seconds=n), "service": "mikmik"}
    given |= {"subject": SUBJECT, "obj": f"thing:{n}", "clause": "5.2.2", "data": {"n": n}}
    with transaction.atomic():
        return ledger.record("test.thing.done", **given | changes)


def batch(count, now=NOW):
    items = [(f"{n:032x}" if n % 2 else f"record:{n}", {"n": n}) for n in range(count)]
    with transaction.atomic():
        return ledger.record_batch("test.thing.done", items, actor=None, now=now, service="mikmik")


@pytest.fixture
def chain():
    """Two hundred entries, every twentieth a batch."""
    for n in range(1, 201):
        batch(5) if n % 20 == 0 else record(n)
    with triggers.without_triggers("default"):
        yield


def test_entries_are_numbered_without_gaps_and_chained():
    first, second = record(1), record(2)
    assert (first.seq, second.seq) == (1, 2)
    assert first.prev_hash == ledger_verifier.GENESIS
    assert second.prev_hash == first.hash
    assert ledger.head() == (2, second.hash)


def test_an_entry_says_who_what_when_and_by_which_clause():
    account = Account.objects.create_staff("dana@example.com", None)
    record(actor=account, data={"n": 1, "on": date(2026, 12, 23), "what": ["email", "name"]})
    entry = LedgerEntry.objects.get()
    assert (entry.at, entry.actor, entry.service_slug, entry.clause) == (
        NOW + timedelta(seconds=1), account.username, "mikmik", "5.2.2",
    )  # fmt: skip
    assert entry.data == {"n": 1, "on": "2026-12-23", "what": ["email", "name"]}
    assert record(2).actor == "system"
    assert ledger.verify().ok


def test_a_subject_is_only_there_as_a_keyed_pseudonym():
    entry = record()
    assert len(entry.subject_key) == 64
    assert SUBJECT not in json.dumps(list(ledger.rows()))
    assert record(2, subject=OTHER).subject_key != entry.subject_key


def test_everything_about_a_subject_is_found_single_and_in_batches():
    one = record(1)
    record(2, subject=OTHER)
    with transaction.atomic():
        many = ledger.record_batch(
            "test.thing.done", [(OTHER, {}), (SUBJECT, {"n": 3})], actor=None, now=NOW
        )
    assert [entry.seq for entry in ledger.entries_for(SUBJECT)] == [many.seq, one.seq]
    assert [entry.seq for entry in ledger.entries_about("thing:1")] == [one.seq]


def test_an_entry_needs_the_transaction_of_its_change(monkeypatch):
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    with pytest.raises(RuntimeError, match="transaction"):
        ledger.record("test.thing.done", actor=None, now=NOW)


@pytest.mark.parametrize("data", [{"name": "x"}, {"n": 1, "email": "x"}])
def test_unregistered_codes_and_keys_are_refused(data):
    with pytest.raises(LedgerCodeUnknown, match=r"email|name"):
        record(data=data)
    with transaction.atomic(), pytest.raises(LedgerCodeUnknown):
        ledger.record("test.thing.undone", actor=None, now=NOW)
    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    "value",
    [
        "kim@example.com",
        "Kim Seoyeon",
        "김서연",
        "010-1234-5678",
        "+821012345678",
        "4111111111111111",
        "c" * 201,
        "",
        1.5,
        {"nested": 1},
        ["ok", "not ok"],
        b"bytes",
        "line\nbreak",
    ],
    ids=repr,
)
def test_values_that_could_name_a_person_are_refused(value):
    with pytest.raises(LedgerValueRefused) as caught:
        record(data={"what": value})
    assert str(caught.value) == "what"


@pytest.mark.parametrize(
    "value",
    [7, True, None, "P12M", "MIK-5.4a", "Asia/Seoul", "2026-12-23", date(2026, 12, 23), NOW, "ab" * 32,
     "6f1c2f5e-8f0f-4e0e-9d5b-0a4c2f5e8f0f", ["email", "name"], pytest.param(frozenset({"b", "a"}), id="set")],
    ids=repr,
)  # fmt: skip
def test_numbers_dates_and_codes_are_taken(value):
    record(data={"what": value})
    assert ledger.verify().ok


@pytest.mark.parametrize(
    "change", [{"obj": "Kim Seoyeon"}, {"obj": "a@b.kr"}, {"clause": "a@b.kr"}]
)
def test_references_are_opaque_too(change):
    with pytest.raises(LedgerValueRefused):
        record(**change)


def test_a_moment_without_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        record(now=datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_failing_change_leaves_no_entry_and_a_failing_entry_no_change():
    def change(code, fault=None):
        with transaction.atomic():
            Account.objects.create_member()
            ledger.record(code, actor=None, now=NOW)
            if fault:
                raise fault

    with pytest.raises(ZeroDivisionError):
        change("test.thing.done", ZeroDivisionError())
    with pytest.raises(LedgerCodeUnknown):
        change("test.thing.undone")
    assert not LedgerEntry.objects.exists()
    assert not Account.objects.exists()


def test_a_batch_is_one_entry_over_all_its_items(django_assert_max_num_queries):
    record()
    with django_assert_max_num_queries(10):
        entry = batch(100)
    assert entry.data["items"] == 100
    assert LedgerBatchItem.objects.filter(entry=entry).count() == 100
    assert ledger.verify().ok
    with pytest.raises(ValueError, match="1000"):
        batch(1001)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8])
def test_the_root_of_a_batch_is_that_of_rfc_9162(count):
    leaves = [ledger_verifier.leaf_hash(_item(n)) for n in range(count)]
    assert (
        ledger_verifier.merkle_root(leaves) == _rfc_9162([bytes.fromhex(x) for x in leaves]).hex()
    )


def test_an_untouched_ledger_is_whole(chain):
    result = ledger.verify()
    assert (result.ok, result.checked, result.first_bad_seq) == (True, 200, None)
    assert ledger.verify(start=150).checked == 51


@pytest.mark.parametrize("column", COLUMNS)
def test_every_change_of_one_byte_in_an_entry_is_found_with_its_place(chain, column):
    rng = random.Random(f"ledger {column}")
    for seq in rng.sample(range(1, 201), 25):
        value = one_byte_off(stored(ENTRIES, "seq", seq, column), rng)
        if column == "seq":
            value = seq + 100_000
        with _keys_unchecked(), altered(ENTRIES, "seq", seq, column, value):
            result = ledger.verify()
        assert not result.ok, (seq, value)
        assert result.first_bad_seq == seq, (seq, value, result)
    assert ledger.verify().ok


@pytest.mark.parametrize("column", ITEM_COLUMNS)
def test_every_change_of_one_byte_in_a_batch_item_is_found_with_its_place(chain, column):
    rng = random.Random(f"item {column}")
    for seq in range(20, 201, 20):
        id = seq * 1024 + rng.randrange(5)
        value = one_byte_off(stored(ITEMS, "id", id, column), rng)
        value = {"id": id + 7, "entry_id": seq - 1}.get(column, value)
        with altered(ITEMS, "id", id, column, value):
            result = ledger.verify()
        assert result.first_bad_seq == seq, (id, value, result)
        assert result.reason == "batch"
    assert ledger.verify().ok


def test_a_removed_entry_is_found_at_its_place(chain):
    execute(f"DELETE FROM {ENTRIES} WHERE seq = 77")
    assert ledger.verify().first_bad_seq == 77
    assert ledger.verify().reason == "sequence"


def test_swapped_entries_are_found_at_the_first(chain):
    for old, new in ((50, 900), (51, 50), (900, 51)):
        execute(f"UPDATE {ENTRIES} SET seq = %s WHERE seq = %s", new, old)
    assert ledger.verify().first_bad_seq == 50


def test_an_inserted_entry_is_found(chain):
    copied = ", ".join(COLUMNS[1:])
    execute(
        f"INSERT INTO {ENTRIES} (seq, {copied}) SELECT 201, {copied} FROM {ENTRIES} WHERE seq = 9"
    )
    assert ledger.verify().first_bad_seq == 201


def test_removed_and_added_batch_items_are_found(chain):
    columns = ", ".join(ITEM_COLUMNS[2:])
    sql = f"INSERT INTO {ITEMS} (id, entry_id, {columns}) SELECT {{}}, {{}}, {columns} FROM {ITEMS} WHERE id = 20480"
    execute(sql.format(33 * 1024, 33))
    assert ledger.verify().first_bad_seq == 33
    execute(f"DELETE FROM {ITEMS} WHERE id = {33 * 1024}")
    execute(f"DELETE FROM {ITEMS} WHERE id = {40 * 1024 + 4}")
    assert ledger.verify().first_bad_seq == 40


def test_a_shortened_or_rewritten_ledger_is_found_with_a_head_known_outside(chain):
    known = ledger.head()
    execute(f"DELETE FROM {ITEMS} WHERE entry_id = 200")
    execute(f"DELETE FROM {ENTRIES} WHERE seq = 200")
    assert ledger.verify().ok
    assert ledger.verify(head=known).first_bad_seq == 200
    record(999)
    assert ledger.verify().ok
    result = ledger.verify(head=known)
    assert (result.first_bad_seq, result.reason) == (200, "head")


def test_the_command_names_the_first_altered_entry(chain, capsys):
    call_command("verify_ledger")
    assert "200 entries checked" in capsys.readouterr().out
    with altered(ENTRIES, "seq", 42, "clause", "5.2.3"):
        with pytest.raises(SystemExit) as ended:
            call_command("verify_ledger")
        assert ended.value.code == 1
        assert "ALTERED at entry 42 (hash)" in capsys.readouterr().out
        with pytest.raises(SystemExit):
            call_command("verify_ledger", format="json")
        assert json.loads(capsys.readouterr().out)["first_bad_seq"] == 42


def test_the_stand_alone_verifier_needs_python_alone(chain, tmp_path):
    dump = tmp_path / "ledger.jsonl"
    call_command("export_ledger", str(dump), verbosity=0)
    seq, digest = ledger.head()
    whole = _verify(dump, "--head", f"{seq}:{digest}")
    assert (whole.returncode, "the ledger is whole" in whole.stdout) == (0, True)
    lines = dump.read_text().splitlines()
    dump.write_text("\n".join(lines[:99] + lines[100:]) + "\n")
    cut = _verify(dump)
    assert (cut.returncode, "ALTERED at entry 100" in cut.stdout) == (1, True)
    dump.write_text("\n".join(lines[:199]) + "\n")
    assert _verify(dump, "--head", f"{seq}:{digest}").returncode == 1


def _verify(dump, *arguments):
    source = Path(ledger_verifier.__file__)
    command = [sys.executable, "-I", "-S", str(source), str(dump), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def _item(n):
    return {"subject_key": "", "object_ref": f"record:{n}", "data": "{}"}


def _rfc_9162(leaves):
    """The definition of RFC 9162, 2.1.1, word by word."""
    from hashlib import sha256

    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + _rfc_9162(leaves[:k]) + _rfc_9162(leaves[k:])).digest()


def _keys_unchecked():
    """Foreign keys wait for the end of a transaction that never commits."""
    from contextlib import nullcontext

    return (
        nullcontext() if connection.vendor == "sqlite" else connection.constraint_checks_disabled()
    )

"""A database put back from a backup is found; running work never looks like one."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from compliance import effects, ledger, marks, tail, tail_files, triggers
from compliance.restore import tail_effects
from compliance.restore.findings import Finding
from compliance.restore.state import findings

ALL = ["default", "archive", "keyring"]
pytestmark = [pytest.mark.django_db(databases=ALL, transaction=True), pytest.mark.servers]
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
RECORD = "6f1c2f5e-8f0f-4e0e-9d5b-0a4c2f5e8f0f"


class Killed(Exception):
    """Stands for the end of the process."""


def killed(*given):
    raise Killed


def begin(n, **given):
    return effects.begin(
        "test.destroy", f"withdrawal:{n}", {"records": [RECORD]}, actor=None, now=NOW, **given
    )


def destroy(n, **given):
    effect = begin(n, **given)
    effects.complete(effect, now=NOW)
    return effect.seq


def put_back(alias, seq):
    table = marks._models[alias]._meta.db_table
    with connections[alias].cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET seq = %s", [seq])


def put_back_default(seq):
    with triggers.without_triggers("default"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM compliance_ledgerentry WHERE seq > %s", [seq])
        cursor.execute("DELETE FROM compliance_effect WHERE seq > %s", [seq])


def forget_the_tail():
    for file in tail_files.files():
        file.unlink()


def run_on(count):
    for n in range(count):
        with transaction.atomic():
            ledger.record(
                "compliance.effect.intended", actor=None, now=NOW, data={"effect": 90 + n}
            )


def test_a_fresh_installation_and_normal_running_raise_no_alarm():
    assert findings() == []
    destroy(1)
    assert findings() == []
    tail.catch_up()
    begin(2)
    assert findings() == []


def test_a_destruction_stopped_between_its_marks_and_its_completion_is_no_restore():
    destroy(1)
    marks.raise_to(begin(2).seq)
    assert findings() == []


@pytest.mark.parametrize("alias", ["archive", "keyring"])
def test_another_database_put_back_is_found(alias):
    first, second = destroy(1), destroy(2)
    put_back(alias, first)
    assert findings() == [Finding(alias, "mark-behind", first, second)]


def test_the_main_database_put_back_is_found_by_the_tail_and_by_the_marks():
    first = destroy(1)
    tail.catch_up()
    second = destroy(2)
    put_back_default(first + 1)
    assert findings() == [Finding("default", "tail-ahead", first + 1, second)]
    forget_the_tail()
    assert Finding("default", "mark-ahead", first + 1, second) in findings()


def test_the_main_database_that_ran_on_is_found_by_an_effect_it_does_not_know():
    """The tail was read to its end before the destruction, so that its newest entry is still in the ledger."""
    destroy(1)
    tail.catch_up()
    known = ledger.head()[0]
    second = destroy(2)
    put_back_default(known)
    run_on(5)
    assert findings() == [Finding("default", "forked", known + 5, second)]


def test_all_three_put_back_are_found_even_when_the_ledger_went_on():
    first = destroy(1)
    known = ledger.head()[0]
    second = destroy(2)
    tail.catch_up()
    expected = tail.newest()[0]
    put_back_default(known)
    put_back("archive", first)
    put_back("keyring", first)
    behind = [Finding(alias, "mark-behind", first, second) for alias in ("archive", "keyring")]
    assert findings() == [Finding("default", "tail-ahead", known, expected), *behind]
    run_on(3)
    assert findings() == [Finding("default", "forked", known + 3, expected), *behind]


def test_a_keyring_that_lost_only_new_keys_is_found():
    first = destroy(1)
    second = destroy(2, destroys=False)
    put_back("keyring", first)
    assert findings() == [Finding("keyring", "mark-behind", first, second)]


def test_an_effect_within_one_transaction_raises_the_marks_after_it():
    destroy(1)
    with transaction.atomic():
        second = destroy(2)
        assert [marks.read(alias) for alias in ("archive", "keyring")] == [1, 1]
    assert [marks.read(alias) for alias in ("archive", "keyring")] == [second, second]
    put_back("archive", 1)
    assert findings() == [Finding("archive", "mark-behind", 1, second)]


def test_a_process_killed_between_the_commit_and_the_marks_is_no_restore(monkeypatch):
    destroy(1)
    monkeypatch.setattr(effects, "_mark", killed)
    with pytest.raises(Killed), transaction.atomic():
        destroy(2)
    assert findings() == []


def test_an_effect_taken_back_with_its_transaction_is_no_restore():
    destroy(1)
    with transaction.atomic():
        destroy(2)
        transaction.set_rollback(True)
    assert findings() == []


def test_a_tail_read_for_the_first_time_tells_as_much_as_one_read_all_along(monkeypatch):
    for n in range(1, 4):
        destroy(n)
        tail.catch_up()
        known = tail_effects.newest()
        monkeypatch.setattr(tail_effects, "_place", tail_effects._Place())
        assert tail_effects.newest() == known == 2 * n - 1
    with transaction.atomic():
        ledger.record("compliance.certificate.finalised", actor=None, now=NOW)
    tail.catch_up()
    monkeypatch.setattr(tail_effects, "WINDOW", 10)
    monkeypatch.setattr(tail_effects, "_place", tail_effects._Place())
    assert tail_effects.newest() == known


def test_a_lost_tail_is_a_finding_of_its_own():
    seq = destroy(1)
    forget_the_tail()
    assert findings() == [Finding("tail", "lost", 0, seq)]


def test_the_command_names_the_database_and_fails(capsys):
    call_command("restore", "status")
    assert "No database was put back" in capsys.readouterr().out
    first, second = destroy(1), destroy(2)
    put_back("keyring", first)
    with pytest.raises(CommandError, match=r"docs/restore\.md"):
        call_command("restore", "status", "--json")
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["name"], one["knows"], one["expected"]) == ("keyring", first, second)

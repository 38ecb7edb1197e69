"""A database put back from a backup is found; running work never looks like one."""

import json
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from compliance import effects, ledger, marks, tail, tail_files, triggers
from compliance.restore.findings import Finding
from compliance.restore.state import findings

ALL = ["default", "archive", "keyring"]
pytestmark = [pytest.mark.django_db(databases=ALL, transaction=True), pytest.mark.servers]
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
RECORD = "6f1c2f5e-8f0f-4e0e-9d5b-0a4c2f5e8f0f"


def begin(n):
    return effects.begin(
        "test.destroy", f"withdrawal:{n}", {"records": [RECORD]}, actor=None, now=NOW
    )


def destroy(n):
    effect = begin(n)
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
    assert findings() == [Finding("default", "mark-ahead", first + 1, second)]
    put_back_default(first)
    assert findings()[0] == Finding("default", "tail-ahead", first, first + 1)


def test_all_three_put_back_are_found_even_when_the_ledger_went_on():
    first = destroy(1)
    known = ledger.head()[0]
    destroy(2)
    tail.catch_up()
    expected = tail.newest()[0]
    put_back_default(known)
    put_back("archive", first)
    put_back("keyring", first)
    assert findings() == [Finding("default", "tail-ahead", known, expected)]
    for n in range(3):
        with transaction.atomic():
            ledger.record(
                "compliance.effect.intended", actor=None, now=NOW, data={"effect": 90 + n}
            )
    assert [one.why for one in findings()] == ["forked"]


def test_a_lost_tail_is_a_finding_of_its_own():
    seq = destroy(1)
    for file in tail_files.files():
        file.unlink()
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

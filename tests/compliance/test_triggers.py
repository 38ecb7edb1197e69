"""What the database itself refuses, whoever asks."""

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection, transaction

from compliance import checks_triggers, ledger, triggers
from tests.compliance.ledger_forge import ENTRIES, ITEMS, execute
from tests.compliance.test_ledger import NOW

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]

CELLS = "at, code, actor, service_slug, subject_key, object_ref, clause, data, prev_hash, hash"
COPY = f"SELECT {{}}, {CELLS} FROM {ENTRIES}"
COLUMNS = f"(seq, {CELLS})"
ITEM = f"INTO {ITEMS} (id, entry_id, subject_key, object_ref, data, leaf)"


@pytest.fixture(autouse=True)
def one_batch():
    with transaction.atomic():
        ledger.record_batch(
            "compliance.effect.intended", [("record:1", {"effect": 1})], actor=None, now=NOW
        )


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {ENTRIES} SET clause = '9'",
        f"UPDATE {ENTRIES} SET seq = 2",
        f"DELETE FROM {ENTRIES}",
        f"UPDATE {ITEMS} SET data = '{{}}'",
        f"DELETE FROM {ITEMS}",
        f"INSERT INTO {ENTRIES} {COLUMNS} {COPY.format(3)}",
        f"INSERT INTO {ENTRIES} {COLUMNS} {COPY.format(0)}",
        f"INSERT {ITEM} SELECT 1030, 99, '', 'record:2', '{{}}', leaf FROM {ITEMS}",
        f"INSERT {ITEM} SELECT 5, entry_id, '', 'record:2', '{{}}', leaf FROM {ITEMS}",
    ],
)
def test_raw_sql_cannot_change_the_ledger(sql):
    _refused(sql)


def test_each_database_refuses_its_own_short_cuts():
    if connection.vendor == "postgresql":
        for table in (f"{ENTRIES}, {ITEMS}", f"{ENTRIES} CASCADE", ITEMS):
            _refused(f"TRUNCATE {table}")
    else:
        _refused(f"INSERT OR REPLACE INTO {ENTRIES} {COLUMNS} {COPY.format(1)}")
        _refused(f"INSERT OR REPLACE {ITEM} SELECT id, entry_id, '', '', '', leaf FROM {ITEMS}")


def test_installing_twice_changes_nothing():
    assert triggers.install("default") == triggers.install("default") > 0
    assert triggers.missing("default") == []
    with transaction.atomic():
        ledger.record("compliance.effect.intended", actor=None, now=NOW)
    assert ledger.verify().checked == 2


def test_a_lifted_trigger_is_found_by_the_start_up_check():
    assert checks_triggers.triggers_are_installed(None, databases=["default"]) == []
    execute(triggers._drop_sql("default", triggers.REGISTRY[f"{ENTRIES}_no_update"]))
    assert triggers.missing("default") == [f"{ENTRIES}_no_update"]
    found = run_checks(tags=["database"], databases=["default"], include_deployment_checks=True)
    assert [error.id for error in found if error.id == "house.E010"] == ["house.E010"]


def test_triggers_come_back_after_a_clean_up_that_fails():
    def clean_up():
        with triggers.without_triggers("default"):
            assert triggers.missing("default")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        clean_up()
    assert triggers.missing("default") == []


def _refused(sql):
    with pytest.raises(DatabaseError), transaction.atomic():
        execute(sql)
    assert ledger.verify().ok
    assert ledger.verify().checked == 1

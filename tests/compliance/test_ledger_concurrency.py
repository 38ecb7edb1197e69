"""Many processes append at once: consecutive numbers, one chain."""

import multiprocessing
from datetime import UTC, datetime

import pytest
from django.db import connection, connections, transaction

from compliance import ledger

PROCESSES, APPENDS = 4, 50


def _append_many() -> None:
    for _ in range(APPENDS):
        with transaction.atomic():
            ledger.record("compliance.effect.intended", actor=None, now=datetime.now(UTC))


@pytest.mark.servers
@pytest.mark.django_db(databases=["default", "archive", "keyring"], transaction=True)
def test_two_hundred_appends_of_four_processes_are_one_chain_without_gaps():
    if connection.vendor == "sqlite" and "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("SQLite in memory belongs to one process; this runs on files and on PostgreSQL")
    connections.close_all()
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_append_many) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    result = ledger.verify()
    assert (result.ok, result.checked) == (True, PROCESSES * APPENDS)

"""Two people at once: one policy is loaded once, and an approval is not slipped past."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from compliance.actions.policy_copy import copy_in_force
from compliance.actions.policy_loading import load
from compliance.models import LedgerEntry, PolicyItem, PolicyVersion
from tests.compliance.policy_files import boot_shop, preset

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
pytestmark = [
    pytest.mark.servers,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def with_own_connection(work: Callable[[], object]) -> object:
    try:
        return work()
    finally:
        connection.close()


def test_a_preset_loaded_four_times_at_once_is_one_version():
    def one() -> object:
        return load(preset("leje"), file="x", actor=None, now=NOW)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(with_own_connection, [one] * 4))
    assert sorted((r.created, r.unchanged) for r in results) == [(False, True)] * 3 + [
        (True, False)
    ]
    assert PolicyVersion.objects.count() == 1
    assert LedgerEntry.objects.filter(code="compliance.policy.loaded").count() == 1


def test_a_change_that_meets_an_approval_under_way_waits_and_is_refused():
    service = load(boot_shop(), file="x", actor=None, now=NOW).version.service
    draft = copy_in_force(service, actor=None, now=NOW)
    approving = threading.Event()

    def change() -> str:
        approving.wait(10)
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE compliance_policyitem SET label = 'x' WHERE version_id = %s", [draft.pk]
                )
        except DatabaseError as error:
            return str(error)
        return "changed"

    with ThreadPoolExecutor(1) as pool:
        changed = pool.submit(with_own_connection, change)
        with transaction.atomic():
            PolicyVersion.objects.filter(pk=draft.pk).update(state="approved")
            approving.set()
            threading.Event().wait(0.5)
        assert "never changes" in str(changed.result(10))
    assert not PolicyItem.objects.filter(label="x").exists()

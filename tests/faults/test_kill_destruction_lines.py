"""A destruction killed before any line of its code: each record goes once, with its certificate and its ledger item."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest

from compliance import effects, ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Certificate, LedgerBatchItem
from members.archive.models import ArchivedRecord
from members.models import DataSubject, DestructionPlan, Record, UntoldDestruction
from members.tasks import destroy_due
from tests.benchmarks import crowd
from tests.tools import cast
from tests.tools.killing import in_a_child

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
DUE = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, 15, tzinfo=UTC)
LATER = timedelta(hours=1)  # The lease of a killed run is over.
FILES = (
    *("destruction.py", "destruction_due.py", "destruction_engine.py", "destruction_pages.py"),
    *("destruction_plan.py", "destruction_told.py", "certificate.py", "certificate_people.py"),
)
RECORDS = 3


@pytest.mark.promise("MIK-9.1.2b")
def test_killed_at_any_line_every_record_is_destroyed_once_and_proven_once():
    mikmik = cast.service()
    crowd.rows(mikmik, 2, due_on=DUE + timedelta(days=3000))
    staying = everything()
    crowd.rows(mikmik, RECORDS, due_on=DUE)
    lines = in_a_child(lambda: destroy_due(MIDNIGHT), FILES)
    ended_once(staying, 1)
    assert lines > 200, "a destruction has more lines than that"
    step, at, rounds = int(os.environ.get("KILL_STEP", "29")), MIDNIGHT, 1
    for kill_before in range(0, lines, step):
        crowd.rows(mikmik, RECORDS, due_on=DUE)
        at, rounds = at + 2 * LATER, rounds + 1
        work = lambda: destroy_due(at)  # noqa: B023, E731
        assert in_a_child(work, FILES, kill_before=kill_before) is None
        nothing_certified_is_readable(rounds)
        destroy_due(at + LATER)
        ended_once(staying, rounds)
    assert ledger.verify().ok


def everything():
    models = (Record, DataKey, BlindIndex)
    return [set(model._default_manager.values_list("pk", flat=True)) for model in models]


def certified():
    runs = Certificate.objects.filter(kind="run")
    return sum(line["records"] for one in runs for line in one.counts)


def nothing_certified_is_readable(rounds):
    """What a certificate counts has no key any more, and its ledger item was written with it."""
    in_keys = DataKey.objects.count() - 2
    assert certified() + max(in_keys, 0) <= rounds * RECORDS
    assert certified() == told()


def told():
    items = LedgerBatchItem.objects.filter(entry__code="members.record.destroyed")
    return sum(data["records"] for data in items.values_list("data", flat=True))


def ended_once(staying, rounds):
    """Nothing due is left, others are whole, everything is certified, told and noted for a message once."""
    assert everything() == staying and not ArchivedRecord.objects.exists()
    assert certified() == told() == rounds * RECORDS
    assert UntoldDestruction.objects.count() == rounds * RECORDS
    assert not effects.Effect.objects.filter(state="intended").exists()
    assert not DestructionPlan.objects.filter(state="running").exists()
    assert DataSubject.objects.count() == 2 + rounds * RECORDS

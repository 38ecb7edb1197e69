"""The aged people of a demo: every page about dormancy has something to show, and all of it was really done."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from compliance import ledger
from compliance.models import Certificate, LedgerEntry
from members import dormancy_ahead, forecast
from members.archive.models import ArchivedRecord
from members.imports import sample_dormancy
from members.models import DataSubject, Delivery, DestructionPlan, Dormancy
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


def test_the_months_of_sample_members_leave_something_on_every_page(smtp_sink):
    mikmik = cast.service()
    assert sample_dormancy.put_in(mikmik, seed=7, now=NOW) == 22
    states = Counter(Dormancy.objects.values_list("state", flat=True))
    assert states == {"apart": 14, "returned": 1, "told": 5, "unreached": 2}
    duties = [duty.count for duty in dormancy_ahead.waiting(_all(mikmik), NOW)]
    assert 2 in duties
    plans = Counter(DestructionPlan.objects.values_list("state", flat=True))
    assert plans["waiting"] == 1 and plans["done"] >= 1
    waiting = DestructionPlan.objects.get(state="waiting")
    assert waiting.records > 100 and Certificate.objects.exists()
    assert ArchivedRecord.objects.filter(subject__why="dormant").exists()
    acts = {line.act for line in forecast.of_service(mikmik, now=NOW).lines}
    assert "destroy" in acts and len(acts) > 1
    assert len(smtp_sink.accepted()) == Delivery.objects.filter(state="sent").count() == 20
    assert LedgerEntry.objects.filter(code="members.dormancy.set_apart").exists()
    assert ledger.verify().ok


def test_the_second_time_nobody_is_added_and_a_service_that_sets_nobody_apart_gets_none(smtp_sink):
    mikmik, leje = cast.service(), cast.service("leje")
    sample_dormancy.put_in(mikmik, seed=7, now=NOW)
    head = ledger.head()
    assert sample_dormancy.put_in(mikmik, seed=7, now=NOW) == 0
    assert sample_dormancy.put_in(leje, seed=7, now=NOW) == 0
    assert ledger.head() == head and not DataSubject.objects.filter(service=leje).exists()


def test_only_a_demo_may_have_such_months(settings):
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("sample_dormancy")


def _all(service):
    return type(service).objects.all()

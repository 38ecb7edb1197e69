"""Somebody stops using the service: told, set apart, back by signing in, apart again, and gone in the end."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance.actions import service as service_actions
from compliance.models import LedgerEntry
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Dormancy, Record, Withdrawal
from tests.tools import cast, clock

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ENTRIES = (
    "dormancy.notify",
    "deliveries.send",
    "dormancy.move",
    "dormancy.end",
    "withdrawals.carry_out",
    "retention.destroy",
    "retention.release_holds",
    "retention.tell",
)


def noon(text):
    return datetime.fromisoformat(f"{text}T03:00+00:00")  # Noon in Seoul.


def midnight(text):
    return datetime.fromisoformat(f"{text}T00:00+09:00").astimezone(UTC)


def run(at):
    """Three turns at a moment: a message is sent in one and noted in the next."""
    for turn in range(3):
        clock.run_at(at + turn * MINUTE, ENTRIES)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def mikmik(mikmik_live):
    return mikmik_live


@pytest.fixture
def minji(mikmik):
    person = cast.member(mikmik, language="en")
    cast.history(person)
    used(person, noon("2025-12-22"))
    return person


def used(person, at):
    DataSubject.objects.filter(pk=person.pk).update(last_used_at=at)


def signs_in(sink, at):
    """Go through the pages as a person does: address, code from the message, account."""
    browser = Client()
    before = len(sink.accepted())
    with time_machine.travel(at, tick=True):
        browser.post("/en/mikmik/sign-in/", {"identifier": "minji@mail.example"})
    clock.run_at(at + timedelta(seconds=5), ("deliveries.send",))
    mail = sink.accepted()[before]
    code = re.search(r"\b(\d{3})\s?(\d{3})\b", mail.part("plain"))
    assert code
    with time_machine.travel(at + MINUTE, tick=True):
        browser.post("/en/mikmik/code/", {"code": "".join(code.groups())})
        return browser.get("/en/mikmik/account/")


def subjects(sink):
    return [mail.message["Subject"] for mail in sink.accepted()]


@pytest.mark.promise("MIK-5.5a", "MIK-5.5b", "MIK-5.5c")
def test_told_used_told_again_apart_back_apart_again_and_gone(mikmik, minji, smtp_sink):
    run(midnight("2026-11-22") - 5 * MINUTE)
    assert subjects(smtp_sink) == []
    run(midnight("2026-11-22"))
    assert subjects(smtp_sink) == ["Your account will be set aside on 23 Dec 2026"]

    used(minji, noon("2026-12-01"))  # A log-in, an order, an enquiry.
    run(noon("2026-12-23"))
    assert not ArchivedSubject.objects.exists() and not Dormancy.objects.exists()

    run(noon("2027-11-01"))
    assert subjects(smtp_sink)[-1] == "Your account will be set aside on 2 Dec 2027"
    run(midnight("2027-12-02") - 5 * MINUTE)
    assert not ArchivedSubject.objects.exists()
    held = Record.objects.filter(subject=minji).count()
    run(midnight("2027-12-02"))
    assert not Record.objects.filter(subject=minji).exists()
    assert ArchivedRecord.objects.count() == held
    assert ArchivedSubject.objects.get().why == "dormant"

    page = signs_in(smtp_sink, noon("2028-03-01"))
    assert page.status_code == 200
    assert DataSubject.objects.get().status == "active"
    assert not ArchivedRecord.objects.exists()
    assert Record.objects.filter(subject=minji).count() == held

    run(noon("2029-01-30"))
    run(midnight("2029-03-02"))
    assert DataSubject.objects.get().status == "dormant"

    run(noon("2030-05-03"))  # The contract of 2 May 2025 had five years, in dormancy too.
    kept = set(ArchivedRecord.objects.values_list("record_class", flat=True))
    assert "contract_records" not in kept and "payment_records" in kept
    assert subjects(smtp_sink)[-1] == "Records about you were destroyed"
    told = smtp_sink.accepted()[-1].part("plain").replace("\r\n", "\n")
    assert (
        "- Records of contract or its withdrawal\n  destroyed on 3 May 2030 (MIKMIK 5.2.1" in told
    )
    assert "payment" not in told and "Your account stays set aside." in told

    service_actions.set_dormant_keep(mikmik, period="P2Y", actor=None, now=noon("2030-05-04"))
    run(midnight("2031-03-03") - 5 * MINUTE)
    assert not Withdrawal.objects.exists()
    run(midnight("2031-03-03"))
    assert Withdrawal.objects.get().left_on == date(2031, 3, 3)
    assert "set aside, was not used again" in smtp_sink.accepted()[-1].part("plain")
    run(midnight("2031-03-03") + HOUR)
    assert not Record.objects.exists()
    assert not ArchivedSubject.objects.filter(why="dormant").exists()
    told = LedgerEntry.objects.filter(code="members.dormancy.storage_over")
    assert told.count() == 1

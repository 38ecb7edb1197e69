"""Join, end to end with real mail: form, code, membership, receipt; a no; a child with its representative; leaving.

What people type is looked for in every column of every table: it is nowhere in clear, and after a no or half an
hour its keys are gone as well.
"""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance import ledger, signing
from compliance.keyring.models import DataKey
from compliance.models import LedgerEntry
from members import gate, receipt_proof
from members.models import (
    ConsentEvent,
    ConsentState,
    DataSubject,
    JoinRefusal,
    LegalRepresentative,
    PendingJoin,
)
from tests.tools import cast, clock, joiners, visits
from tests.tools.marker_scan import Scanner

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ADS, TAILORED = "advertising:email:", "recommendations::"
WORK = ("deliveries.send", "receipts.sign", "joining.forget", "withdrawals.carry_out")


@pytest.fixture(autouse=True)
def moment():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def own_key(tmp_path, settings):
    settings.CHECKPOINT_KEY_FILE = tmp_path / "checkpoint.key"


@pytest.fixture
def mikmik(mikmik_live):
    return mikmik_live


@pytest.fixture
def typed():
    """What somebody types whose every value can be found again."""
    mark = secrets.token_hex(6)
    return {
        "name": f"name{mark}",
        "login_id": f"login{mark}",
        "email": f"mail{mark}@mail.example",
        "password": f"a sentence about {mark}",
    }


def work(at=NOW):
    for turn in range(2):
        clock.run_at(at + timedelta(seconds=5 * turn), WORK)


def code_in(sink, address):
    return re.search(r"^(\d{6})\s*$", sink.to(address)[-1].part("plain"), re.MULTILINE)[1]


def in_clear(typed):
    return Scanner(value.split("@")[0] for value in typed.values()).databases()


@pytest.mark.promise("MIK-1.1")
@pytest.mark.promise("MIK-3.1b")
def test_from_the_form_to_the_receipt_and_out_again(mikmik, typed, smtp_sink, client):
    sent = joiners.post(client, **typed, **{ADS: "agree", TAILORED: "disagree"})
    assert sent.url == visits.at("join_code")
    assert in_clear(typed) == []
    work()
    digits = code_in(smtp_sink, typed["email"])
    assert digits not in smtp_sink.to(typed["email"])[-1].message["Subject"]
    assert client.post(sent.url, {"code": digits}).url == visits.at("account")
    work()
    welcome = smtp_sink.to(typed["email"])[-1]
    assert welcome.message["Subject"] == "Your membership and what you agreed to"
    assert "Auto-Submitted" in welcome.message
    for line in ("You agreed", "You disagreed", "/account/choices/", "/account/withdraw/"):
        assert line in welcome.part("plain")
    assert typed["name"] not in welcome.part("plain")
    person = DataSubject.objects.get()
    assert gate.may_use(person, "advertising", ["email"], channel="email", now=NOW).allowed
    assert not gate.may_use(person, "recommendations", ["name"], now=NOW).allowed
    file = client.post(visits.at("receipt_file")).content.decode()
    assert len(receipt_proof.verified(file, signing.public_key())["dpv:hasProcess"]) == 3
    assert in_clear(typed) == []
    client.post(visits.at("withdraw"))
    work()
    assert not ConsentState.objects.filter(answer="agreed").exists()
    assert ledger.verify().ok


@pytest.mark.promise("KRN-3.1")
@pytest.mark.promise("MIK-1.1")
def test_a_no_leaves_a_number_and_no_trace_of_what_was_typed(mikmik, typed, smtp_sink, client):
    keys = DataKey.objects.count()
    joiners.post(client, **typed)
    joiners.post(client, **typed, decision="disagree")
    assert DataKey.objects.count() - keys <= 1  # that of the code's own message, until it is sent
    work()
    assert JoinRefusal.objects.get().count == 1
    assert not DataSubject.objects.exists()
    assert not ConsentEvent.objects.exists()
    assert DataKey.objects.count() == keys
    assert in_clear(typed) == []


def test_whoever_does_not_finish_is_forgotten_after_half_an_hour(
    mikmik, typed, smtp_sink, client, moment
):
    joiners.post(client, **typed)
    work()
    moment.shift(timedelta(minutes=31))
    work(NOW + timedelta(minutes=31))
    assert not PendingJoin.objects.exists()
    assert not DataKey.objects.exists()
    assert smtp_sink.to(typed["email"])[-1].message["Subject"] == "Your code for MIKMIK"


@pytest.mark.promise("LEJ-2.4")
@pytest.mark.promise("LEJ-RGT-7")
def test_a_child_joins_by_its_mother_who_comes_back_later(smtp_sink, typed, moment):
    leje, mother_at = visits.live("leje"), "mother@mail.example"
    child, mother = Client(), Client()
    joiners.post(child, leje, old_enough="no", representative_email=mother_at)
    work()
    asked = smtp_sink.to(mother_at)[-1]
    assert "/en/leje/represent/" in asked.part("plain")
    mother.post(visits.at("represent", leje), {"email": mother_at})
    work()
    mother.post(visits.at("represent_code", leje), {"code": code_in(smtp_sink, mother_at)})
    mother.post(visits.at("represent_decide", leje), {**joiners.TYPED, **typed})
    work()
    digits = code_in(smtp_sink, typed["email"])
    mother.post(visits.at("join_code", leje), {"code": digits})
    person = DataSubject.objects.get()
    assert (person.status, LegalRepresentative.objects.get().state) == ("active", "confirmed")
    moment.shift(timedelta(days=30))
    later = Client()
    later.post(visits.at("represent", leje), {"email": mother_at})
    work(NOW + timedelta(days=30))
    later.post(visits.at("represent_code", leje), {"code": code_in(smtp_sink, mother_at)})
    later.post(visits.at("represent_whom", leje), {"for": LegalRepresentative.objects.get().pk.hex})
    later.post(visits.at("choices", leje), {ADS: "agree"})
    assert ConsentEvent.objects.order_by("pk").last().asked_by == "representative"
    later.post(visits.at("withdraw", leje))
    work(NOW + timedelta(days=30, minutes=1))
    assert not LegalRepresentative.objects.exists()
    left = LedgerEntry.objects.get(code="members.withdrawal.requested")
    assert left.actor == "representative"
    assert in_clear(typed) == []
    assert ledger.verify().ok


def test_a_member_who_joins_again_is_told_by_mail_alone(mikmik, smtp_sink, client):
    cast.member(mikmik, language="en")
    sent = joiners.post(client, email="minji@mail.example")
    work()
    mail = smtp_sink.to("minji@mail.example")[-1]
    assert mail.message["Subject"] == "You are a member of MIKMIK already"
    assert "/en/mikmik/sign-in/" in mail.part("plain")
    assert not re.search(r"\d{6}", mail.part("plain"))
    assert "minji" not in client.get(sent.url).content.decode().replace("minji@mail.example", "")

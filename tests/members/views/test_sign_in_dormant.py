"""Signing in ends dormancy: the code reaches the address that lies apart, and the account works at once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance import ledger
from compliance.models import Account, LedgerEntry
from members import passwords
from members.actions import dormancy_move, rectification
from members.archive.models import ArchivedRecord
from members.models import AccessCode, DataSubject, Record
from tests.members.views.test_sign_in import pages_seen
from tests.tools import cast, sleepers, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def minji():
    """A member who is dormant."""
    mikmik = visits.live()
    person = sleepers.member(mikmik, cast.officer("mina", mikmik))
    assert dormancy_move.set_apart(NOW, mikmik).done == 1
    person.refresh_from_db()
    return person


@pytest.mark.promise("MIK-5.5b")
@pytest.mark.parametrize("identifier", ["minji@mail.example", "minji-id"])
def test_signing_in_restores_everything_and_the_account_page_opens(client, minji, identifier):
    held = ArchivedRecord.objects.count()
    answer = visits.sign_in(client, identifier)
    assert (answer.status_code, answer.url) == (302, visits.at("account"))
    page = client.get(answer.url)
    assert page.status_code == 200
    assert "Your account is active again." in page.content.decode()
    minji.refresh_from_db()
    assert (minji.status, minji.last_used_at) == ("active", NOW)
    assert Record.objects.filter(subject=minji).count() == held
    assert not ArchivedRecord.objects.exists()
    codes = {entry.code for entry in ledger.entries_for(minji.public_id)}
    assert {"members.dormancy.address_used", "members.dormancy.brought_back"} <= codes


def test_the_pages_do_not_tell_that_somebody_is_dormant(minji):
    unknown = pages_seen("nobody@mail.example")
    assert pages_seen("minji@mail.example") == unknown


def test_asking_for_a_code_or_typing_a_wrong_one_brings_nobody_back(client, minji):
    visits.ask(client, "minji@mail.example")
    client.post(visits.at("code"), {"code": visits.wrong(visits.code_sent())})
    minji.refresh_from_db()
    assert minji.status == "dormant" and not Record.objects.exists()


def test_a_session_begun_before_is_worth_nothing_while_dormant(minji):
    dormancy_move.bring_back(minji, NOW, actor=None)
    visitor = Client()
    visits.sign_in(visitor, "minji@mail.example")
    assert visits.is_signed_in(visitor)
    DataSubject.objects.filter(pk=minji.pk).update(status="dormant")
    assert not visits.is_signed_in(visitor)


def test_a_disabled_account_gets_no_code_while_dormant_either(client, minji):
    minji.account.is_active = False
    minji.account.save()
    visits.ask(client, "minji@mail.example")
    assert AccessCode.objects.get().subject is None


def test_somebody_in_the_middle_of_a_move_is_asked_to_wait(client, minji, monkeypatch, clock):
    visits.ask(client, "minji@mail.example")
    monkeypatch.setattr(dormancy_move, "is_moving", lambda _: True)
    page = client.post(visits.at("code"), {"code": visits.code_sent()}, follow=True)
    assert "wait five minutes" in page.content.decode()
    assert not visits.is_signed_in(client)
    monkeypatch.undo()
    clock.shift(timedelta(minutes=5))
    visits.sign_in(client, "minji@mail.example")
    assert visits.is_signed_in(client)


def test_one_look_at_the_address_is_recorded_per_code_sent(client, minji):
    visits.ask(client, "minji@mail.example")
    visits.ask(client, "minji@mail.example")
    entries = LedgerEntry.objects.filter(code="members.dormancy.address_used")
    assert entries.count() == 1


@pytest.mark.promise("MIK-5.5a")
def test_no_password_stays_behind_and_a_code_opens_the_account_all_the_same(client):
    mikmik = visits.live()
    person = sleepers.member(mikmik, cast.officer("mina", mikmik))
    other = cast.member(mikmik, "sora")
    raw = "a kettle sings at noon"
    for one in (person, other):
        Account.objects.filter(pk=one.account_id).update(password=passwords.prepare(raw))
    assert dormancy_move.set_apart(NOW, mikmik).done == 1
    kept = dict(Account.objects.filter(is_staff=False).values_list("pk", "password"))
    assert kept[person.account_id] == "!"
    assert kept[other.account_id].startswith("md5$")
    form = {"identifier": "minji-id", "password": raw, "way": "password"}
    assert "This did not fit" in client.post(visits.at("sign_in"), form).content.decode()
    visits.sign_in(client, "minji-id")
    assert visits.is_signed_in(client)


def test_nobody_takes_the_login_id_of_somebody_who_is_dormant(minji):
    eve = cast.member(minji.service, "eve", mobile="010-9999-0000")
    assert rectification.is_taken(eve, "login_id", "minji-id")
    assert not rectification.is_taken(eve, "login_id", "nobodys-id")

"""The code of joining: few tries, few codes, one winner, and nothing left of a form that nobody finished."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance.keyring.models import DataKey
from compliance.models import Account
from members.actions import joining, pending_join
from members.models import DataSubject, Delivery, PendingJoin, Record
from tests.tools import cast, joiners, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mikmik():
    return visits.live()


def test_two_forms_for_one_address_make_one_member(mikmik):
    one, other = Client(), Client()
    joiners.post(one)
    first = joiners.letter("join_code")["code"]
    joiners.post(other, login_id="other-id")
    codes = {joiners.letter("join_code")["code"], first}
    for client in (one, other):
        for code in codes:
            client.post(visits.at("join_code"), {"code": code})
    assert DataSubject.objects.filter(status="active").count() == 1
    assert not DataSubject.objects.filter(status="joining").exists()


def test_whoever_comes_second_inside_the_last_step_is_refused_and_leaves_nothing(
    client, mikmik, monkeypatch
):
    joiners.post(client)
    real = joining.people.fill

    def overtaken(*args, **kwargs):
        monkeypatch.setattr(joining.people, "fill", real)
        cast.member(mikmik, "haneul")
        return real(*args, **kwargs)

    monkeypatch.setattr(joining.people, "fill", overtaken)
    joiners.enter(client)
    assert not DataSubject.objects.filter(status="joining").exists()
    assert {r.subject.account_id is not None for r in Record.objects.all()} == {True}
    assert Account.objects.count() == 1


def test_wrong_and_expired_codes_say_what_to_do(client, mikmik, clock):
    joiners.post(client)
    digits = joiners.letter("join_code")["code"]
    page = client.post(visits.at("join_code"), {"code": visits.wrong(digits)}).content.decode()
    assert "4 tries left" in page
    clock.shift(timedelta(minutes=10))
    page = client.post(visits.at("join_code"), {"code": digits}).content.decode()
    assert "more than 10 minutes old" in page
    client.post(visits.at("join_code_again"))
    assert joiners.enter(client).url == visits.at("account")


def test_going_back_after_joining_leads_to_the_account_without_alarm(client, mikmik):
    joiners.join(client)
    for name in ("join_code", "join"):
        assert client.get(visits.at(name)).url == visits.at("account")
    assert "not kept longer" not in client.get(visits.at("account")).content.decode()


def test_five_wrong_tries_end_a_code(client, mikmik):
    joiners.post(client)
    digits = joiners.letter("join_code")["code"]
    for _ in range(5):
        page = client.post(visits.at("join_code"), {"code": visits.wrong(digits)})
    assert "Five tries were wrong" in page.content.decode()
    client.post(visits.at("join_code"), {"code": digits})
    assert not DataSubject.objects.exists()


def test_another_code_leaves_after_a_minute_and_the_earlier_one_is_worthless(client, mikmik, clock):
    joiners.post(client)
    first = joiners.letter("join_code")["code"]
    client.post(visits.at("join_code_again"))
    assert Delivery.objects.count() == 1
    clock.shift(timedelta(seconds=60))
    client.post(visits.at("join_code_again"))
    assert Delivery.objects.count() == 2
    second = joiners.letter("join_code")["code"]
    if first != second:
        client.post(visits.at("join_code"), {"code": first})
        assert not DataSubject.objects.exists()
    client.post(visits.at("join_code"), {"code": second})
    assert visits.is_signed_in(client)


def test_to_one_address_ten_codes_leave_in_an_hour(mikmik, clock):
    for _ in range(12):
        assert joiners.post(Client()).status_code == 302
    assert Delivery.objects.count() == 10
    clock.shift(timedelta(hours=1, seconds=1))
    joiners.post(Client())
    assert Delivery.objects.count() == 11


def test_sixty_codes_an_hour_from_one_network_address_and_then_429(mikmik):
    for number in range(60):
        joiners.post(Client(), email=f"n{number}@mail.example")
    assert joiners.post(Client()).status_code == 429


def test_the_form_is_gone_after_half_an_hour_with_its_key(client, mikmik, clock):
    joiners.post(client)
    form = PendingJoin.objects.get()
    assert pending_join.read(form, now=NOW + timedelta(minutes=29)).address
    with pytest.raises(pending_join.Gone):
        pending_join.read(form, now=NOW + timedelta(minutes=30))
    clock.shift(timedelta(minutes=30))
    answer = client.get(visits.at("join_code"))
    assert answer.url == visits.at("join")
    keys = DataKey.objects.count()
    report = joining.destroy_abandoned(NOW + timedelta(minutes=30))
    assert report.done == 1
    assert DataKey.objects.count() == keys - 1
    assert not PendingJoin.objects.exists()


def test_what_a_stop_in_the_middle_left_is_destroyed_after_an_hour(client, mikmik, monkeypatch):
    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    joiners.post(client)
    monkeypatch.setattr(joining, "_open", stop)
    with pytest.raises(KeyboardInterrupt):
        joiners.enter(client)
    assert DataSubject.objects.get().status == "joining"
    assert Record.objects.exists()
    assert joining.destroy_abandoned(NOW + timedelta(minutes=59)).done == 1  # the form alone
    joining.destroy_abandoned(NOW + timedelta(minutes=61))
    assert not DataSubject.objects.exists()
    assert not Record.objects.exists()

"""My password: choosing, changing, doing without, and proving it before something that lasts."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance import ledger
from compliance.models import Account, LedgerEntry, Session
from members import passwords
from members.actions import password
from members.models import AccessCode, DataSubject, Delivery, Withdrawal
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
FIRST, SECOND = "a kettle sings at noon", "a kettle sings at nine"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    visits.sign_in(client, "minji-id")
    return found


@pytest.fixture
def with_password(client):
    found = cast.member(visits.live())
    password.set_password(found.account, FIRST, actor=ledger.THEMSELVES, now=NOW)
    visits.sign_in(client, "minji-id")
    return found


def send(client, way="save", **fields):
    return client.post(visits.at("password"), {"way": way, **fields})


def account_of(person):
    return Account.objects.get(pk=DataSubject.objects.get(pk=person.pk).account_id)


def by_password(raw):
    browser = Client()
    form = {"identifier": "minji-id", "password": raw, "way": "password"}
    browser.post(visits.at("sign_in"), form)
    return browser


def test_right_after_signing_in_a_password_is_chosen_in_one_field(client, minji):
    page = client.get(visits.at("password")).content.decode()
    assert page.count('type="password"') == 1
    assert "At least 12 characters" in page
    assert send(client, password=FIRST).url == visits.at("password")
    assert passwords.fits(account_of(minji), FIRST)
    assert visits.is_signed_in(client)
    assert visits.is_signed_in(by_password(FIRST))
    assert Delivery.objects.filter(event="sign_in_changed").count() == 1


def test_a_member_who_came_in_without_an_account_gets_one(client):
    service = visits.live("krainpop")
    person = visits.person(service)
    visits.sign_in(client, "sora@mail.example", service)
    client.post(visits.at("password", service), {"way": "save", "password": FIRST})
    assert passwords.fits(account_of(person), FIRST)
    assert visits.is_signed_in(client, service)


@pytest.mark.promise("MIK-12.3.10")
@pytest.mark.parametrize("raw", ["12345678", "", "mikmikmikmik"])
def test_a_guessable_password_is_refused_beside_its_field_and_never_shown(client, minji, raw):
    page = send(client, password=raw).content.decode()
    assert 'id="id_password_error"' in page
    assert page.count("Error:") == 1
    assert not raw or raw not in page
    assert not account_of(minji).has_usable_password()


def test_a_new_password_ends_the_sessions_elsewhere_and_changes_the_key_here(client, with_password):
    elsewhere = by_password(FIRST)
    assert visits.is_signed_in(elsewhere)
    before = client.session.session_key
    send(client, password=SECOND)
    assert visits.is_signed_in(client)
    assert not visits.is_signed_in(elsewhere)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()
    assert not visits.is_signed_in(by_password(FIRST))
    assert visits.is_signed_in(by_password(SECOND))


def test_ten_minutes_later_the_password_now_is_asked_for(client, with_password, clock):
    clock.shift(timedelta(minutes=10))
    assert client.get(visits.at("password")).content.decode().count('type="password"') == 2
    assert 'id="id_current_error"' in send(client, password=SECOND).content.decode()
    page = send(client, current="a kettle sings at one", password=SECOND).content.decode()
    assert "This did not fit" in page
    assert passwords.fits(account_of(with_password), FIRST)
    assert send(client, current=FIRST, password=SECOND).status_code == 302
    assert passwords.fits(account_of(with_password), SECOND)


def test_five_wrong_ones_stop_the_guessing_also_of_whoever_found_an_open_session(
    client, with_password, clock
):
    clock.shift(timedelta(minutes=10))
    for _ in range(5):
        send(client, current="wrong", password=SECOND)
    answer = send(client, current=FIRST, password=SECOND)
    assert answer.status_code == 429
    assert passwords.fits(account_of(with_password), FIRST)


def test_a_forgotten_password_is_replaced_after_a_code(client, with_password, clock):
    clock.shift(timedelta(minutes=10))
    assert send(client, "code").url == visits.at("code")
    answer = client.post(visits.at("code"), {"code": visits.code_sent()})
    assert answer.url == visits.at("password")
    assert send(client, password=SECOND).status_code == 302
    assert passwords.fits(account_of(with_password), SECOND)


def test_without_a_password_a_code_is_the_only_proof_later(client, minji, clock):
    clock.shift(timedelta(minutes=10))
    page = client.get(visits.at("password")).content.decode()
    assert 'type="password"' not in page
    assert send(client, password=FIRST).url == visits.at("code")
    assert not account_of(minji).has_usable_password()


def test_doing_without_a_password_leaves_the_code(client, with_password):
    send(client, "remove")
    assert not account_of(with_password).has_usable_password()
    assert visits.is_signed_in(client)
    assert not visits.is_signed_in(by_password(FIRST))
    told = LedgerEntry.objects.filter(code="members.password.removed")
    assert told.count() == 1


def test_a_kind_of_person_without_a_password_in_the_policy_has_no_such_page(client):
    service = visits.live("letsmasak")
    visits.person(service)
    visits.sign_in(client, "sora@mail.example", service)
    there = visits.at("password", service)
    assert client.get(there).url == visits.at("account", service)
    assert client.post(there, {"password": FIRST}).url == visits.at("account", service)
    assert there not in client.get(visits.at("account", service)).content.decode()
    assert not Account.objects.filter(is_staff=False, password_changed_at__isnull=False).exists()


class TestLeaving:
    def leave(self, client, **fields):
        return client.post(visits.at("withdraw"), fields)

    def test_the_password_is_the_one_field_and_leaves_at_once(self, client, with_password, clock):
        assert 'type="password"' not in client.get(visits.at("withdraw")).content.decode()
        clock.shift(timedelta(minutes=10))
        page = client.get(visits.at("withdraw")).content.decode()
        unseen = page.count('type="hidden"') + page.count(" hidden readonly")
        assert page.count("<input") - unseen == page.count('type="password"')
        assert 'value="minji-id" autocomplete="username" hidden' in page
        assert page.count('type="password"') == 1
        assert self.leave(client, current=FIRST).url == visits.at("withdrawn")
        assert Withdrawal.objects.exists()

    def test_a_wrong_one_says_so_and_nobody_leaves(self, client, with_password, clock):
        clock.shift(timedelta(minutes=10))
        page = self.leave(client, current="wrong").content.decode()
        assert "This did not fit" in page
        assert page.count("Error:") == 1
        assert not Withdrawal.objects.exists()

    def test_an_empty_one_sends_a_code(self, client, with_password, clock):
        clock.shift(timedelta(minutes=10))
        assert self.leave(client, current="").url == visits.at("code")
        assert not Withdrawal.objects.exists()

    def test_who_has_no_password_types_nothing(self, client, minji, clock):
        clock.shift(timedelta(minutes=10))
        assert 'type="password"' not in client.get(visits.at("withdraw")).content.decode()
        assert self.leave(client, current="something").url == visits.at("code")
        assert AccessCode.objects.filter(purpose="step_up").count() == 1

    def test_the_password_is_destroyed_at_exit(self, client, with_password):
        account = with_password.account_id
        self.leave(client)
        assert not Account.objects.filter(pk=account).exists()

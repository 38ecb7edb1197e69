"""Signing in with a password: every refusal reads alike, guessing is slowed, known devices are spared."""

from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
import time_machine
from django.contrib.auth import hashers
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance import ledger
from compliance.models import LedgerEntry, Session
from members.actions import known_device, password, withdrawal
from members.models import AccessCode, DataSubject, Delivery, KnownDevice
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
RIGHT, WRONG = "a kettle sings at noon", "a kettle sings at nine"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def minji():
    found = cast.member(visits.live())
    give(found)
    return found


def give(person, raw=RIGHT):
    password.set_password(person.account, raw, actor=ledger.THEMSELVES, now=NOW)


def attempt(client, identifier="minji-id", raw=WRONG, ip="192.0.2.1", service="mikmik", **more):
    form = {"identifier": identifier, "password": raw, "way": "password", **more}
    return client.post(visits.at("sign_in", service), form, REMOTE_ADDR=ip)


def test_the_right_password_opens_the_account_at_once(client, minji):
    for identifier in ("minji-id", "minji@mail.example", " MINJI-ID "):
        browser = Client()
        assert attempt(browser, identifier, RIGHT).url == visits.at("account")
        assert visits.is_signed_in(browser)
    assert LedgerEntry.objects.filter(code="members.password.accepted").count() == 3
    assert not AccessCode.objects.exists()


def test_a_password_leads_back_to_the_page_asked_for_and_never_elsewhere(client, minji):
    assert attempt(client, raw=RIGHT, next=visits.at("data")).url == visits.at("data")
    assert attempt(Client(), raw=RIGHT, next="//evil.example").url == visits.at("account")


def test_an_empty_password_or_the_other_button_sends_a_code(client, minji):
    for form in ({"way": "password"}, {"way": "code", "password": RIGHT}, {"way": "code"}):
        answer = client.post(visits.at("sign_in"), {"identifier": "minji-id", **form})
        assert answer.url == visits.at("code")
    assert not visits.is_signed_in(client)


def test_a_wrong_password_keeps_the_name_and_shows_no_password(client, minji):
    body = attempt(client).content.decode()
    assert "This did not fit" in body
    assert 'value="minji-id"' in body
    assert WRONG not in body
    assert body.count("Error:") == 1


def people(of):
    """Somebody with a password, without one, unknown, leaving, of another kind of entrance."""
    cast.member(of, "sora")
    leaver = cast.member(of, "leaver")
    give(leaver)
    withdrawal.request(leaver, channel="web", actor=None, now=NOW)
    visits.purchaser(of, "MM-1")
    return ["minji-id", "sora-id", "nobody-id", "leaver-id", "guest@mail.example"]


def seen(identifier, ip):
    """What a browser gets, without what it typed and its own token."""
    browser = Client()
    token = browser.get(visits.at("sign_in")).context["csrf_token"]
    answer = attempt(browser, identifier, ip=ip)
    body = answer.content.decode().replace(str(answer.context["csrf_token"]), "")
    return (
        answer.status_code,
        tuple(sorted(answer.headers)),
        body.replace(str(token), "").replace(identifier, ""),
    )


def test_whoever_is_named_gets_the_same_answer_also_when_blocked(minji):
    names = people(minji.service)
    for time in range(7):
        answers = {seen(name, "192.0.2.9")[:2] for name in names}
        bodies = {seen(name, f"192.0.2.{10 + time}")[2] for name in names}
        assert len(answers) == 1
        assert len(bodies) == 1


def test_whoever_is_named_costs_one_hash_and_almost_the_same_queries(minji):
    work = {}
    for number, name in enumerate(people(minji.service)):
        browser = Client()
        browser.get(visits.at("sign_in"))
        with (
            mock.patch.object(hashers, "verify_password", wraps=hashers.verify_password) as hashed,
            CaptureQueriesContext(connections["default"]) as queries,
        ):
            attempt(browser, name, ip=f"192.0.2.{number}")
        work[name] = (hashed.call_count, len(queries))
    assert {hashes for hashes, _ in work.values()} == {1}
    counts = [queries for _, queries in work.values()]
    assert max(counts) - min(counts) <= 5, work


def test_five_wrong_passwords_block_that_name_from_that_address_for_15_minutes_and_then_longer(
    client, minji, clock
):
    for _ in range(5):
        assert attempt(client).status_code == 200
    answer = attempt(client, raw=RIGHT)
    assert answer.status_code == 429
    assert "23 Nov 2026 12:15 KST" in answer.content.decode()
    assert answer.headers["Retry-After"] == "900"
    assert attempt(client, raw=RIGHT, ip="192.0.2.2").status_code == 302
    clock.shift(timedelta(minutes=15))
    assert attempt(Client()).status_code == 200
    clock.shift(timedelta(minutes=29))
    assert attempt(Client(), raw=RIGHT).status_code == 429
    clock.shift(timedelta(minutes=1))
    assert attempt(Client(), raw=RIGHT).status_code == 302


def test_spaces_and_capitals_buy_no_further_tries(client, minji):
    for name in ("minji-id", "MINJI-id", " minji-id", "m i n j i-id", "Ｍinji-id"):
        attempt(client, name)
    assert attempt(client, raw=RIGHT).status_code == 429


def test_fifty_wrong_passwords_an_hour_block_an_address_for_every_name(client, minji):
    for number in range(50):
        attempt(client, f"name-{number}")
    assert attempt(client, raw=RIGHT).status_code == 429
    assert attempt(Client(), raw=RIGHT, ip="192.0.2.2").status_code == 302


def test_a_hundred_addresses_at_one_account_are_slowed_but_a_known_device_gets_in(minji):
    known, stranger = Client(), Client()
    assert attempt(known, raw=RIGHT, ip="203.0.113.5").status_code == 302
    for number in range(100):
        attempt(Client(), ip=f"198.51.100.{number}")
    assert attempt(stranger, raw=RIGHT, ip="203.0.113.99").status_code == 429
    assert attempt(Client(), raw=RIGHT, ip="203.0.113.5").status_code == 302


def test_a_device_becomes_known_by_a_code_as_well_and_is_forgotten(client, minji, clock):
    visits.sign_in(client, "minji-id")
    row = KnownDevice.objects.get()
    assert "127.0.0.1" not in row.digest
    assert known_device.is_known(minji, address="127.0.0.1", browser="", now=NOW)
    assert not known_device.is_known(None, address="127.0.0.1", browser="", now=NOW)
    later = NOW + timedelta(days=90)
    assert not known_device.is_known(minji, address="127.0.0.1", browser="", now=later)
    assert known_device.forget_old(now=later) == 1


def test_a_device_is_a_network_and_a_browser_whatever_its_version(minji):
    known_device.remember(minji, address="2001:db8::1", browser="Fox/144.0 (X11)", now=NOW)

    def is_known(address, browser):
        return known_device.is_known(minji, address=address, browser=browser, now=NOW)

    assert is_known("2001:db8::ffff", "Fox/145.1 (X11)")
    assert not is_known("2001:db8:0:1::1", "Fox/144.0 (X11)")
    assert not is_known("2001:db8::1", "Hen/144.0 (X11)")


def test_ten_devices_are_remembered_and_leaving_forgets_them_all(minji):
    for number in range(12):
        known_device.remember(
            minji, address=f"192.0.2.{number}", browser="", now=NOW + timedelta(minutes=number)
        )
    assert KnownDevice.objects.count() == 10
    assert not known_device.is_known(minji, address="192.0.2.0", browser="", now=NOW)
    withdrawal.carry_out(withdrawal.request(minji, channel="web", actor=None, now=NOW), now=NOW)
    assert not KnownDevice.objects.exists()


def test_a_known_device_gets_a_code_although_others_used_the_hour_up(client, minji, clock):
    visits.sign_in(client, "minji-id")
    client.post(visits.at("sign_out"))
    Delivery.objects.all().delete()
    for _ in range(11):
        clock.shift(timedelta(minutes=1))
        Client().post(visits.at("sign_in"), {"identifier": "minji-id"}, REMOTE_ADDR="198.51.100.7")
    used_up = Delivery.objects.count()
    assert used_up == 9
    clock.shift(timedelta(minutes=1))
    visits.ask(client, "minji-id")
    assert Delivery.objects.count() == used_up + 1
    client.post(visits.at("code"), {"code": visits.code_sent()})
    assert visits.is_signed_in(client)


def test_a_known_device_gets_in_by_code_although_others_guessed_at_it(client, minji):
    visits.sign_in(client, "minji-id")
    client.post(visits.at("sign_out"))
    AccessCode.objects.create(
        token="guessed",
        subject=minji,
        service=minji.service,
        purpose="sign_in",
        code_hash="x",
        created_at=NOW - timedelta(minutes=50),
        expires_at=NOW - timedelta(minutes=40),
        tries=26,
    )
    with time_machine.travel(NOW + timedelta(minutes=2), tick=False):
        stranger = Client(REMOTE_ADDR="198.51.100.7")
        visits.sign_in(stranger, "minji-id")
        assert not visits.is_signed_in(stranger)
    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        visits.sign_in(client, "minji-id")
        assert visits.is_signed_in(client)


@pytest.mark.promise("MIK-15.4")
def test_no_cookie_is_needed_to_be_known_and_all_of_them_go_at_sign_out(client, minji):
    attempt(client, raw=RIGHT)
    assert {cookie.key for cookie in client.cookies.values()} == {"session", "csrf"} - (
        {"csrf"} - set(client.cookies)
    )
    assert all(
        not cookie["max-age"] and not cookie["expires"] for cookie in client.cookies.values()
    )
    answer = client.post(visits.at("sign_out"))
    assert answer.cookies["session"]["max-age"] == 0


def test_the_key_of_a_session_changes_with_a_password_sign_in(client, minji):
    visits.ask(client, "minji-id")
    before = client.session.session_key
    attempt(client, raw=RIGHT)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_service_whose_policy_lists_no_password_takes_none(client):
    service = visits.live("letsmasak")
    found = visits.person(service)
    page = client.get(visits.at("sign_in", service)).content.decode()
    assert "password" not in page.replace("no password to remember", "")
    answer = attempt(client, "sora@mail.example", RIGHT, service="letsmasak")
    assert answer.url == visits.at("code", service)
    assert DataSubject.objects.get(pk=found.pk).account is None


def test_a_language_switch_tries_no_password(client, minji):
    page = attempt(client, raw=WRONG, switch_language="ko")
    assert WRONG not in page.content.decode()
    assert 'value="minji-id"' in page.content.decode()
    for _ in range(6):
        attempt(client, raw=WRONG, switch_language="ko")
    assert attempt(client, raw=RIGHT).status_code == 302


def test_a_password_of_a_million_characters_is_refused_before_it_is_hashed(client, minji):
    with mock.patch.object(hashers, "verify_password") as hashed:
        body = attempt(client, raw="x" * 1_000_000).content.decode()
    assert "at most 1024 characters" in body
    hashed.assert_not_called()

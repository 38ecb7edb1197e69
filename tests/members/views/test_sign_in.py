"""Signing in and out: uniform answers, few guesses, sessions that end when they should."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance.models import LoginThrottle, Session
from members import auth
from members.actions import withdrawal
from members.models import AccessCode, DataSubject, Delivery
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def minji():
    return cast.member(visits.live())


@pytest.mark.parametrize("identifier", ["minji@mail.example", " MINJI@mail.example ", "minji-id"])
def test_a_member_signs_in_with_address_or_login_id_and_a_code(client, minji, identifier):
    answer = visits.sign_in(client, identifier)
    assert answer.status_code == 302
    assert answer.url == visits.at("account")
    assert visits.is_signed_in(client)


def test_a_code_with_spaces_is_accepted(client, minji):
    visits.ask(client, "minji@mail.example")
    digits = visits.code_sent()
    client.post(visits.at("code"), {"code": f"{digits[:3]} {digits[3:]} "})
    assert visits.is_signed_in(client)


def pages_seen(identifier):
    """Bodies of the whole way of somebody who types a wrong code once."""
    visitor = Client()
    asked = visits.ask(visitor, identifier)
    code_page = visitor.get(asked.url)
    wrong = visits.wrong(visits.code_sent()) if Delivery.objects.exists() else "123456"
    refused = visitor.post(asked.url, {"code": wrong})
    return [_plain(asked), _plain(code_page), _plain(refused, wrong)]


def _plain(answer, typed="-"):
    token = str(answer.context["csrf_token"]) if answer.context else "-"
    body = answer.content.decode().replace(token, "").replace(typed, "")
    return answer.status_code, answer.headers.get("Location"), body


def test_known_and_unknown_people_get_the_same_pages(minji):
    unknown = pages_seen("nobody@mail.example")
    assert pages_seen("minji@mail.example") == unknown
    assert AccessCode.objects.filter(subject=None).count() == 1


def test_nothing_is_sent_to_strangers_leavers_and_people_who_are_joining(client, minji):
    visits.ask(client, "nobody@mail.example")
    DataSubject.objects.filter(pk=minji.pk).update(status="joining")
    visits.ask(client, "minji@mail.example")
    withdrawal_of = cast.member(minji.service, "leaver")
    withdrawal.request(withdrawal_of, channel="web", actor=None, now=NOW)
    visits.ask(client, "leaver@mail.example")
    assert not Delivery.objects.exists()


def test_wrong_and_expired_codes_say_what_to_do(client, minji, clock):
    visits.ask(client, "minji@mail.example")
    digits = visits.code_sent()
    page = client.post(visits.at("code"), {"code": visits.wrong(digits)})
    assert "4 tries left" in page.content.decode()
    clock.shift(timedelta(minutes=10))
    page = client.post(visits.at("code"), {"code": digits})
    assert "more than 10 minutes old" in page.content.decode()
    assert page.content.decode().count("Error:") == 1
    assert not visits.is_signed_in(client)


def test_letters_are_not_a_code_and_cost_no_try(client, minji):
    visits.ask(client, "minji@mail.example")
    client.post(visits.at("code"), {"code": "12a456"})
    assert AccessCode.objects.get().tries == 0


def test_five_wrong_tries_end_the_attempt(client, minji):
    visits.ask(client, "minji@mail.example")
    digits = visits.code_sent()
    for _ in range(5):
        page = client.post(visits.at("code"), {"code": visits.wrong(digits)})
    assert "Five tries were wrong" in page.content.decode()
    client.post(visits.at("code"), {"code": digits})
    assert not visits.is_signed_in(client)


def test_another_code_is_sent_after_a_minute_only(client, minji, clock):
    visits.ask(client, "minji@mail.example")
    client.post(visits.at("code_again"))
    assert Delivery.objects.count() == 1
    clock.shift(timedelta(seconds=60))
    client.post(visits.at("code_again"))
    assert Delivery.objects.count() == 2
    client.post(visits.at("code"), {"code": visits.code_sent()})
    assert visits.is_signed_in(client)


def test_sixty_codes_an_hour_from_one_address_and_then_429(client, minji):
    LoginThrottle.objects.all().delete()
    visits.ask(client, "minji@mail.example")
    LoginThrottle.objects.update(failures=59)
    visits.ask(client, "minji@mail.example")
    answer = visits.ask(client, "minji@mail.example")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 3600


def test_the_session_gets_a_new_key_at_sign_in_and_dies_at_sign_out(client, minji):
    visits.ask(client, "minji@mail.example")
    before = client.session.session_key
    client.post(visits.at("code"), {"code": visits.code_sent()})
    replayed = client.session.session_key
    assert before != replayed
    client.post(visits.at("sign_out"))
    thief = Client()
    thief.cookies["session"] = replayed
    assert not visits.is_signed_in(thief)
    assert not Session.objects.filter(session_key__in=[before, replayed]).exists()


def test_thirty_idle_minutes_end_a_session(client, minji, clock):
    visits.sign_in(client, "minji@mail.example")
    clock.shift(timedelta(minutes=29))
    assert visits.is_signed_in(client)
    clock.shift(timedelta(minutes=30))
    assert not visits.is_signed_in(client)


def test_twelve_hours_end_a_session_however_busy(client, minji, clock):
    visits.sign_in(client, "minji@mail.example")
    for _ in range(12 * 60 // 20 - 1):
        clock.shift(timedelta(minutes=20))
        assert visits.is_signed_in(client)
    clock.shift(timedelta(minutes=20))
    assert not visits.is_signed_in(client)


def test_a_disabled_account_ends_its_sessions_at_the_next_page(client, minji):
    visits.sign_in(client, "minji@mail.example")
    minji.account.is_active = False
    minji.account.save()
    assert not visits.is_signed_in(client)


@pytest.mark.promise("MIK-8.1a")
def test_a_withdrawal_by_whatever_channel_ends_all_sessions_at_once(client, minji):
    elsewhere = Client()
    visits.sign_in(client, "minji@mail.example")
    visits.sign_in(elsewhere, "minji-id")
    withdrawal.request(minji, channel="phone", actor=None, now=NOW)
    assert not visits.is_signed_in(client)
    assert not visits.is_signed_in(elsewhere)


def test_a_purchaser_needs_both_order_number_and_address(client):
    service = visits.live()
    visits.purchaser(service, "ORD-20261101")
    visits.purchaser(service, "ORD-2", "other")
    for order, email in (("ORD-20261101", "other@mail.example"), ("ORD-9", "guest@mail.example")):
        client.post(visits.at("order_access"), {"order_number": order, "email": email})
    assert not Delivery.objects.exists()
    right = {"order_number": "ORD-20261101", "email": "guest@mail.example"}
    client.post(visits.at("order_access"), right)
    client.post(visits.at("code"), {"code": visits.code_sent()})
    assert visits.is_signed_in(client)


def test_a_member_cannot_come_in_by_the_door_of_purchasers_nor_the_other_way(client, minji):
    visits.purchaser(minji.service, "ORD-1")
    visits.ask(client, "guest@mail.example")
    client.post(visits.at("order_access"), {"order_number": "none", "email": "minji@mail.example"})
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:x",
        "http:/x",
        "\\\\e",
    ],
)
def test_signing_in_never_leads_to_a_foreign_address(client, minji, wanted):
    visits.ask(client, "minji@mail.example", next=wanted)
    answer = client.post(visits.at("code"), {"code": visits.code_sent()})
    assert answer.url == visits.at("account")


def test_signing_in_leads_back_to_the_page_asked_for(client, minji):
    asked = client.get(visits.at("data"))
    form = client.get(asked.url)
    visits.ask(client, "minji@mail.example", next=form.context["next"])
    answer = client.post(visits.at("code"), {"code": visits.code_sent()})
    assert answer.url == visits.at("data")


def test_a_change_of_language_keeps_what_was_typed_and_checks_nothing(client, minji):
    page = client.post(
        "/ko/mikmik/sign-in/", {"identifier": "minji@mail", "switch_language": "ko", "next": "/en/"}
    )
    body = page.content.decode()
    assert 'value="minji@mail"' in body
    assert 'lang="ko"' in body
    assert page.context["next"] == "/en/"
    assert not AccessCode.objects.exists()


def test_the_mail_is_written_in_the_language_of_the_page(client, minji):
    client.post("/id/mikmik/sign-in/", {"identifier": "minji@mail.example"})
    assert Delivery.objects.get().language == "id"


def test_the_code_page_without_an_attempt_leads_to_the_start(client, minji):
    assert client.get(visits.at("code")).url == visits.at("sign_in")
    assert client.post(visits.at("code_again")).status_code == 302


def test_a_member_who_also_bought_without_an_account_still_gets_in_at_both_doors(client, minji):
    service = minji.service
    visits.purchaser(service, "MM-2", name="minji")
    visits.sign_in(client, "minji@mail.example")
    assert visits.is_signed_in(client)
    found = auth.find_purchaser(service, "MM-2", "minji@mail.example")
    assert found is not None
    assert found.kind == "nonmember"


def test_a_login_id_in_the_shape_of_somebody_elses_address_locks_nobody_out(minji):
    cast.member(minji.service, "eve", login_id="minji@mail.example")
    assert auth.find_member(minji.service, "minji@mail.example") == minji
    assert auth.find_member(minji.service, "minji-id") == minji


def test_an_ended_session_says_so_and_leads_back_to_the_page_with_its_question(
    client, minji, clock
):
    visits.sign_in(client, "minji@mail.example")
    clock.shift(timedelta(minutes=30))
    asked = client.get(visits.at("data") + "?from=2", follow=True)
    assert "Your session has ended" in asked.content.decode()
    visits.ask(client, "minji@mail.example", next=asked.context["next"])
    answer = client.post(visits.at("code"), {"code": visits.code_sent()})
    assert answer.url == visits.at("data") + "?from=2"
    assert "Your session" not in Client().get(visits.at("data"), follow=True).content.decode()

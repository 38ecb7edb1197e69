"""Joining: the policy's items and no other, one question per consent, a code, and nothing left after a no."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance import ledger
from compliance.keyring.models import DataKey
from compliance.models import Account, LedgerEntry, Session
from members import gate, passwords
from members.actions import withdrawal
from members.models import (
    AccessCode,
    ConsentEvent,
    ConsentState,
    DataSubject,
    Delivery,
    JoinRefusal,
    PendingJoin,
    Record,
)
from tests.tools import cast, joiners, visits
from tests.tools.joiners import REQUIRED

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ADS = "advertising:email:"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mikmik():
    return visits.live()


def nothing_is_kept():
    return not (
        DataSubject.objects.exists()
        or PendingJoin.objects.exists()
        or Record.objects.exists()
        or ConsentEvent.objects.exists()
        or Account.objects.exists()
        or Delivery.objects.exists()
        or DataKey.objects.exists()
    )


@pytest.mark.promise("LEJ-1.1")
@pytest.mark.promise("MIK-3.2-R1")
@pytest.mark.parametrize(
    ("slug", "asked"),
    [
        ("leje", ["name", "login_id", "mobile", "email", "password"]),
        ("mikmik", ["name", "login_id", "mobile", "email", "password"]),
        ("engoo", ["name", "address", "phone", "email"]),
        ("krainpop", ["email", "login_id", "password", "name", "address", "phone"]),
    ],
)
def test_the_form_asks_for_the_items_of_joining_and_no_other(client, slug, asked):
    visits.live(slug)
    form = client.get(visits.at("join", slug)).context["form"]
    items = [one.item for one in form.asked]
    fields = [name for name in form.fields if name in items or name == "password"]
    assert sorted(fields) == sorted(asked)
    assert form.fields["email"].required


@pytest.mark.promise("KRN-3.1")
@pytest.mark.promise("MIK-1.1")
def test_nothing_is_chosen_beforehand_and_each_question_has_two_equal_answers(client, mikmik):
    page = client.get(visits.at("join")).content.decode()
    assert " checked" not in page
    blocks = page.count("data-required=")
    assert blocks == 16
    assert page.count('value="agree"') == page.count('value="disagree"') == blocks + 1
    assert page.count("[Required]") == 1
    assert page.count("[Optional]") == blocks - 1
    assert "Agree to all (1 required, 15 optional)" in page


@pytest.mark.promise("MIK-1.1")
@pytest.mark.promise("MIK-3.2-R1")
def test_the_right_code_makes_a_member_with_records_answers_and_account(client, mikmik):
    answer = joiners.join(client, **{ADS: "agree", "advertising:mobile:": "disagree"})
    assert answer.url == visits.at("account")
    assert visits.is_signed_in(client)
    person = DataSubject.objects.get()
    assert (person.status, person.kind, person.source) == ("active", "member", "registration")
    assert person.agreed_version == cast.version(mikmik)
    held = {k: v for values in gate.own_values(person).values() for k, v in values.items()}
    assert held == {
        "name": "Haneul",
        "login_id": "haneul-id",
        "mobile": "01022223333",
        "email": "haneul@mail.example",
    }
    given = {f"{e.purpose}:{e.channel}": e.answer for e in ConsentEvent.objects.all()}
    assert given == {
        "joining:required:": "agreed",
        "advertising:email": "agreed",
        "advertising:mobile": "disagreed",
    }
    assert {e.asked_by for e in ConsentEvent.objects.all()} == {"web"}
    assert all(len(e.text_hash) == 64 and e.language == "en" for e in ConsentEvent.objects.all())
    assert gate.may_use(person, "advertising", ["email"], channel="email", now=NOW).allowed
    assert not gate.may_use(person, "advertising", ["mobile"], channel="mobile", now=NOW).allowed
    assert passwords.fits(person.account, joiners.PASSWORD)
    assert not PendingJoin.objects.exists()
    assert ledger.verify().ok


def test_before_the_code_nothing_readable_is_stored_and_the_session_holds_opaque_ids_only(
    client, mikmik
):
    answer = joiners.post(client)
    assert answer.url == visits.at("join_code")
    assert "haneul@mail.example" in client.get(answer.url).content.decode()
    assert not DataSubject.objects.exists()
    pending = PendingJoin.objects.get()
    assert b"haneul" not in bytes(pending.sealed)
    stored = client.session.items()
    assert not any("haneul" in str(value).lower() for _, value in stored)
    assert Session.objects.count() == 1


@pytest.mark.promise("KRN-3.1")
@pytest.mark.promise("MIK-1.1")
@pytest.mark.parametrize(
    "said", [{"decision": "disagree"}, {REQUIRED: "disagree"}, {REQUIRED: "disagree", "name": ""}]
)
def test_a_no_keeps_a_number_and_nothing_else(client, mikmik, said):
    entries = LedgerEntry.objects.count()
    answer = joiners.post(client, **said)
    assert answer.url == visits.at("join_refused")
    assert "Nothing you typed was kept" in client.get(answer.url).content.decode()
    assert nothing_is_kept()
    row = JoinRefusal.objects.get()
    assert (row.count, row.day.isoformat(), row.version) == (1, "2026-11-23", cast.version(mikmik))
    assert LedgerEntry.objects.count() == entries
    joiners.post(client, **said)
    assert JoinRefusal.objects.get().count == 2


def test_a_no_after_the_form_was_sent_destroys_the_sealed_form(client, mikmik):
    joiners.post(client)
    keys_before = DataKey.objects.count()
    joiners.post(client, decision="disagree")
    assert not PendingJoin.objects.exists()
    assert not AccessCode.objects.exists()
    assert DataKey.objects.count() == keys_before - 1


@pytest.mark.promise("KRN-3.2")
@pytest.mark.promise("MIK-3.1b")
@pytest.mark.parametrize("answer", ["disagree", None])
def test_refusing_every_optional_question_or_leaving_it_open_joins_all_the_same(
    client, mikmik, answer
):
    form = client.get(visits.at("join")).context["form"]
    optional = {block.key: answer for block in form.blocks if not block.required}
    joiners.join(client, **optional)
    assert visits.is_signed_in(client)
    said = set(ConsentState.objects.exclude(purpose="joining:required").values_list("answer"))
    assert said == ({("disagreed",)} if answer else set())


@pytest.mark.promise("KRN-3.2")
def test_advertising_is_asked_by_channel(client):
    visits.live("krainpop")
    page = client.get(visits.at("join", "krainpop")).content.decode()
    for channel in ("email", "mobile", "fax"):
        assert f'name="advertising:{channel}:"' in page


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"email": "nobody"}, "email", "no e-mail address"),
        ({"name": ""}, "name", "Enter this to join."),
        ({"name": "a\x00b"}, "name", "Null characters"),
        ({"mobile": "call me"}, "mobile", "no telephone number"),
        ({"name": "4111 1111 1111 1111"}, "name", "full card number"),
        ({"password": "short"}, "password", "12 characters"),
        ({REQUIRED: None}, REQUIRED, "one of the two answers"),
        ({REQUIRED: "perhaps"}, REQUIRED, "valid choice"),
        ({"old_enough": None}, "old_enough", "14 or older"),
        ({"website": "http://spam.example"}, "website", "Leave this empty"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    client, mikmik, typed, field, words
):
    answer = joiners.post(client, **typed)
    assert answer.status_code == 200
    assert words in str(answer.context["form"].errors[field])
    page = answer.content.decode()
    assert "Error:" in page
    assert 'value="haneul-id"' in page
    assert joiners.PASSWORD not in page
    assert nothing_is_kept()


def test_the_language_changes_and_keeps_what_was_typed_but_no_password(client, mikmik):
    sent = {**joiners.TYPED, "switch_language": "ko"}
    page = client.post(visits.at("join").replace("/en/", "/ko/"), sent).content.decode()
    assert 'value="haneul@mail.example"' in page
    assert joiners.PASSWORD not in page
    assert nothing_is_kept()


def ways(identifier):
    """What somebody sees who joins with an address, up to a wrong code."""
    visitor = Client()
    sent = joiners.post(visitor, email=identifier, login_id="some-id")
    page = visitor.get(sent.url)
    wrong = visitor.post(sent.url, {"code": "000000"})
    return [_plain(one, identifier) for one in (sent, page, wrong)]


def _plain(answer, identifier):
    token = str(answer.context["csrf_token"]) if answer.context else "-"
    body = answer.content.decode().replace(token, "").replace(identifier, "")
    return answer.status_code, answer.headers.get("Location"), body


def test_a_member_and_a_stranger_see_the_same_and_the_mail_alone_tells(mikmik, monkeypatch):
    cast.member(mikmik)
    assert ways("minji@mail.example") == ways("nobody@mail.example")
    assert sorted(Delivery.objects.values_list("event", flat=True)) == ["join_code", "join_known"]
    assert joiners.letter("join_known")["address"] == "minji@mail.example"
    assert joiners.letter("join_known")["code"] == ""


def test_joining_costs_a_member_and_a_stranger_the_same_queries(mikmik):
    cast.member(mikmik)

    def queries(email):
        visitor = Client()
        visitor.get(visits.at("join"))
        with CaptureQueriesContext(connections["default"]) as told:
            joiners.post(visitor, email=email)
        return len(told)

    queries("warm@mail.example")
    strange = queries("nobody@mail.example")
    assert 0 <= queries("minji@mail.example") - strange <= 4  # the reading of the person found


def test_a_login_id_that_is_taken_is_told_only_to_the_owner_of_the_address(client, mikmik):
    cast.member(mikmik)
    sent = joiners.post(client, login_id="minji-id")
    assert sent.url == visits.at("join_code")
    told = joiners.enter(client)
    assert told.url == visits.at("join")
    page = client.get(told.url).content.decode()
    assert "This login ID is not free" in page
    assert 'value="haneul@mail.example"' in page
    assert DataSubject.objects.count() == 1
    mails = Delivery.objects.count()
    answer = joiners.post(client, login_id="another-id")
    assert answer.url == visits.at("account")
    assert visits.is_signed_in(client)
    assert Delivery.objects.filter(event="join_code").count() == 1
    assert Delivery.objects.count() == mails + 1


def test_another_address_after_a_proved_one_needs_its_own_code(client, mikmik):
    cast.member(mikmik)
    joiners.post(client, login_id="minji-id")
    joiners.enter(client)
    answer = joiners.post(client, login_id="another-id", email="other@mail.example")
    assert answer.url == visits.at("join_code")
    assert joiners.letter("join_code")["address"] == "other@mail.example"
    assert DataSubject.objects.count() == 1


@pytest.mark.promise("MIK-5.4a")
def test_who_left_joins_again_after_the_hold_and_not_before(mikmik, clock):
    minji = cast.member(mikmik)
    left = withdrawal.request(minji, channel="web", actor=None, now=NOW)
    withdrawal.carry_out(left, now=NOW)
    Delivery.objects.update(finished_at=NOW, state="sent")
    withdrawal.carry_out(left, now=NOW + timedelta(hours=1))
    again = {"email": "minji@mail.example", "login_id": "minji-id"}
    early = Client()
    page = joiners.join(early, **again).content.decode()
    assert "They can join again after 23 Dec 2026" in page
    assert not DataSubject.objects.filter(status="active").exists()
    assert not PendingJoin.objects.exists()
    clock.move_to(datetime(2026, 12, 24, 3, tzinfo=UTC))
    late = Client()
    joiners.join(late, **again)
    assert visits.is_signed_in(late)


def test_the_message_tells_each_answer_the_version_and_the_ways_out(client, mikmik, smtp_sink):
    joiners.join(client, **{ADS: "agree"})
    told = joiners.letter("joined")
    assert told["version"] == 1
    assert [row["answer"] for row in told["answers"]] == ["agreed", "agreed"]
    assert told["answers"][1]["question"].endswith("(by e-mail)")
    assert not {"Haneul", "haneul-id"} & set(str(told).split("'"))


def test_who_is_signed_in_is_led_to_the_account(client, mikmik):
    cast.member(mikmik)
    visits.sign_in(client, "minji-id")
    assert client.get(visits.at("join")).url == visits.at("account")


def test_a_kind_that_cannot_join_here_has_no_form(client, mikmik):
    assert client.get(visits.at("join"), {"kind": "business"}).status_code == 404


def test_where_nobody_can_join_on_the_pages_the_page_says_so(client, mikmik):
    version = cast.version(mikmik)
    version.state = "superseded"
    version.save(update_fields=["state"])
    answer = client.get(visits.at("join"))
    assert answer.status_code == 200
    assert "Nobody joins MIKMIK on these pages" in answer.content.decode()
    assert joiners.post(client).status_code == 200
    assert nothing_is_kept()


def test_the_page_takes_a_constant_number_of_queries(client, mikmik):
    client.get(visits.at("join"))
    with CaptureQueriesContext(connections["default"]) as first:
        client.get(visits.at("join"))
    for number in range(5):
        cast.member(mikmik, f"person{number}")
    with CaptureQueriesContext(connections["default"]) as second:
        client.get(visits.at("join"))
    assert len(first) == len(second) <= 12

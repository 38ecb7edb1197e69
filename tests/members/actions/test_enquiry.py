"""Enquiries and complaints: registered from whoever writes, by any way; answered or not closed; kept and destroyed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.keyring.models import DataKey
from compliance.models import LedgerEntry
from members import request_texts
from members.actions import delivery, enquiry, enquiry_texts, restriction
from members.actions.enquiry import Letter, NotPossible
from members.archive.models import ArchivedRecord
from members.models import Delivery, Record, RequestMessage, Restriction, RightsRequest
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)  # A Saturday noon in Seoul.
STRANGER = {"name": "Ha-eun", "email": "haeun@mail.example"}


@pytest.fixture
def service():
    return visits.live()


@pytest.fixture
def dana(service):
    return cast.officer("dana", service)


def letter(kind="enquiry", **more):
    values = {"text": "Why do you hold my number?", "channel": "web", "contact": STRANGER}
    return Letter(kind, **{**values, **more})


def ask(service, *, subject=None, now=NOW, actor=None, received_at=None, **more):
    return enquiry.receive(
        service,
        letter(**more),
        subject=subject,
        received_at=received_at,
        actor=actor,
        now=now,
    )


def mail(event):
    found = Delivery.objects.get(event=event)
    return found, delivery.contents_of([found]).get(found.pk, {})


@pytest.mark.promise("MIK-18.2", "MIK-17.3b")
def test_a_case_has_a_reference_a_topic_and_a_target(service):
    case = ask(service)
    case.refresh_from_db()
    assert case.reference
    assert case.outcome == {"topic": "privacy"}
    assert case.due_at == NOW + timedelta(hours=24)
    entry = LedgerEntry.objects.get(code="members.enquiry.received")
    assert entry.data == {"kind": "enquiry", "channel": "web", "topic": "privacy"}


def test_what_was_written_and_by_whom_lies_under_seal_alone(service):
    case = ask(service)
    rows = list(RequestMessage.objects.filter(request=case))
    assert {row.role for row in rows} == {"body", "contact"}
    assert DataKey.objects.filter(pk__in=[row.pk for row in rows]).count() == 2
    for row in rows:
        assert b"haeun" not in bytes(row.sealed)
        assert b"number" not in bytes(row.sealed)
    texts = {text.role: text.values for text in request_texts.of_request(case)}
    assert texts == {"body": {"text": "Why do you hold my number?"}, "contact": STRANGER}


@pytest.mark.promise("LEJ-8", "ENG-5")
@pytest.mark.parametrize("name", ["leje", "engoo"])
def test_a_complaint_by_mail_has_a_number_whatever_the_policy_says_about_time(name):
    service = visits.live(name)
    case = ask(service, kind="complaint", channel="email", to="privacy")
    assert (case.channel, case.kind, case.due_at) == ("email", "complaint", None)
    assert case.reference


@pytest.mark.promise("ENG-7.4", "MIK-17.2")
def test_both_addresses_feed_one_register_with_the_same_target_and_the_case_names_its_way():
    service = visits.live("engoo")
    first = ask(service, channel="email", to="support_center")
    second = ask(service, channel="email", to="second_center")
    assert first.due_at == second.due_at
    assert [row.outcome["contact"] for row in (first, second)] == [
        "support_center",
        "second_center",
    ]


def test_the_receipt_goes_to_the_address_that_was_given_in_the_language_of_the_page(service):
    case = ask(service, language="ko")
    row, figures = mail("enquiry_received")
    assert (row.language, row.subject, row.state) == ("ko", None, "pending")
    assert figures["address"] == "haeun@mail.example"
    assert figures["reference"] == case.reference
    assert "number" not in str(figures)


def test_a_member_is_written_to_at_the_address_on_record(service):
    minji = cast.member(service)
    case = ask(service, subject=minji, contact={})
    row, figures = mail("enquiry_received")
    assert row.subject == minji
    assert figures["address"] == "minji@mail.example"
    assert [text.role for text in request_texts.of_request(case)] == ["body"]


def test_somebody_without_an_address_gets_no_mail(service, dana):
    case = ask(service, channel="phone", contact={"phone": "010-1"}, actor=dana)
    assert not Delivery.objects.exists()
    enquiry.answer(case, "Told on the telephone.", is_told=True, actor=dana, now=NOW)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"text": " "}, "text_missing"),
        ({"kind": "access"}, "text_missing"),
        ({"contact": {"name": "Ha-eun"}}, "contact_missing"),
        ({"received_at": NOW + timedelta(minutes=1)}, "received_later"),
    ],
)
def test_what_is_no_case_leaves_nothing(service, more, reason):
    with pytest.raises(NotPossible, match=reason):
        ask(service, **more)
    assert not RightsRequest.objects.exists()
    assert not RequestMessage.objects.exists()


@pytest.mark.promise("MIK-17.1")
@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_case_closes_without_an_answer(service, dana, text):
    case = ask(service)
    with pytest.raises(NotPossible, match="answer_missing"):
        enquiry.answer(case, text, actor=dana, now=NOW)
    case.refresh_from_db()
    assert case.state == "open"


@pytest.mark.promise("MIK-17.1", "LEJ-8")
def test_an_answer_closes_the_case_and_goes_out_with_where_to_go_further(service, dana):
    case = ask(service)
    later = NOW + timedelta(hours=2)
    enquiry.answer(case, "Because of your order.", actor=dana, now=later)
    case.refresh_from_db()
    assert (case.state, case.answered_at, case.closed_at) == ("done", later, later)
    assert case.handler == dana
    _row, figures = mail("enquiry_answered")
    assert figures["answer"] == "Because of your order."
    assert any("118" in reach for _name, reach in figures["further"])
    entry = LedgerEntry.objects.get(code="members.enquiry.answered")
    assert entry.data == {"kind": "enquiry", "result": "answered"}
    for step in (
        lambda: enquiry.answer(case, "Again.", actor=dana, now=later),
        lambda: enquiry.take(case, actor=dana, now=later),
        lambda: enquiry.extend(case, later + timedelta(9), "many_items", actor=dana, now=later),
    ):
        with pytest.raises(NotPossible, match="closed"):
            step()


def test_a_later_answer_is_announced_and_measured_by_the_promise(service, dana):
    case = ask(service)
    until = NOW + timedelta(days=3)
    enquiry.take(case, actor=dana, now=NOW)
    enquiry.extend(case, until, "waits_for_proof", actor=dana, now=NOW)
    case.refresh_from_db()
    assert (case.extended_to, case.due_at) == (until, NOW + timedelta(hours=24))
    assert mail("enquiry_later")[1]["extended_to"] == until.isoformat()
    with pytest.raises(NotPossible, match="not_later"):
        enquiry.extend(case, until, "waits_for_proof", actor=dana, now=NOW)
    with pytest.raises(NotPossible, match="reason_unknown"):
        enquiry.extend(case, until + timedelta(1), "tired", actor=dana, now=NOW)


@pytest.mark.promise("MIK-5.2.3")
def test_a_complaint_of_a_member_is_a_record_whose_three_years_begin_with_the_answer(service, dana):
    minji = cast.member(service)
    case = ask(service, kind="complaint", subject=minji, contact={})
    (row,) = Record.objects.filter(subject=minji, record_class="complaint_records")
    assert row.anchors == {"record_created": "2026-11-21"}
    enquiry.answer(case, "We are sorry.", actor=dana, now=NOW + timedelta(days=2))
    rows = Record.objects.filter(subject=minji, record_class="complaint_records")
    assert [row.anchors["case_closed"] for row in rows] == ["2026-11-23"] * 2


@pytest.mark.promise("MIK-5.2.3")
def test_a_purchaser_without_account_has_the_last_day_at_once(service, dana):
    guest = visits.person(service, "nonmember")
    case = ask(service, kind="complaint", subject=guest, contact={})
    rows = Record.objects.filter(subject=guest, record_class="complaint_records")
    assert [row.due_on for row in rows] == [None]
    enquiry.answer(case, "We are sorry.", actor=dana, now=NOW)
    assert {row.due_on for row in rows.all()} == {date(2029, 11, 21)}


def test_an_enquiry_of_a_member_is_no_complaint_record(service, dana):
    minji = cast.member(service)
    enquiry.answer(ask(service, subject=minji, contact={}), "So.", actor=dana, now=NOW)
    assert not Record.objects.filter(subject=minji, record_class="complaint_records").exists()


@pytest.mark.promise("MIK-5.2.3")
def test_the_clock_of_a_complaint_apart_starts_too(service, dana, leaving):
    minji = cast.member(service)
    case = ask(service, kind="complaint", subject=minji, contact={})
    leaving(minji, NOW + timedelta(hours=1))
    apart = ArchivedRecord.objects.filter(source="complaint")
    assert [row.anchors.get("case_closed") for row in apart] == [None]
    enquiry.answer(case, "We are sorry.", actor=dana, now=NOW + timedelta(days=2))
    assert [(row.anchors["case_closed"], row.due_on) for row in apart.all()] == [
        ("2026-11-23", date(2029, 11, 23))
    ]


@pytest.fixture
def leaving():
    from members.actions import withdrawal

    def leave(subject, now):
        begun = withdrawal.request(subject, channel="web", actor=None, now=now)
        for _ in range(5):
            withdrawal.carry_out(begun, now=now)

    return leave


@pytest.mark.promise("KRN-8")
def test_an_open_dispute_holds_up_destruction_and_stops_no_use():
    service = visits.live("krainpop")
    dana, sora = cast.officer("dana", service), visits.person(service)
    case = ask(service, kind="complaint", subject=sora, contact={})
    hold = Restriction.objects.get(subject=sora)
    assert (hold.ground, hold.blocks_use, hold.blocks_destruction) == ("open_dispute", False, True)
    enquiry.answer(case, "Settled.", actor=dana, now=NOW)
    hold.refresh_from_db()
    assert hold.ended_at == NOW


@pytest.mark.promise("LMK-2k")
def test_reading_a_case_is_recorded_with_the_items_that_an_answer_may_use():
    service = visits.live("letsmasak")
    dana, sora = cast.officer("dana", service), visits.person(service)
    case = ask(service, subject=sora, contact={})
    texts, items = enquiry_texts.read(case, actor=dana, now=NOW)
    assert [text.text for text in texts] == ["Why do you hold my number?"]
    assert "bank_account" not in items
    entry = LedgerEntry.objects.get(code="members.enquiry.opened")
    assert entry.data == {"texts": 1, "items": items}
    assert entry.actor == dana.get_username()


def test_texts_go_when_their_days_are_over_and_no_day_sooner(service, dana):
    asked, complained = ask(service), ask(service, kind="complaint")
    for case in (asked, complained):
        enquiry.answer(case, "So.", actor=dana, now=NOW)  # 21 November in Seoul.
    keys = set(RequestMessage.objects.filter(request=asked).values_list("pk", flat=True))
    for day, left in (("2026-11-24", 2), ("2026-11-25", 1), ("2029-11-21", 1), ("2029-11-22", 0)):
        at = datetime.fromisoformat(f"{day}T03:00:00+00:00")
        assert enquiry_texts.destroy_due(at, dry_run=True).done in (0, 1)
        enquiry_texts.destroy_due(at)
        assert RequestMessage.objects.values("request").distinct().count() == left, day
    assert not DataKey.objects.filter(pk__in=keys).exists()
    assert RightsRequest.objects.count() == 2
    assert enquiry_texts.destroy_due(at).done == 0


def test_texts_of_an_open_case_stay_and_so_do_those_under_a_hold(service, dana):
    minji = cast.member(service)
    ask(service)
    case = ask(service, subject=minji, contact={})
    enquiry.answer(case, "So.", actor=dana, now=NOW)
    hold = restriction.place(minji, ground="legal_request", actor=dana, now=NOW)
    later = NOW + timedelta(days=30)
    assert enquiry_texts.destroy_due(later).done == 0
    restriction.lift(hold, actor=dana, now=later)
    assert enquiry_texts.destroy_due(later).done == 1

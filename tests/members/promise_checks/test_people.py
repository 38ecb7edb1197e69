"""A promise about people's rows is broken on purpose, named with clause and row, and mended again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance.models import Certificate, Slot
from compliance.rules import gate
from members.actions import consent, destruction, withdrawal
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import (
    ConsentEvent,
    DataSubject,
    Delivery,
    Record,
    Restriction,
    RightsRequest,
    Withdrawal,
)
from members.promise_checks import collection as collection_check
from tests.tools import board, cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2027, 1, 31, 3, tzinfo=UTC)
TODAY = date(2027, 1, 31)
PAYMENT = "retention_rule_met(rule=payment_5y)"


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def minji(mikmik):
    return cast.member(mikmik)


def archived(service, rule="payment_5y", **fields):
    person = ArchivedSubject.objects.create(
        public_id=f"{ArchivedSubject.objects.count():032x}",
        service_slug=service.slug,
        kind="member",
        language="ko",
        why="withdrawn",
        left_on=TODAY,
        archived_at=NOW,
    )
    values = {
        "record_class": "payment",
        "occurred_at": NOW,
        "source": "orders",
        "item_codes": ["payment_records"],
        "sealed": b"x",
        "policy_version": 1,
        "clause": "5.2.2",
        "due_on": TODAY + timedelta(days=1),
        "archived_at": NOW,
    }
    return ArchivedRecord.objects.create(subject=person, rule_code=rule, **(values | fields))


def swept(at=NOW):
    Slot.objects.update_or_create(
        entry="retention.destroy", slot_at=at, defaults={"started_at": at, "finished_at": at}
    )


@pytest.mark.promise("MIK-5.2.2")
def test_a_record_past_its_last_day_breaks_the_retention_rule_and_destroying_it_mends(mikmik):
    record = archived(mikmik, due_on=TODAY - timedelta(days=1))
    found = board.finding(mikmik, PAYMENT, NOW)
    assert found.verdict == "broken"
    assert found.evidence[0]["clause"] == "5.2.2"
    assert found.evidence[0]["row"] == "payment_5y"
    assert found.evidence[0]["overdue"] == 1
    record.delete()
    assert board.verdict(mikmik, PAYMENT, NOW) == "kept"


def test_the_last_day_itself_belongs_to_the_period(mikmik):
    archived(mikmik, due_on=TODAY)
    swept()
    assert board.verdict(mikmik, PAYMENT, NOW) == "kept"


def test_a_plan_that_waits_for_a_second_officer_is_no_breach_until_its_deadline(mikmik, settings):
    settings.DESTRUCTION_APPROVAL_ABOVE = 0
    archived(mikmik, due_on=TODAY - timedelta(days=1))
    destruction.destroy_due(mikmik, now=NOW)
    swept()
    found = board.finding(mikmik, PAYMENT, NOW)
    assert (found.verdict, found.evidence[0]["waiting_for_approval"]) == ("waiting_for_person", 1)
    late = NOW + timedelta(days=7)
    swept(late)
    assert board.verdict(mikmik, PAYMENT, late) == "broken"


def test_a_day_that_ends_while_the_sweep_is_silent_is_at_risk(mikmik):
    archived(mikmik, due_on=TODAY)
    assert board.verdict(mikmik, PAYMENT, NOW) == "at_risk"
    swept()
    assert board.verdict(mikmik, PAYMENT, NOW) == "kept"


def test_a_hold_postpones_and_is_no_breach(mikmik, minji):
    record = archived(mikmik, due_on=TODAY - timedelta(days=9))
    ArchivedSubject.objects.filter(pk=record.subject_id).update(public_id=minji.public_id)
    hold = Restriction.objects.create(subject=minji, ground="legal_request", began_at=NOW)
    found = board.finding(mikmik, PAYMENT, NOW)
    assert (found.verdict, found.evidence[0]["postponed"]) == ("kept", 1)
    hold.ended_at = NOW
    hold.save()
    assert board.verdict(mikmik, PAYMENT, NOW) == "broken"


def test_a_rule_without_period_waits_for_a_person():
    krainpop = cast.service("krainpop")
    assert board.verdict(krainpop, "retention_rule_met(rule=ip_visit)", NOW) == "waiting_for_person"


def test_what_lies_at_a_recipient_is_not_claimed_to_be_destroyed(mikmik):
    assert board.verdict(mikmik, "retention_rule_met(rule=seller_3m)", NOW) == "not_built"


def test_somebody_unused_for_a_year_breaks_the_dormancy_rule(mikmik, minji):
    key = "retention_rule_met(rule=dormancy_1y)"
    DataSubject.objects.filter(pk=minji.pk).update(
        last_used_at=datetime(2026, 1, 31, 3, tzinfo=UTC)
    )
    assert board.verdict(mikmik, key, NOW) == "kept"
    assert board.verdict(mikmik, key, NOW + timedelta(days=1)) == "broken"


@pytest.mark.promise("MIK-5.2a")
def test_a_live_record_of_somebody_who_left_breaks_segregation(mikmik, minji):
    key = "segregated(rule=payment_5y)"
    cast.history(minji)
    assert board.verdict(mikmik, key, NOW) == "kept"
    DataSubject.objects.filter(pk=minji.pk).update(status="withdrawn", left_at=NOW)
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["clause"], found.evidence[0]["row"]) == (
        "broken",
        "5.2.2",
        "payment_5y",
    )
    Record.objects.filter(subject=minji).delete()
    assert board.verdict(mikmik, key, NOW) == "kept"


@pytest.mark.promise("MIK-5.4a")
def test_a_digest_past_its_day_breaks_the_rejoin_hold(mikmik):
    key = "rejoin_hold_kept(rule=rejoin_identity_1m)"
    digest = RejoinDigest.objects.create(
        service_slug="mikmik",
        field="name",
        digest=b"d" * 32,
        withdrawal_ref="withdrawal:1",
        rule_code="rejoin_identity_1m",
        clause="5.4",
        held_since=TODAY,
        due_on=TODAY,
    )
    assert board.verdict(mikmik, key, NOW) == "kept"
    assert board.verdict(mikmik, key, NOW + timedelta(days=1)) == "broken"
    digest.delete()
    archived(mikmik, rule="rejoin_identity_1m", record_class="account_data")
    assert board.finding(mikmik, key, NOW).evidence[0]["readable_records"] == 1
    assert board.verdict(mikmik, key, NOW) == "broken"
    ArchivedRecord.objects.all().delete()
    assert board.verdict(mikmik, key, NOW) == "kept"


@pytest.mark.promise("MIK-3.2-R1", "MIK-3.1a")
def test_an_item_the_policy_does_not_list_breaks_the_register(mikmik, minji):
    key = "items_within_register(clause=3.2 R1)"
    assert board.verdict(mikmik, key, NOW) == "kept"
    record = Record.objects.filter(subject=minji).first()
    was = record.item_codes
    Record.objects.filter(pk=record.pk).update(item_codes=[*was, "blood_type"])
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["items_outside"]) == ("broken", "blood_type")
    Record.objects.filter(pk=record.pk).update(item_codes=was)
    assert board.verdict(mikmik, key, NOW) == "kept"


@pytest.mark.promise("MIK-3.2a")
def test_a_sensitive_category_held_breaks_never_collected(mikmik):
    record = archived(mikmik, item_codes=["health"])
    assert board.verdict(mikmik, "never_collected()", NOW) == "broken"
    record.delete()
    assert board.verdict(mikmik, "never_collected()", NOW) == "kept"


def agree(person, purpose="recommendations"):
    consent.answer(
        person,
        purpose=purpose,
        answer="agreed",
        version=cast.version(person.service),
        asked_by="web",
        language="ko",
        text_hash="0" * 64,
        actor=None,
        now=NOW,
    )


@pytest.mark.promise("MIK-3.2-R2")
def test_an_agreed_answer_without_its_record_breaks_the_consent(mikmik, minji):
    key = "purpose_only_with_consent(purpose=recommendations)"
    agree(minji)
    assert board.verdict(mikmik, key, NOW) == "kept"
    ConsentEvent.objects.update(answer="disagreed")
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["answers_without_record"]) == ("broken", 1)
    assert found.evidence[0]["for_purpose"] == "recommendations"
    ConsentEvent.objects.update(answer="agreed")
    assert board.verdict(mikmik, key, NOW) == "kept"


@pytest.mark.promise("MIK-19.1")
def test_advertising_sent_without_an_answer_breaks_the_consent(mikmik, minji):
    key = "purpose_only_with_consent(channel=email,purpose=advertising)"
    mail = Delivery.objects.create(
        event="advertising",
        kind="marketing",
        subject=minji,
        service=mikmik,
        language="ko",
        state="sent",
        not_before=NOW,
        message_id="m1",
        created_at=NOW,
    )
    assert board.verdict(mikmik, key, NOW) == "broken"
    mail.delete()
    assert board.verdict(mikmik, key, NOW) == "kept"


def test_a_gate_that_lets_everything_through_is_found(mikmik, monkeypatch):
    def open_gate(policy, facts, *, purpose, items, **more):
        return gate.Decision(True, tuple(items), ())

    monkeypatch.setattr(collection_check.gate, "decide", open_gate)
    for key in (
        "uses_within_register(clause=3.2 R1)",
        "purpose_only_with_consent(purpose=recommendations)",
        "segregated(rule=payment_5y)",
    ):
        assert board.verdict(mikmik, key, NOW) == "broken"
    monkeypatch.undo()
    assert board.verdict(mikmik, "uses_within_register(clause=3.2 R1)", NOW) == "kept"


def test_an_item_shown_beyond_the_allow_list_is_found(monkeypatch):
    letsmasak = cast.service("letsmasak")
    key = "public_display_allow_list(purpose=display_identification)"
    assert board.verdict(letsmasak, key, NOW) == "kept"
    monkeypatch.setattr(
        collection_check.gate,
        "decide",
        lambda *a, items, **k: gate.Decision(True, tuple(items), ()),
    )
    assert board.verdict(letsmasak, key, NOW) == "broken"


def test_an_answer_without_the_text_shown_breaks_the_two_answers(mikmik, minji):
    agree(minji)
    assert board.verdict(mikmik, "consent_two_answers()", NOW) == "kept"
    consent.withdraw_all(minji, asked_by="member", now=NOW)  # taking back reads no text
    assert board.verdict(mikmik, "consent_two_answers()", NOW) == "kept"
    ConsentEvent.objects.update(text_hash="")
    assert board.verdict(mikmik, "consent_two_answers()", NOW) == "broken"


def asked(service, **fields):
    values = {
        "reference": f"R{RightsRequest.objects.count()}",
        "service": service,
        "kind": "access",
        "channel": "email",
        "received_at": NOW - timedelta(days=9),
        "due_at": NOW - timedelta(minutes=1),
    }
    return RightsRequest.objects.create(**(values | fields))


@pytest.mark.promise("MIK-7.1b")
def test_a_request_past_due_breaks_the_right_and_a_late_answer_stays_visible_for_a_year(mikmik):
    key = "right_in_time(channels=email,phone,writing,right=access)"
    request = asked(mikmik)
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["open_past_due"]) == ("broken", 1)
    assert found.evidence[0]["for_right"] == "access"
    request.state, request.closed_at = "done", request.due_at
    request.save()
    assert board.verdict(mikmik, key, NOW) == "kept"
    request.closed_at = NOW
    request.save()
    assert board.finding(mikmik, key, NOW).evidence[0]["closed_late"] == 1
    assert board.verdict(mikmik, key, NOW + timedelta(days=366)) == "kept"


def test_a_request_due_within_a_day_is_at_risk(mikmik):
    asked(mikmik, due_at=NOW + timedelta(hours=5))
    assert (
        board.verdict(mikmik, "right_in_time(channels=email,phone,writing,right=access)", NOW)
        == "at_risk"
    )


@pytest.mark.promise("MIK-8.1a", "MIK-8.1c")
def test_a_withdrawal_that_hangs_breaks_until_it_is_complete(mikmik, minji):
    begun = withdrawal.request(minji, channel="web", actor=None, now=NOW)
    assert board.verdict(mikmik, "withdrawal_complete()", NOW) == "kept"
    later = NOW + timedelta(hours=2)
    found = board.finding(mikmik, "withdrawal_complete()", later)
    assert (found.verdict, found.evidence[0]["open_too_long"]) == ("broken", 1)
    withdrawal.carry_out(begun, now=later)
    Delivery.objects.filter(kind="confirmation").update(
        state="sent", finished_at=later, sealed=None
    )
    withdrawal.carry_out(Withdrawal.objects.get(), now=later)
    assert board.verdict(mikmik, "withdrawal_complete()", later) == "kept"
    assert (
        board.verdict(mikmik, "confirmation_sent(notice=withdrawal_confirmation)", later) == "kept"
    )
    Delivery.objects.filter(kind="confirmation").delete()
    assert (
        board.verdict(mikmik, "confirmation_sent(notice=withdrawal_confirmation)", later)
        == "broken"
    )


@pytest.mark.promise("MIK-9.1.2b")
def test_a_destruction_without_certificate_is_found(mikmik, minji):
    key = "destruction_certified(medium=electronic)"
    begun = withdrawal.request(minji, channel="web", actor=None, now=NOW)
    withdrawal.carry_out(begun, now=NOW)
    assert board.verdict(mikmik, key, NOW) == "kept"
    certificate = Certificate.objects.get()
    Certificate.objects.all().delete()
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["uncertified"]) == ("broken", 1)
    certificate.save(force_insert=True)
    assert board.verdict(mikmik, key, NOW) == "kept"


@pytest.mark.promise("MIK-0.1")
def test_the_policy_counts_as_public_only_when_its_page_is_open(mikmik):
    assert board.verdict(mikmik, "policy_published()", NOW) == "waiting_for_person"
    mikmik.state, mikmik.went_live_at = "live", NOW
    mikmik.save()
    assert board.verdict(mikmik, "policy_published()", NOW) == "kept"


def queries(service, key):
    with (
        CaptureQueriesContext(connections["default"]) as live,
        CaptureQueriesContext(connections["archive"]) as apart,
    ):
        board.finding(service, key, NOW)
    return len(live) + len(apart)


@pytest.mark.parametrize(
    "key",
    [
        PAYMENT,
        "segregated(rule=payment_5y)",
        "rejoin_hold_kept(rule=rejoin_identity_1m)",
        "purpose_only_with_consent(purpose=recommendations)",
        "purpose_only_with_consent(channel=email,purpose=advertising)",
        "items_within_register(clause=3.2 R1)",
        "never_collected()",
        "withdrawal_complete()",
        "confirmation_sent(notice=withdrawal_confirmation)",
        "right_in_time(channels=email,phone,writing,right=access)",
    ],
)
def test_a_check_asks_as_often_for_ten_people_as_for_one(mikmik, key):
    cast.history(cast.member(mikmik))
    archived(mikmik)
    few = queries(mikmik, key)
    for number in range(9):
        cast.history(cast.member(mikmik, f"member{number}"))
        archived(mikmik, due_on=TODAY - timedelta(days=3))
        asked(mikmik)
    assert queries(mikmik, key) <= few + (1 if key == PAYMENT else 0)

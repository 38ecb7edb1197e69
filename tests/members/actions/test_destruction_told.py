"""Whoever still has an address is told what was destroyed of theirs: once, in words, one message a day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance import ledger
from compliance.keyring import keys
from compliance.models import LedgerEntry
from members import gate
from members.actions import (
    delivery_claim,
    delivery_letters,
    destruction,
    destruction_told,
    dormancy_move,
    record,
    withdrawal,
)
from members.actions.delivery import contents_of
from members.models import DataSubject, Delivery, DestructionPlan, Record, UntoldDestruction
from tests.tools import cast, sleepers

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
DUE = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ASLEEP = datetime(2026, 11, 23, 3, tzinfo=UTC)
CONTRACT_OVER = datetime(2030, 5, 3, 3, tzinfo=UTC)
PAYMENT_OVER = datetime(2030, 5, 20, 3, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def minji(mikmik):
    person = cast.member(mikmik, language="en")
    cast.history(person)
    return person


def over(person, *classes, rule=""):
    """Let records of somebody fall due, as a version with shorter periods does."""
    rows = Record.objects.filter(subject=person, record_class__in=classes)
    return rows.update(due_on=DUE, **({"held_by": rule} if rule else {}))


def destroyed(service, now=NOW):
    return destruction.destroy_due(service, now=now).done


def tell(now=NOW):
    return destruction_told.tell_due(now)


def mails():
    return Delivery.objects.filter(event="records_destroyed").order_by("created_at", "pk")


def said(mail):
    return contents_of([mail])[mail.pk]


def text(mail):
    """Return the message as it leaves."""
    claimed = delivery_claim.claim(NOW + DAY, token="t").deliveries
    letters = delivery_letters.write(claimed, delivery_letters.Desk(), now=NOW + DAY)
    letter = letters[mail.pk]
    assert isinstance(letter, delivery_letters.Letter), letter
    return letter.content.decode()


@pytest.mark.promise("MIK-8.1c")
def test_a_member_is_told_in_words_what_was_destroyed_and_why(mikmik, minji):
    assert over(minji, "payment_records", "contract_records") == 2
    assert destroyed(mikmik) == 2
    assert tell().done == 1 and not UntoldDestruction.objects.exists()
    mail = mails().get()
    assert said(mail)["address"] == "minji@mail.example" and not said(mail)["set_apart"]
    ended = {row["label"]: row for row in said(mail)["ended"]}
    assert set(ended) == {
        "Records of contract or its withdrawal",
        "Records of payment and supply of goods",
    }
    assert {row["day"] for row in ended.values()} == {"2026-11-23"}
    assert all("MIKMIK 5.2" in row["why"] for row in ended.values())
    entry = LedgerEntry.objects.filter(code="members.delivery.planned").latest("seq")
    assert entry.data == {"event": "records_destroyed", "kind": "confirmation"}
    assert ledger.verify().ok


def test_the_message_says_labels_and_days_and_no_value(mikmik, minji):
    over(minji, "payment_records")
    destroyed(mikmik)
    tell()
    whole = text(mails().get())
    assert "Subject: Records about you were destroyed" in whole
    assert "- Records of payment and supply of goods" in whole
    assert "23 Nov 2026" in whole or "23 November 2026" in whole
    assert "/en/mikmik/account/" in whole
    assert "KRW" not in whole and "Minji" not in whole


@pytest.mark.promise("MIK-8.1c")
def test_somebody_set_apart_is_told_at_the_address_apart_and_stays_apart(mikmik):
    mina = cast.officer("mina", mikmik)
    person = sleepers.member(mikmik, mina)
    assert dormancy_move.set_apart(ASLEEP, mikmik).done == 1
    assert destroyed(mikmik, CONTRACT_OVER) == 2
    assert tell(CONTRACT_OVER).done == 1
    mail = mails().get()
    assert said(mail)["address"] == "minji@mail.example" and said(mail)["set_apart"]
    assert len(said(mail)["ended"]) == 2
    used = LedgerEntry.objects.get(code="members.dormancy.address_used")
    assert used.data == {"purpose": "confirmation"}
    person.refresh_from_db()
    assert person.status == "dormant"
    assert destroyed(mikmik, PAYMENT_OVER) == 1 and tell(PAYMENT_OVER).done == 1
    assert mails().count() == 2


def test_the_address_apart_serves_nothing_but_the_code_and_a_confirmation(mikmik):
    person = sleepers.member(mikmik, cast.officer("mina", mikmik))
    dormancy_move.set_apart(ASLEEP, mikmik)
    person.refresh_from_db()
    for purpose in ("policy_notice", "request_answer", "advertising"):
        given = gate.sleeper_values(person, ["email"], purpose=purpose, now=ASLEEP)
        assert given.values == {}, purpose


def test_nobody_gets_two_messages_on_one_day_and_the_rest_is_told_on_the_next(mikmik, minji):
    over(minji, "payment_records")
    destroyed(mikmik)
    tell()
    over(minji, "contract_records")
    destroyed(mikmik, NOW + MINUTE)
    report = tell(NOW + 2 * MINUTE)
    assert (report.done, report.skipped) == (0, {"told_today": 1})
    assert tell(NOW + 2 * MINUTE).done == 0 and mails().count() == 1
    assert tell(NOW + DAY).done == 1
    assert [len(said(mail)["ended"]) for mail in mails()] == [1, 1]
    assert tell(NOW + 2 * DAY).done == 0 and mails().count() == 2


def test_a_run_that_is_not_through_is_waited_for(mikmik, minji):
    over(minji, "payment_records")
    destroyed(mikmik)
    DestructionPlan.objects.update(state="running")
    report = tell()
    assert (report.done, report.skipped) == (0, {"run_under_way": 1})
    DestructionPlan.objects.update(state="done")
    assert tell().done == 1


def test_cookies_and_people_who_have_left_are_told_nothing(mikmik, minji):
    over(minji, "payment_records", rule="cookie_session")
    juno = cast.member(mikmik, "juno-a", mobile="010-7000-0001")
    cast.history(juno)
    leaving = withdrawal.request(juno, channel="web", actor=None, now=NOW)
    withdrawal.carry_out(leaving, now=NOW)
    buyer = cast.member(mikmik, "buyer", mobile="010-7000-0002")
    cast.history(buyer)
    DataSubject.objects.filter(pk=buyer.pk).update(kind="nonmember")
    over(buyer, "payment_records")
    assert destroyed(mikmik) == 2
    assert not UntoldDestruction.objects.exists()
    assert tell().done == 0 and not mails().exists()


def test_a_service_whose_policy_promises_no_message_writes_none():
    leje = cast.service("leje")
    person = cast.member(leje)
    Record.objects.filter(subject=person).update(due_on=DUE)
    assert destroyed(leje) > 0
    assert not UntoldDestruction.objects.exists() and tell().done == 0


def test_whoever_has_no_address_left_gets_a_row_that_says_so(mikmik, minji):
    over(minji, "payment_records")
    destroyed(mikmik)
    record.destroy(list(Record.objects.filter(subject=minji)), actor=None, now=NOW)
    assert tell().done == 1
    assert (mails().get().state, mails().get().result) == ("unreachable", "no_address")


STEPS = (
    (destruction_told.delivery.keys, "create"),
    (destruction_told.delivery.sealing, "seal_document"),
    (destruction_told.delivery, "_write"),
    (destruction_told.delivery.ledger, "record"),
)


@pytest.mark.parametrize("after", [False, True], ids=("before", "after"))
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
def test_a_stop_anywhere_loses_no_message_and_writes_none_twice(
    mikmik, minji, monkeypatch, step, after
):
    over(minji, "payment_records")
    destroyed(mikmik)
    place, name = step
    whole = getattr(place, name)

    def stop(*args, **kwargs):
        if after:
            whole(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(place, name, stop)
        with pytest.raises(KeyboardInterrupt):
            tell()
    assert UntoldDestruction.objects.count() == 1 - mails().count()
    tell(NOW + DAY)
    tell(NOW + DAY)
    assert mails().count() == 1 and not UntoldDestruction.objects.exists()
    assert len(keys.existing([mails().get().pk.hex])) == 1


def test_a_dry_run_counts_and_writes_nothing(mikmik, minji):
    over(minji, "payment_records")
    destroyed(mikmik)
    assert destruction_told.tell_due(NOW, dry_run=True).done == 1
    assert UntoldDestruction.objects.count() == 1 and not mails().exists()


def test_leaving_word_takes_the_same_queries_for_twenty_people_as_for_two(mikmik, minji):
    def queries(names):
        for name in names:
            person = cast.member(mikmik, name, mobile=f"010-7100-{len(name):04}")
            cast.history(person)
            over(person, "payment_records")
        with CaptureQueriesContext(connections["default"]) as seen:
            assert destroyed(mikmik) == len(names)
        return len(seen)

    few = queries(["a", "bb"])
    assert queries(["c" * n for n in range(3, 23)]) == few

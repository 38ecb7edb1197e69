"""A membership ends: what is closed at once, what each item's fate is, and that any stop can be resumed."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.keyring import keys
from compliance.models import Account, Certificate, LedgerEntry
from members import gate, rejoin, selectors
from members.actions import consent, destruction, withdrawal
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import ConsentState, DataSubject, Delivery, Record, Restriction, Withdrawal
from tests.tools import cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2027, 1, 31, 3, tzinfo=UTC)


@pytest.fixture
def minji():
    person = cast.member(cast.service())
    cast.history(person)
    return person


def leave(person, now=NOW):
    return withdrawal.carry_out(
        withdrawal.request(person, channel="web", actor=None, now=now), now=now
    )


def sent(person, now=NOW):
    Delivery.objects.filter(subject=person).update(state="sent", finished_at=now, sealed=None)


@pytest.mark.promise("MIK-8.1a")
def test_sign_in_is_closed_and_consents_end_in_the_same_request(minji):
    consent.answer(
        minji,
        purpose="recommendations",
        answer="agreed",
        version=cast.version(minji.service),
        asked_by="web",
        language="ko",
        text_hash="0" * 64,
        actor=None,
        now=NOW,
    )
    withdrawal.request(minji, channel="web", actor=None, now=NOW)
    minji.refresh_from_db()
    assert minji.status == "leaving" and not minji.account.is_active
    assert set(ConsentState.objects.values_list("answer", flat=True)) == {"withdrawn"}
    assert not gate.may_use(minji, "contract_contact", ["email"], now=NOW).allowed


def test_asking_twice_is_one_withdrawal(minji):
    first = withdrawal.request(minji, channel="web", actor=None, now=NOW)
    assert withdrawal.request(minji, channel="web", actor=None, now=NOW) == first


@pytest.mark.promise("MIK-5.1b", "MIK-5.2a", "MIK-9.1.1")
def test_each_class_meets_its_own_fate(minji):
    done = leave(minji)
    assert done.step == Withdrawal.Step.DESTROYED
    assert not Record.objects.filter(subject=minji).exists()
    kept = {
        (row.record_class, row.rule_code, tuple(row.item_codes)): row.due_on
        for row in ArchivedRecord.objects.all()
    }
    assert kept == {
        ("contract_records", "contract_5y", ("contract_records",)): date(2030, 5, 2),
        ("payment_records", "payment_5y", ("payment_records",)): date(2030, 5, 6),
        ("complaint_records", "complaint_3y", ("complaint_records",)): date(2028, 6, 10),
        ("contract_records", "contract_5y", ("login_id", "name")): date(2030, 5, 2),
        ("payment_records", "payment_5y", ("login_id", "name")): date(2030, 5, 6),
        ("complaint_records", "complaint_3y", ("login_id", "name")): date(2028, 6, 10),
        ("rejoin_logs", "rejoin_log_12m", ("ip_address", "login_records")): date(2028, 1, 31),
    }


@pytest.mark.promise("MIK-5.4a")
def test_the_rejoin_hold_answers_until_its_last_day_and_no_longer(minji):
    leave(minji)
    same = {"login_id": "minji-id", "email": "Minji@mail.example"}
    assert rejoin.is_held(minji.service, same, today=date(2027, 2, 28))
    assert not rejoin.is_held(minji.service, same, today=date(2027, 3, 1))
    assert not rejoin.is_held(minji.service, {"name": "Minji"}, today=date(2027, 2, 28))
    assert not rejoin.is_held(cast.service("leje"), same, today=date(2027, 2, 28))
    assert (
        destruction.release_digests(minji.service, now=datetime(2027, 2, 28, 14, tzinfo=UTC)) == 0
    )
    assert (
        destruction.release_digests(minji.service, now=datetime(2027, 2, 28, 15, tzinfo=UTC)) == 2
    )
    assert not RejoinDigest.objects.exists()


@pytest.mark.promise("MIK-8.1c")
def test_the_confirmation_keeps_its_own_address_until_it_has_left(minji):
    done = leave(minji)
    delivery = Delivery.objects.get(subject=minji, kind="confirmation")
    assert delivery.sealed is not None and done.step == Withdrawal.Step.DESTROYED
    assert selectors.find_subject(minji.service, "email", "minji@mail.example") is None
    sent(minji)
    assert withdrawal.carry_out(done, now=NOW).step == Withdrawal.Step.COMPLETE
    minji.refresh_from_db()
    assert minji.status == "withdrawn"


def test_the_account_with_its_password_hash_is_gone(minji):
    leave(minji)
    assert not Account.objects.filter(is_staff=False).exists()


def test_a_certificate_counts_what_was_destroyed_by_clause(minji):
    leave(minji)
    certificate = Certificate.objects.get(kind="person")
    assert {(row["rule"], row["clause"]) for row in certificate.counts} == {("purpose_end", "5.1")}
    assert LedgerEntry.objects.filter(code="compliance.certificate.issued").count() == 1


@pytest.mark.promise("MIK-5.2.1", "MIK-5.2.2", "MIK-5.2.3", "MIK-5.4b")
def test_kept_records_are_destroyed_on_the_day_after_their_last_day(minji):
    leave(minji)
    sent(minji)
    withdrawal.carry_out(Withdrawal.objects.get(), now=NOW)
    for last_day, left in (
        (date(2028, 1, 31), 6),
        (date(2028, 6, 10), 4),
        (date(2030, 5, 2), 2),
        (date(2030, 5, 6), 0),
    ):
        midnight = datetime(last_day.year, last_day.month, last_day.day, 15, tzinfo=UTC)
        destruction.destroy_due(minji.service, now=midnight - timedelta(seconds=1))
        before = ArchivedRecord.objects.count()
        destruction.destroy_due(minji.service, now=midnight)
        assert (before > left, ArchivedRecord.objects.count()) == (True, left)
    assert not ArchivedSubject.objects.exists()
    assert not DataSubject.objects.filter(pk=minji.pk).exists()


def test_an_open_hold_postpones_destruction_and_its_end_starts_the_clock_again(minji):
    hold = Restriction.objects.create(
        subject=minji, ground="legal_request", began_at=NOW, blocks_use=False
    )
    leave(minji)
    assert set(ArchivedRecord.objects.values_list("due_on", flat=True)) == {None}
    destruction.destroy_due(minji.service, now=NOW + timedelta(days=4000))
    assert ArchivedRecord.objects.exists()
    Restriction.objects.filter(pk=hold.pk).update(ended_at=NOW)
    destruction.destroy_due(minji.service, now=NOW + timedelta(days=4000))
    assert not ArchivedRecord.objects.exists()


@pytest.mark.promise("MIK-5.2.4")
def test_a_period_that_was_over_while_the_contract_ran_ends_with_the_membership(minji):
    leave(minji, now=datetime(2033, 1, 31, 3, tzinfo=UTC))
    assert set(ArchivedRecord.objects.values_list("rule_code", flat=True)) == {"rejoin_log_12m"}


STEPS = ("set_apart", "hold_digests")


@pytest.mark.parametrize("broken", STEPS)
def test_a_stop_in_the_middle_is_resumed_to_the_same_end(minji, monkeypatch, broken):
    from members.actions import segregation

    whole = getattr(segregation, broken)

    def stop(*args, **kwargs):
        whole(*args, **kwargs)
        raise KeyboardInterrupt

    monkeypatch.setattr(segregation, broken, stop)
    with pytest.raises(KeyboardInterrupt):
        leave(minji)
    monkeypatch.setattr(segregation, broken, whole)
    resumed = withdrawal.carry_out(Withdrawal.objects.get(), now=NOW + timedelta(minutes=6))
    assert resumed.step == Withdrawal.Step.DESTROYED
    assert ArchivedRecord.objects.count() == 7 and RejoinDigest.objects.count() == 2
    assert keys.existing(list(ArchivedRecord.objects.values_list("pk", flat=True))).__len__() == 7


def test_the_preview_is_what_happens(minji):
    shown = withdrawal.preview(minji, now=NOW)
    done = leave(minji)
    assert withdrawal.parts_of(done) == shown


def test_a_destruction_that_was_interrupted_still_gets_its_certificate(minji, monkeypatch):
    leave(minji)
    sent(minji)
    withdrawal.carry_out(Withdrawal.objects.get(), now=NOW)
    over = datetime(2040, 1, 1, tzinfo=UTC)

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(destruction.ledger, "record_batch", stop)
    with pytest.raises(KeyboardInterrupt):
        destruction.destroy_due(minji.service, now=over)
    monkeypatch.undo()
    assert not Certificate.objects.filter(kind="run").exists()
    assert destruction.repair_unfinished(now=over) == 1
    certificate = Certificate.objects.get(kind="run")
    assert sum(row["records"] for row in certificate.counts) == 7
    assert not DataSubject.objects.filter(pk=minji.pk).exists()
    assert destruction.repair_unfinished(now=over) == 0


def test_a_hold_on_one_item_keeps_that_item_and_nothing_else(minji):
    Restriction.objects.create(
        subject=minji, ground="open_dispute", items=["complaint_records"], began_at=NOW
    )
    leave(minji)
    kept = dict(
        ArchivedRecord.objects.filter(rule_code__in=("complaint_3y", "payment_5y"))
        .exclude(item_codes=["login_id", "name"])
        .values_list("rule_code", "due_on")
    )
    assert kept == {"complaint_3y": None, "payment_5y": date(2030, 5, 6)}
    over = datetime(2040, 1, 1, tzinfo=UTC)
    destruction.destroy_due(minji.service, now=over)
    assert set(ArchivedRecord.objects.values_list("record_class", flat=True)) == {
        "complaint_records"
    }

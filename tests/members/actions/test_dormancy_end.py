"""The end of separate storage: after the operator's period the membership ends as by withdrawal."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance import effects
from compliance.keyring.models import DataKey
from compliance.models import Effect, LedgerEntry
from compliance.rules.calendar import start_of_day
from members import destruction_proof, dormancy
from members.actions import destruction, dormancy_end, dormancy_move, withdrawal
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Delivery, Dormancy, Record, Withdrawal
from members.tasks import carry_out_withdrawals
from tests.tools import cast, notices

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
USED = datetime(2025, 12, 22, 3, tzinfo=UTC)
APART = datetime(2026, 12, 23, 3, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
LAST_DAY = datetime(
    2029, 12, 23, 14, 59, tzinfo=UTC
)  # P3Y after the day of the move, a minute to midnight.
OVER = LAST_DAY + MINUTE


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def minji():
    person = cast.member(cast.service())
    cast.history(person)
    return asleep(person)


def asleep(person):
    DataSubject.objects.filter(pk=person.pk).update(last_used_at=USED)
    Dormancy.objects.create(
        subject=person,
        service=person.service,
        rule_code="dormancy_1y",
        state="told",
        last_used_on=date(2025, 12, 22),
        notice_due_on=date(2026, 11, 22),
        separate_on=date(2026, 12, 23),
        told_on=date(2026, 11, 22),
        told_channel="phone",
        told_by=cast.officer(f"told-{person.pk}", person.service),
    )
    assert dormancy_move.set_apart(APART, person.service).done == 1
    person.refresh_from_db()
    assert person.status == "dormant"
    return person


def keep_for(service, period="P3Y"):
    type(service).objects.filter(pk=service.pk).update(dormant_keep=period)


def test_without_a_period_nobodys_storage_ends(minji):
    assert dormancy_end.end_due(APART + 9_000 * DAY).done == 0
    assert not Withdrawal.objects.exists()


def test_it_ends_after_the_last_day_in_seoul_and_a_dry_run_writes_nothing(minji):
    keep_for(minji.service)
    assert dormancy_end.end_due(LAST_DAY).done == 0
    before = LedgerEntry.objects.count()
    assert dormancy_end.end_due(OVER, dry_run=True).done == 1
    assert LedgerEntry.objects.count() == before
    assert dormancy_end.end_due(OVER).done == 1
    assert dormancy_end.end_due(OVER).done == 0
    assert Withdrawal.objects.get().left_on == date(2029, 12, 24)


@pytest.mark.promise("MIK-5.5c")
def test_the_law_keeps_its_records_to_their_own_day_and_everything_else_goes(minji, smtp_sink):
    keep_for(minji.service)
    dormancy_end.end_due(OVER)
    notices.send(OVER)
    carry_out_withdrawals(OVER + MINUTE)
    assert not Record.objects.exists()
    person = ArchivedSubject.objects.get()
    assert (person.why, person.left_on) == ("withdrawn", date(2029, 12, 24))
    days = dict(ArchivedRecord.objects.values_list("record_class", "due_on"))
    assert days["contract_records"] == date(2030, 5, 2)
    assert days["payment_records"] == date(2030, 5, 6)
    assert "account" not in days


@pytest.mark.promise("MIK-5.5c", "MIK-5.2.1")
def test_a_record_whose_own_period_ends_before_the_storage_goes_on_its_day_and_nothing_else_does(
    minji,
):
    keep_for(minji.service, "P10Y")
    own_day = start_of_day(date(2030, 5, 3), minji.service.timezone)
    destruction.destroy_due(minji.service, now=own_day - timedelta(seconds=1))
    before = dict(ArchivedRecord.objects.values_list("record_class", "pk"))
    assert destruction.destroy_due(minji.service, now=own_day).done == 1
    left = dict(ArchivedRecord.objects.values_list("record_class", "pk"))
    assert left == {of: pk for of, pk in before.items() if of != "contract_records"}
    assert not DataKey.objects.filter(pk=before["contract_records"]).exists()
    proof = destruction_proof.destroyed_of(minji.public_id, minji.service)[0].proof
    assert proof is not None
    dormancy_move.bring_back(minji, own_day + DAY, actor=None)
    minji.refresh_from_db()
    assert minji.status == "active"
    held = set(minji.records.values_list("record_class", flat=True))
    assert held == set(left)


def test_the_confirmation_says_why_and_leaves_before_its_address_is_destroyed(minji, smtp_sink):
    keep_for(minji.service)
    DataSubject.objects.update(language="en")
    dormancy_end.end_due(OVER)
    notices.send(OVER)
    (mail,) = smtp_sink.to("minji@mail.example")
    assert "was set aside, was not used again, and is now closed" in mail.part("plain")
    carry_out_withdrawals(OVER + MINUTE)
    assert Withdrawal.objects.get().step == "complete"
    assert Delivery.objects.get().sealed is None


def test_a_stop_between_the_way_back_and_the_withdrawal_is_finished(minji):
    keep_for(minji.service)
    row = Dormancy.objects.get()
    effect = begun(row)
    dormancy_move.bring_back(minji, OVER, actor=None)
    assert DataSubject.objects.get().status == "active"
    assert dormancy_end.end_due(OVER + 5 * MINUTE).done == 0
    assert Withdrawal.objects.count() == 1
    assert Effect.objects.get(pk=effect.pk).state == "completed"


def test_who_signs_in_after_such_a_stop_has_come_back_and_stays(minji):
    keep_for(minji.service)
    begun(Dormancy.objects.get())
    dormancy_move.bring_back(minji, OVER, actor=None)
    DataSubject.objects.update(last_used_at=OVER + MINUTE)
    dormancy_end.end_due(OVER + 5 * MINUTE)
    assert not Withdrawal.objects.exists()
    assert DataSubject.objects.get().status == "active"
    assert not effects.unfinished(dormancy_end.KIND).exists()


def test_an_officer_sees_what_would_happen_to_a_dormant_person_before_withdrawing(minji):
    parts = withdrawal.preview(minji, now=APART + DAY)
    fates = {(part.record_class, part.outcome) for part in parts if part.record_id}
    assert ("payment_records", "segregate") in fates
    opened = withdrawal.request(minji, channel="phone", actor=None, now=APART + DAY)
    assert withdrawal.parts_of(opened) == parts


def begun(row):
    return effects.begin(
        dormancy_end.KIND,
        f"dormancy:{row.pk}",
        {"people": [row.subject.public_id], "apart_on": "2026-12-23", "rule": row.rule_code},
        actor=None,
        now=OVER,
        service=row.service,
        subject=row.subject.public_id,
        destroys=False,
    )


def test_the_period_counts_whole_days_of_the_service(minji):
    keep_for(minji.service, "P1D")
    service = type(minji.service).objects.get()
    assert not dormancy.storage_over(datetime(2026, 12, 24, 14, 59, tzinfo=UTC), service)
    assert dormancy.storage_over(datetime(2026, 12, 24, 15, tzinfo=UTC), service).count() == 1

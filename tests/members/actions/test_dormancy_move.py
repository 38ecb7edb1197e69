"""People who were told and did not come are set apart whole, and come back whole by signing in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections

from compliance import effects, ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import LedgerEntry
from compliance.rules.calendar import start_of_day
from compliance.sweeps import run
from members import gate, selectors
from members.actions import archive_reading, destruction, dormancy_move, withdrawal
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Delivery, Record, Restriction
from tests.tools import cast, sleepers

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def mina(mikmik):
    return cast.officer("mina", mikmik)


@pytest.fixture
def minji(mikmik, mina):
    return sleepers.member(mikmik, mina)


def everything(alias, model):
    """Return every column of every record as the database holds it."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]


def _plain(value):
    return bytes(value) if isinstance(value, memoryview) else value


def apart(service, now=NOW):
    report = dormancy_move.set_apart(now, service)
    return report.done


@pytest.mark.promise("MIK-5.5b")
def test_the_live_database_returns_no_row_and_the_archive_every_one_to_the_byte(mikmik, minji):
    before, keys, index = everything("default", Record), _keys(), BlindIndex.objects.count()
    assert apart(mikmik) == 1
    minji.refresh_from_db()
    assert minji.status == "dormant" and minji.dormancy.state == "apart"
    assert not Record.objects.exists()
    after = {str(row["id"]): row for row in everything("archive", ArchivedRecord)}
    assert len(after) == len(before)
    for row in before:
        kept = after[str(row["id"])]
        assert kept["recorded_at"] == row["created_at"]
        for name in ("sealed", "anchors", "item_codes", "occurred_at", "record_class", "source"):
            assert kept[name] == row[name], name
    assert _keys() == keys and BlindIndex.objects.count() == index
    assert ArchivedSubject.objects.get().why == "dormant"


def _keys():
    return set(DataKey.objects.values_list("pk", flat=True))


@pytest.mark.promise("MIK-5.5b")
def test_coming_back_restores_every_row_as_it_was(mikmik, minji):
    before, values = everything("default", Record), gate.own_values(minji)
    apart(mikmik)
    back = NOW + timedelta(days=40)
    dormancy_move.bring_back(minji, back, actor=ledger.THEMSELVES)
    minji.refresh_from_db()
    assert (minji.status, minji.last_used_at) == ("active", back)
    assert minji.dormancy.state == "returned"
    assert everything("default", Record) == before
    assert gate.own_values(minji) == values
    assert not ArchivedRecord.objects.exists() and not ArchivedSubject.objects.exists()
    assert ledger.verify().ok


def test_coming_back_twice_or_without_having_been_away_changes_nothing(mikmik, minji):
    dormancy_move.bring_back(minji, NOW, actor=None)
    apart(mikmik)
    for _ in range(2):
        dormancy_move.bring_back(minji, NOW, actor=None)
    assert LedgerEntry.objects.filter(code="members.dormancy.brought_back").count() == 1


@pytest.mark.promise("MIK-5.5c")
def test_statutory_records_end_on_their_own_day_although_the_person_sleeps(mikmik, minji):
    apart(mikmik)
    days = dict(ArchivedRecord.objects.values_list("record_class", "due_on"))
    # Complaint: case closed 10 June 2025, three years. Contract 2 May 2025, five. Supply 6 May 2025, five.
    assert days["complaint_records"] == date(2028, 6, 10)
    assert days["contract_records"] == date(2030, 5, 2)
    assert days["payment_records"] == date(2030, 5, 6)
    assert days["account_data"] is None
    day_after = start_of_day(date(2028, 6, 11), mikmik.timezone)
    destruction.destroy_due(mikmik, now=day_after - timedelta(seconds=1))
    assert ArchivedRecord.objects.filter(record_class="complaint_records").exists()
    destruction.destroy_due(mikmik, now=day_after)
    assert not ArchivedRecord.objects.filter(record_class="complaint_records").exists()


@pytest.mark.promise("MIK-5.5c")
def test_after_the_last_statutory_record_the_person_is_still_there_and_comes_back(mikmik, minji):
    apart(mikmik)
    destruction.destroy_due(mikmik, now=start_of_day(date(2031, 1, 1), mikmik.timezone))
    assert not ArchivedRecord.objects.exclude(due_on=None).exists()
    assert ArchivedSubject.objects.exists() and DataSubject.objects.filter(pk=minji.pk).exists()
    dormancy_move.bring_back(minji, datetime(2031, 1, 2, tzinfo=UTC), actor=None)
    held = {code for values in gate.own_values(minji).values() for code in values}
    assert "email" in held and "payment_records" not in held


def test_a_use_in_between_keeps_the_person_here(mikmik, minji):
    DataSubject.objects.filter(pk=minji.pk).update(last_used_at=NOW - timedelta(days=3))
    assert apart(mikmik) == 0 and not ArchivedRecord.objects.exists()


def test_a_use_during_the_copy_keeps_the_person_here_and_takes_the_copy_away(
    mikmik, minji, monkeypatch
):
    before = everything("default", Record)
    switch = dormancy_move._switch

    def used_meanwhile(*args):
        DataSubject.objects.filter(pk=minji.pk).update(last_used_at=NOW)
        assert ArchivedRecord.objects.exists()
        switch(*args)

    monkeypatch.setattr(dormancy_move, "_switch", used_meanwhile)
    assert apart(mikmik) == 0
    assert everything("default", Record) == before
    assert not ArchivedRecord.objects.exists() and not ArchivedSubject.objects.exists()
    minji.refresh_from_db()
    assert minji.status == "active"


def test_a_dry_run_says_exactly_what_a_run_does_and_writes_nothing(mikmik, mina):
    for n in range(4):
        sleepers.member(mikmik, mina, f"person{n}", n)
    first, second, *_ = DataSubject.objects.order_by("pk")
    DataSubject.objects.filter(pk=first.pk).update(status="restricted")
    Delivery.objects.create(
        event="x", kind="notice", subject=second, service=mikmik, language="ko", not_before=NOW,
        message_id="<1@mail.example>", created_at=NOW,
    )  # fmt: skip
    head = ledger.head()
    said = run("dormancy.move", NOW, dry_run=True)
    assert (said.done, said.skipped) == (2, {"restricted": 1, "message_under_way": 1})
    assert ledger.head() == head and not ArchivedRecord.objects.exists()
    assert run("dormancy.move", NOW) == said
    assert DataSubject.objects.filter(status="dormant").count() == 2


def test_a_batch_is_one_entry_that_names_everybody(mikmik, mina):
    people = [sleepers.member(mikmik, mina, f"person{n}", n) for n in range(3)]
    apart(mikmik)
    entry = LedgerEntry.objects.get(code="members.dormancy.set_apart")
    assert entry.data["people"] == 3
    for person in people:
        assert entry in ledger.entries_for(person.public_id)


def test_whoever_is_apart_is_in_no_live_search_and_serves_no_purpose(mikmik, minji):
    assert selectors.find_subjects(mikmik, "email", "minji@mail.example") == [minji]
    apart(mikmik)
    minji.refresh_from_db()
    assert selectors.find_subjects(mikmik, "email", "minji@mail.example") == []
    policy = gate.policy_for(mikmik, NOW)
    for purpose in [*policy.purposes_by_code, "policy_notice", "request_answer"]:
        given = gate.audience([minji], purpose, ["email", "name"], service=mikmik, now=NOW)
        assert given[minji.pk].values == {}
    assert minji not in DataSubject.objects.reachable()


def test_the_address_apart_serves_the_sign_in_code_only_and_the_use_is_recorded(mikmik, minji):
    assert gate.sleeper_values(minji, ["email"], now=NOW).values == {}
    apart(mikmik)
    minji.refresh_from_db()
    given = gate.sleeper_values(minji, ["email", "name"], now=NOW)
    assert given.values == {"email": "minji@mail.example"}
    entry = LedgerEntry.objects.get(code="members.dormancy.address_used")
    assert entry.data == {"purpose": "sign_in_code"}


def test_a_copy_that_counts_for_nobody_gives_no_ground_to_read_it(mikmik, minji, monkeypatch):
    policy = gate.policy_for(mikmik, NOW)
    monkeypatch.setattr(dormancy_move, "_switch", _stop)
    with pytest.raises(KeyboardInterrupt):
        apart(mikmik)
    person = ArchivedSubject.objects.get()
    Restriction.objects.create(
        subject=minji, ground="legal_request", items=[], blocks_use=False, blocks_destruction=True,
        began_at=NOW,
    )  # fmt: skip
    assert person.records.exists() and archive_reading.grounds(person, policy) == {}
    monkeypatch.undo()
    dormancy_move.repair_unfinished(now=NOW + timedelta(minutes=3))
    assert archive_reading.grounds(ArchivedSubject.objects.get(), policy)


def _stop(*_):
    raise KeyboardInterrupt


def test_nothing_falls_due_in_a_copy_that_counts_for_nobody_yet(mikmik, minji, monkeypatch):
    monkeypatch.setattr(dormancy_move, "_switch", _stop)
    with pytest.raises(KeyboardInterrupt):
        apart(mikmik)
    monkeypatch.undo()
    copied, late = ArchivedRecord.objects.count(), start_of_day(date(2028, 6, 11), mikmik.timezone)
    assert ArchivedRecord.objects.get(record_class="complaint_records").due_on < date(2028, 6, 11)
    destruction.destroy_due(mikmik, now=late)
    assert ArchivedRecord.objects.count() == copied
    dormancy_move.repair_unfinished(now=NOW + timedelta(minutes=3))
    destruction.destroy_due(mikmik, now=late)
    assert not ArchivedRecord.objects.filter(record_class="complaint_records").exists()


def test_somebody_with_thousands_of_records_goes_whole_and_comes_back_whole(mikmik, minji, mina):
    other = sleepers.member(mikmik, mina, "suho", 1)
    many = [
        Record(
            subject=minji, record_class="contract_records", occurred_at=NOW - timedelta(minutes=n),
            anchors={"contract": f"{2010 + n % 15}-03-02"}, source="orders", item_codes=["name"],
            sealed=n.to_bytes(4, "big"), held_by="contract_5y",
        )
        for n in range(dormancy_move.RECORDS + 1)
    ]  # fmt: skip
    Record.objects.bulk_create(many)
    before, mine = everything("default", Record), minji.records.count()
    assert apart(mikmik) == 2 and not Record.objects.exists()
    assert ArchivedRecord.objects.filter(subject__public_id=minji.public_id).count() == mine
    assert LedgerEntry.objects.filter(code="members.dormancy.set_apart").count() == 2
    for person in (minji, other):
        dormancy_move.bring_back(person, NOW, actor=None)
    unclocked = [{**row, "due_on": None, "held_by": ""} for row in before]
    after = everything("default", Record)
    assert [{**row, "due_on": None, "held_by": ""} for row in after] == unclocked
    assert not ArchivedRecord.objects.exists() and not ArchivedSubject.objects.exists()


def test_whoever_is_on_the_way_waits_until_it_is_done(mikmik, minji, monkeypatch):
    monkeypatch.setattr(dormancy_move.moving, "settle", _stop)
    with pytest.raises(KeyboardInterrupt):
        apart(mikmik)
    monkeypatch.undo()
    with pytest.raises(dormancy_move.InMotion):
        dormancy_move.bring_back(minji, NOW, actor=None)
    assert not dormancy_move.returned(minji, now=NOW)
    assert dormancy_move.repair_unfinished(now=NOW + timedelta(minutes=1)) == 0
    assert dormancy_move.repair_unfinished(now=NOW + timedelta(minutes=3)) == 1
    assert dormancy_move.returned(minji, now=NOW + timedelta(minutes=3))
    assert minji.status == "active"


def test_a_record_that_arrives_during_the_switch_goes_along(mikmik, minji, monkeypatch):
    switch = dormancy_move._switch

    def another_record(*args):
        if Record.objects.count() == count:
            cast.history(minji, now=NOW)
        switch(*args)

    monkeypatch.setattr(dormancy_move, "_switch", another_record)
    count = Record.objects.count()
    apart(mikmik)
    assert not Record.objects.exists()
    assert ArchivedRecord.objects.count() == 2 * count - 1  # The account itself is there once.


def test_leaving_while_dormant_decides_over_everything_held(mikmik, minji):
    apart(mikmik)
    withdrawal.request(minji, channel="phone", actor=None, now=NOW + timedelta(days=1))
    minji.refresh_from_db()
    assert minji.status == "leaving"
    assert Record.objects.filter(subject=minji).exists()
    assert not ArchivedRecord.objects.exists()


def test_a_difference_in_the_copy_stops_the_move(mikmik, minji):
    altered = Record.objects.filter(subject=minji).first()
    person = ArchivedSubject.objects.create(
        public_id=minji.public_id, service_slug="mikmik", kind="member", language="ko",
        why="dormant", archived_at=NOW,
    )  # fmt: skip
    ArchivedRecord.objects.create(
        id=altered.pk, subject=person, record_class=altered.record_class,
        occurred_at=altered.occurred_at, source="x", sealed=b"something else", rule_code="x",
        policy_version=1, archived_at=NOW,
    )  # fmt: skip
    with pytest.raises(dormancy_move.moving.CopyDiffers):
        apart(mikmik)
    minji.refresh_from_db()
    assert minji.status == "active" and Record.objects.filter(pk=altered.pk).exists()
    assert effects.unfinished(dormancy_move.APART).exists()

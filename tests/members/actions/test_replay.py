"""A database put back from a backup forgets; the tail does not: destructions, exits, answers and holds return."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from compliance import tail
from compliance.keyring import keys
from compliance.keyring.models import DataKey
from compliance.models import LedgerEntry
from compliance.restore.findings import Finding
from members import gate
from members.actions import (
    consent,
    delivery_evidence,
    destruction,
    dormancy_move,
    record,
    replay,
    restriction,
    withdrawal,
)
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import (
    ConsentState,
    DataSubject,
    Delivery,
    Record,
    Restriction,
    UntoldDestruction,
)
from members.rules import replay as rule
from tests.tools import backup, cast, sleepers

ALL = ("default", "archive", "keyring")
pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
NOW = datetime(2027, 1, 31, 3, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
TABLES = (Record, ArchivedRecord, ArchivedSubject, DataKey, DataSubject, ConsentState, Restriction)


@pytest.fixture
def minji():
    person = cast.member(cast.service())
    cast.history(person)
    return person


def take(*aliases):
    tail.catch_up()
    return [backup.take(alias) for alias in aliases]


def put_back(backups):
    tail.catch_up()
    for one in backups:
        backup.put_back(one)
    return [Finding(one.alias, "test", 0, 1) for one in backups]


def again(found, **options):
    return replay.replay(found, now=LATER, **options)


def leave(person, now=NOW):
    done = withdrawal.carry_out(
        withdrawal.request(person, channel="web", actor=None, now=now), now=now
    )
    Delivery.objects.filter(subject=person).update(state="sent", finished_at=now, sealed=None)
    return withdrawal.carry_out(done, now=now)


def answer(person, said, at=NOW, **more):
    return consent.answer(
        person,
        purpose="recommendations",
        answer=said,
        version=cast.version(person.service),
        asked_by="web",
        language="ko",
        text_hash="0" * 64,
        actor=None,
        now=at,
        **more,
    )


def readable():
    """Every record that still opens, live or apart."""
    live = list(Record.objects.select_related("subject"))
    ids = {row.subject_id: row.subject.public_id for row in live}
    apart = list(ArchivedRecord.objects.select_related("subject"))
    return set(gate.in_custody(live, subject_ids=ids)) | set(gate.archived_in_custody(apart))


def state():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


@pytest.mark.parametrize("aliases", [("default",), ("archive",), ("keyring",), ALL])
def test_who_left_after_the_backup_stays_gone_and_who_stays_is_readable(minji, aliases):
    stays = cast.member(minji.service, "stays", mobile="010-7999-0000")
    before = set(minji.records.values_list("pk", flat=True))
    backups = take(*aliases)
    leave(minji)
    expected, apart = readable(), set(ArchivedRecord.objects.values_list("pk", flat=True))
    found = put_back(backups)
    again(found)
    assert before - apart and not keys.existing(list(before - apart))
    if "default" in aliases:
        assert readable() == expected
    assert readable() <= expected  # What was split for keeping is newer than the others.
    mine = DataSubject.objects.get(pk=minji.pk)
    assert mine.status == "withdrawn" and mine.account is None
    assert not Record.objects.filter(subject=minji).exists()
    assert set(stays.records.values_list("pk", flat=True)) <= readable()
    assert again(found).counts == {}


def test_what_has_to_be_kept_by_law_is_set_apart_again_when_all_three_are_put_back(minji):
    backups = take(*ALL)
    leave(minji)
    kept = {row.pk: (row.rule_code, row.due_on) for row in ArchivedRecord.objects.all()}
    report = again(put_back(backups))
    assert {row.pk: (row.rule_code, row.due_on) for row in ArchivedRecord.objects.all()} == kept
    assert report.counts["records_set_apart"] == len(kept) and report.left == {}
    assert set(kept) <= readable()


def test_what_lay_apart_only_in_a_lost_archive_is_counted(minji):
    backups = take("archive")
    leave(minji)
    report = again(put_back(backups))
    assert report.left["people_lost_apart"] == 1


def test_due_records_are_destroyed_again_and_no_others(minji):
    leave(minji)
    backups = take(*ALL)
    at = datetime(2030, 5, 5, 3, tzinfo=UTC)
    destruction.destroy_due(minji.service, now=at)
    after = set(ArchivedRecord.objects.values_list("pk", flat=True))
    keys_left = set(DataKey.objects.values_list("pk", flat=True))
    found = put_back(backups)
    assert len(ArchivedRecord.objects.all()) > len(after)
    report = again(found)
    assert set(ArchivedRecord.objects.values_list("pk", flat=True)) == after
    assert set(DataKey.objects.values_list("pk", flat=True)) == keys_left
    assert report.counts["keys_destroyed"] == report.counts["records_destroyed_archive"] > 0


def test_an_intent_without_an_end_destroys_unless_a_hold_postpones(minji):
    [one, *_] = ids = list(minji.records.values_list("pk", flat=True))
    line = {"kind": rule.DUE, "ref": "destruction_plan:9:1", "destroys": True, "seq": 9}
    tail.append("effect", {**line, "payload": {"records": [str(one)]}})
    hold = restriction.place(minji, ground="legal_request", actor=None, now=NOW)
    found = [Finding("keyring", "test", 0, 1)]
    assert again(found).left["held"] > 0 and set(ids) <= readable()
    restriction.lift(hold, actor=None, now=NOW)
    again(found)
    assert set(ids) - readable() == {one}


def test_answers_come_back_in_their_order(minji):
    answer(minji, "agreed", NOW)
    backups = take("default")
    answer(minji, "withdrawn", NOW + timedelta(minutes=1))
    answer(minji, "agreed", NOW + timedelta(minutes=2), channel="email")
    answer(minji, "withdrawn", NOW + timedelta(minutes=3), channel="email")
    found = put_back(backups)
    assert again(found).counts["answers"] == 3
    assert set(ConsentState.objects.values_list("channel", "answer")) == {
        ("", "withdrawn"),
        ("email", "withdrawn"),
    }
    assert again(found).counts == {}


def test_objections_and_holds_are_in_force_again_and_lifted_ones_are_lifted(minji):
    old = restriction.place(minji, ground="unpaid_claim", items=["name"], actor=None, now=NOW)
    backups = take("default")
    at = NOW + timedelta(minutes=5)
    restriction.place(minji, ground="objection", items=["email"], actor=None, now=at)
    short = restriction.place(minji, ground="open_dispute", items=["name"], actor=None, now=at)
    restriction.lift(short, actor=None, now=at)
    restriction.lift(old, actor=None, now=at)
    found = put_back(backups)
    assert again(found).counts == {"holds_placed": 1, "holds_lifted": 1}
    open_ = Restriction.objects.filter(ended_at=None)
    assert list(open_.values_list("ground", "items", "began_at")) == [("objection", ["email"], at)]
    assert not gate.may_use(minji, "contract_contact", ["email"], now=LATER).allowed
    assert again(found).counts == {}


def test_a_corrected_value_does_not_come_back_and_its_item_is_held(minji):
    backups = take("default", "keyring")
    first = minji.records.get(record_class="complaint_records")
    policy = gate.policy_for(minji.service, NOW)
    record.replace(first, {"complaint_records": "Other"}, policy=policy, actor=None, now=NOW)
    report = again(put_back(backups))
    assert report.left["value_lost"] == 1
    assert first.pk not in readable() and not keys.existing([first.pk])
    assert Restriction.objects.get().items == ["complaint_records"]


def test_nobody_is_written_to_twice(minji):
    rows = [
        Delivery(
            event="test",
            kind="notice",
            stage=f"s{n}",
            subject=minji,
            service=minji.service,
            language="ko",
            not_before=NOW,
            created_at=NOW,
            message_id=f"{n}@x",
        )
        for n in range(2)
    ]
    Delivery.objects.bulk_create(rows)
    backups = take("default")
    with transaction.atomic():
        delivery_evidence.tell(delivery_evidence.SENT, rows[:1], now=NOW)
    report = again(put_back(backups))
    assert report.counts["mail_sent_already"] == 1 and report.left["mail_cancelled"] == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent", "cancelled"}


def test_who_had_to_be_told_of_a_destruction_is_named_and_not_told_twice(minji):
    UntoldDestruction.objects.create(
        subject=minji, service=minji.service, destroyed_at=NOW, lines=[{"rule": "payment_5y"}]
    )
    backups = take("default")
    report = again(put_back(backups))
    [task] = [one for one in report.tasks if one.code == "destruction_untold"]
    assert task.person == minji.public_id and report.left["destruction_untold"] == 1
    assert not UntoldDestruction.objects.exists()


def test_a_dry_run_counts_exactly_and_writes_nothing(minji):
    backups = take(*ALL)
    leave(minji)
    found = put_back(backups)
    before, ledger_before = state(), LedgerEntry.objects.count()
    lines = len(list(tail.lines()))
    foretold = again(found, dry_run=True)
    assert state() == before and LedgerEntry.objects.count() == ledger_before
    assert len(list(tail.lines())) == lines
    assert again(found) == foretold


def test_records_newer_than_a_keyring_are_counted_as_unreadable(minji):
    backups = take("keyring")
    later = cast.member(minji.service, "later", mobile="010-7999-0001")
    report = again(put_back(backups))
    assert report.left == {"unreadable_default": later.records.count()}
    assert set(minji.records.values_list("pk", flat=True)) <= readable()


ASLEEP = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.parametrize("alias", ["default", "archive"])
@pytest.mark.parametrize("back", [False, True])
def test_a_dormant_person_is_in_one_place_after_either_database_is_put_back(alias, back):
    mikmik = cast.service()
    person = sleepers.member(mikmik, cast.officer("mina", mikmik))
    if back:
        dormancy_move.set_apart(ASLEEP, mikmik)
    backups = take(alias)
    if back:
        dormancy_move.bring_back(person, ASLEEP, actor=None)
    else:
        dormancy_move.set_apart(ASLEEP, mikmik)
    ids = set(Record.objects.values_list("pk", flat=True)) | set(
        ArchivedRecord.objects.values_list("pk", flat=True)
    )
    report = again(put_back(backups))
    person.refresh_from_db()
    live = set(Record.objects.values_list("pk", flat=True))
    apart = set(ArchivedRecord.objects.values_list("pk", flat=True))
    assert not live & apart
    if (alias == "default") == back:  # The only place of the records is older than they are there.
        assert report.left["people_lost_apart"] == 1 and not live | apart
    else:
        assert live | apart == ids == readable()
        assert (person.status == "dormant") == bool(apart) == (not back)


def test_a_dormant_person_who_came_back_comes_back_again_when_all_three_are_put_back():
    mikmik = cast.service()
    person = sleepers.member(mikmik, cast.officer("mina", mikmik))
    dormancy_move.set_apart(ASLEEP, mikmik)
    backups = take(*ALL)
    dormancy_move.bring_back(person, ASLEEP, actor=None)
    assert again(put_back(backups)).counts == {"people_brought_back": 1}
    person.refresh_from_db()
    assert person.status == "active" and person.records.exists()
    assert not ArchivedSubject.objects.exists()


def test_an_exit_that_stood_before_its_move_keeps_what_the_law_keeps(minji):
    begun = withdrawal.request(minji, channel="web", actor=None, now=NOW)
    backups = take(*ALL)
    withdrawal.carry_out(begun, now=NOW)
    kept = set(ArchivedRecord.objects.values_list("pk", "rule_code", "due_on"))
    again(put_back(backups))
    assert set(ArchivedRecord.objects.values_list("pk", "rule_code", "due_on")) == kept
    assert {pk for pk, _, _ in kept} <= readable()

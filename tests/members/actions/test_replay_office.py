"""What officers did after the backup is not lost with the database: it is done again, or named in a line."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance import tail
from compliance.actions import paper
from compliance.actions.certificate import digest_of
from compliance.ledger_codes import CODES
from compliance.models import Account, Certificate, PaperBatch, PolicyVersion
from compliance.restore import by_hand
from compliance.restore.findings import Finding
from compliance.restore.replays import Task
from members.actions import agreement, case_flag, destruction, replay, withdrawal
from members.archive.models import ArchivedRecord
from members.models import CaseFlag, DataSubject, Delivery, Reclock, Restriction, Withdrawal
from members.rules import replay as rule
from tests.tools import backup, cast

ALL = ("default", "archive", "keyring")
pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
START = datetime(2015, 1, 5, tzinfo=UTC)
NOW = datetime(2016, 11, 22, 3, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
AFTER = datetime(2017, 11, 30, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def cheap_hashing(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def leje():
    return cast.service("leje", now=START)


@pytest.fixture
def jisoo(leje):
    return cast.member(leje, "jisoo")


@pytest.fixture
def mina(leje):
    return cast.officer("mina", leje)


@pytest.fixture
def juno(leje):
    return cast.officer("juno", leje)


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


def propose(person, actor, at=NOW):
    return case_flag.propose(
        person,
        rule_code="fraud_hold",
        reason="fraud_finding",
        found_on=date(2016, 11, 20),
        actor=actor,
        now=at,
    )


def leave(person, now=NOW):
    done = withdrawal.carry_out(
        withdrawal.request(person, channel="web", actor=None, now=now), now=now
    )
    Delivery.objects.filter(subject=person).update(state="sent", finished_at=now, sealed=None)
    return withdrawal.carry_out(done, now=now)


@pytest.mark.promise("LEJ-RET-1")
def test_a_case_of_after_the_backup_is_in_force_again_and_holds_for_ten_years(jisoo, mina, juno):
    backups = take(*ALL)
    case = case_flag.confirm(propose(jisoo, mina), actor=juno, now=NOW)
    leave(jisoo)
    kept = set(ArchivedRecord.objects.values_list("pk", "rule_code", "due_on"))
    report = again(found := put_back(backups))
    same = CaseFlag.objects.get()
    assert same.is_in_force and same.review_on == case.review_on
    assert (same.proposed_by, same.confirmed_by, same.proposed_at) == (mina, juno, NOW)
    assert set(ArchivedRecord.objects.values_list("pk", "rule_code", "due_on")) == kept
    assert ArchivedRecord.objects.get(rule_code="fraud_hold").due_on == date(2026, 11, 22)
    assert report.counts["case_steps"] == 2 and report.tasks == ()
    assert again(found).counts == {}


@pytest.mark.promise("LEJ-RET-1")
@pytest.mark.parametrize("before", ["nothing", "proposed", "confirmed"])
def test_a_case_that_ended_after_the_backup_holds_nobody_any_more(jisoo, mina, juno, before):
    case = propose(jisoo, mina) if before != "nothing" else None
    if before == "confirmed":
        case_flag.confirm(case, actor=juno, now=NOW)
    backups = take("default")
    case = case or propose(jisoo, mina)
    if case.confirmed_at is None:
        case_flag.confirm(case, actor=juno, now=NOW)
    case_flag.review(case, reason="open_dispute", actor=juno, now=NOW + timedelta(minutes=1))
    case_flag.end(case, reason="cleared", actor=juno, now=NOW + timedelta(minutes=2))
    report = again(found := put_back(backups))
    same = CaseFlag.objects.get()
    assert (same.end_reason, same.reason, same.ended_at) == (
        "cleared",
        "open_dispute",
        NOW + timedelta(minutes=2),
    )
    assert not Restriction.objects.filter(ended_at=None).exists()
    assert report.left == {} and again(found).counts == {}


def test_a_case_by_a_colleague_who_is_lost_is_a_line_for_a_person(jisoo, mina, leje):
    backups = take("default")
    new = cast.officer("newcomer", leje)
    propose(jisoo, new)
    report = again(put_back(backups))
    assert not CaseFlag.objects.exists() and not Account.objects.filter(pk=new.pk).exists()
    [task] = report.tasks
    entry = "members.case_flag.proposed"
    assert (task.code, task.at, task.actor, task.service) == (entry, NOW, new.username, "leje")
    assert task.subject_key and report.left == {entry: 1}


def test_a_leaver_has_the_row_and_the_certificate_that_was_given_out(jisoo):
    backups = take("default")
    first = leave(jisoo)
    given = Certificate.objects.get()
    plan, number = first.plan, digest_of(given)
    report = again(found := put_back(backups))
    row = Withdrawal.objects.get()
    assert (row.pk, row.step, row.left_on, row.plan) == (first.pk, "complete", first.left_on, plan)
    assert row.version == first.version and row.request.state == "done"
    made = Certificate.objects.get()
    assert digest_of(made) == number and made.counts == given.counts
    assert made.ledger_entry.data["digest"] == number
    assert report.counts["certificates"] == 1 and again(found).counts == {}
    later = leave(cast.member(jisoo.service, "later", mobile="010-7000-1111"))
    assert later.pk > first.pk


def test_a_certificate_that_cannot_be_made_exactly_is_not_made_but_named(jisoo, monkeypatch):
    backups = take("default")
    leave(jisoo)
    monkeypatch.setattr("compliance.restore.certificates.METHOD", "another")
    report = again(put_back(backups))
    assert not Certificate.objects.exists()
    assert report.left["compliance.certificate.issued"] == 1


def test_a_leaving_that_was_under_way_in_the_backup_gets_its_first_certificate_only(jisoo):
    begun = withdrawal.request(jisoo, channel="web", actor=None, now=NOW)
    backups = take(*ALL)
    withdrawal.carry_out(begun, now=NOW)
    number = digest_of(Certificate.objects.get())
    again(put_back(backups))
    row = Withdrawal.objects.get()
    assert row.step == "destroyed" and not Delivery.objects.filter(state="pending").exists()
    withdrawal.carry_out(row, now=LATER)
    assert row.step == "complete"
    assert digest_of(Certificate.objects.get()) == number


def test_certificates_of_a_run_and_of_its_people_come_back_too():
    person = cast.member(cast.service())
    cast.history(person)
    leave(person, now=datetime(2027, 1, 31, 3, tzinfo=UTC))
    backups = take(*ALL)
    destruction.destroy_due(person.service, now=datetime(2040, 1, 1, 3, tzinfo=UTC))
    given = sorted(map(digest_of, Certificate.objects.all()))
    assert set(Certificate.objects.values_list("kind", flat=True)) == {"person", "run"}
    assert len(given) == 3
    again(put_back(backups))
    assert sorted(map(digest_of, Certificate.objects.all())) == given


def test_destroyed_paper_is_destroyed_again_and_lost_paper_is_named(leje, mina, juno):
    facts = paper.Content(
        label="Box",
        rule_code="contract_5y",
        place="Room 4",
        quantity=2,
        unit="boxes",
        first_on=date(2009, 1, 3),
        last_on=date(2010, 1, 3),
    )
    old = paper.register(leje, facts, actor=mina, now=NOW)
    backups = take("default")
    for batch in (old, paper.register(leje, facts, actor=mina, now=NOW)):
        paper.destroy(batch, method="shred", destroyed_on=date(2016, 11, 22), actor=mina, now=NOW)
        paper.witness(batch, actor=juno, now=NOW)
    report = again(found := put_back(backups))
    one = PaperBatch.objects.get()
    assert (one.destroyed_by, one.witness, one.method) == (mina, juno, "shred")
    assert (one.destroyed_on, one.witnessed_at) == (date(2016, 11, 22), NOW)
    assert report.counts["paper_steps"] == 2
    assert set(report.left) == {
        "compliance.paper.registered",
        "compliance.paper.reported",
        "compliance.paper.destroyed",
    }
    assert again(found).counts == {}


def test_clocks_of_an_older_archive_follow_the_version_in_force_again(leje):
    version = PolicyVersion.objects.in_effect().get(service=leje)
    done = Reclock.objects.create(
        version=version, state="done", began_at=NOW, finished_at=NOW, counts=[]
    )
    PolicyVersion.objects.create(
        service=leje, number=90, state="superseded", effective_on=START, created_at=START
    )
    again(put_back(take("archive")))
    done.refresh_from_db()
    assert (done.state, done.finished_at) == ("done", LATER)
    again(put_back(take("keyring")))
    done.refresh_from_db()
    assert done.finished_at == LATER


def test_cancelled_mail_is_named_one_line_a_message(jisoo):
    rows = [
        Delivery(
            event="test",
            kind="notice",
            stage=f"s{number}",
            subject=jisoo,
            service=jisoo.service,
            language="ko",
            not_before=NOW,
            created_at=NOW,
            message_id=f"{number}@x",
        )
        for number in range(2)
    ]
    Delivery.objects.bulk_create(rows)
    backups = take("default")
    cast.member(jisoo.service, "later", mobile="010-7000-1111")
    report = again(put_back(backups))
    cancelled = [task for task in report.tasks if task.code == "mail_cancelled"]
    assert {task.ref for task in cancelled} == {f"delivery:{row.pk.hex}" for row in rows}
    assert all(task.subject_key and task.at == NOW for task in cancelled)
    [lost] = [task for task in report.tasks if task.code == "people_lost"]
    assert lost.service == "leje"


def test_an_agreement_to_a_version_counts_again(jisoo):
    DataSubject.objects.update(agreed_version=None)
    backups = take("default")
    version = cast.version(jisoo.service)
    agreement.agree([jisoo.pk], version, actor=None, now=NOW)
    report = again(found := put_back(backups))
    assert DataSubject.objects.get().agreed_version == version
    assert report.counts["agreements"] == 1 and again(found).counts == {}


def test_no_line_for_a_person_tells_who_it_is(jisoo, mina):
    backups = take("default")
    cast.member(jisoo.service, "later", mobile="010-7000-1111")
    for task in again(put_back(backups)).tasks:
        assert isinstance(task, Task)
        assert "later" not in repr(task) and "010" not in task.ref


def test_every_code_of_the_ledger_is_repeated_or_left_to_a_person_or_evidence():
    repeated = rule.EVENTS | rule.IMPLIED
    assert not CODES.keys() - repeated - by_hand.WORDS.keys() - by_hand.EVIDENCE
    assert not repeated & by_hand.EVIDENCE and not by_hand.WORDS.keys() & by_hand.EVIDENCE

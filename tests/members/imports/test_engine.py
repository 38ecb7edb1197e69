"""One file comes in as a whole, once, and nothing of it is seen before."""

import pytest

from compliance import ledger
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Job, LedgerEntry, Upload
from members import gate, holdings, selectors
from members.actions import record
from members.imports import engine, jobs, staging
from members.models import ConsentEvent, ConsentState, DataSubject, Record, StagedChange
from tests.members.imports import files
from tests.members.imports.files import NOW, PEOPLE, csv_bytes, people, person

pytestmark = [pytest.mark.django_db(databases=files.DATABASES), pytest.mark.servers]


def bring(data: bytes, *, slug="mikmik", kind="people", now=NOW) -> Job:
    """Hand in, preview and apply a file, as the worker does."""
    job = jobs.hand_in(files.service(slug), data, kind_of_file=kind, actor=None, now=now)
    jobs.run_to_end(job, now=now)
    jobs.ask_apply(job, actor=None, now=now)
    return jobs.run_to_end(job, now=now)


def values_of(subject: DataSubject) -> dict:
    return {k: v for doc in gate.own_values(subject).values() for k, v in doc.items()}


def test_a_preview_says_what_would_happen_and_writes_and_seals_nothing():
    service = files.service()
    bring(people(3))
    before = files.row_counts()
    changed = csv_bytes(
        PEOPLE, [person(1), person(2, name="이새이름"), person(9), person(8, email="x")]
    )
    found = engine.preview(service, changed, kind_of_file="people", now=NOW)
    assert found.counts == {
        "new": 1, "changed": 1, "same": 1, "returning": 0, "rejected": 1, "problems": 0,
    }  # fmt: skip
    assert [(d.column, d.before, d.after) for d in found.diffs] == [("name", "김**2", "이**름")]
    assert files.row_counts() == before


def test_an_applied_file_is_there_with_values_index_and_ledger():
    job = bring(people(5))
    assert (job.state, job.outcome["new"]) == (Job.State.DONE, 5)
    service = files.service()
    subject = selectors.find_subject(service, "email", "person3@mail.example")
    assert subject.status == "active"
    assert subject.source == "import"
    assert values_of(subject)["mobile"] == "01000000003"
    assert selectors.find_subject(service, "external_ref", "account_data:M-3") == subject
    codes = list(LedgerEntry.objects.order_by("seq").values_list("code", flat=True))
    steps = ["handed_in", "previewed", "staged", "applied"]
    assert [c for c in codes if c.startswith("members.import")] == [
        f"members.import.{s}" for s in steps
    ]
    assert ledger.verify().ok


def test_the_same_file_again_changes_nothing():
    bring(people(5))
    held = list(Record.objects.values_list("pk", "sealed"))
    keys = DataKey.objects.count() - Upload.objects.filter(destroyed_at=None).count()
    job = bring(people(5))
    assert job.outcome | {"same": 5, "new": 0, "changed": 0, "rejected": 0} == job.outcome
    assert list(Record.objects.values_list("pk", "sealed")) == held
    assert DataKey.objects.count() - Upload.objects.filter(destroyed_at=None).count() == keys


def test_a_changed_value_is_sealed_anew_and_the_old_key_destroyed():
    bring(people(2))
    old = Record.objects.get(subject=selectors.find_subject(files.service(), "login_id", "person1"))
    bring(csv_bytes(PEOPLE, [person(1, email="new@mail.example"), person(2)]))
    service = files.service()
    assert selectors.find_subject(service, "email", "person1@mail.example") is None
    subject = selectors.find_subject(service, "email", "new@mail.example")
    assert values_of(subject)["name"] == "김사람1"
    assert not DataKey.objects.filter(pk=old.pk).exists()
    assert not BlindIndex.objects.filter(key=old.pk).exists()
    assert not StagedChange.objects.exists()
    job = bring(csv_bytes(PEOPLE, [person(1, email="new@mail.example"), person(2)]))
    assert job.outcome["same"] == 2


def test_an_empty_cell_leaves_what_is_held_and_last_use_only_moves_forward():
    bring(people(1))
    row = person(1, last_used_at="2025-01-01", language="", joined_at="")
    assert bring(csv_bytes(PEOPLE, [row])).outcome["same"] == 1
    bring(csv_bytes(PEOPLE, [person(1, last_used_at="2026-11-22")]))
    assert DataSubject.objects.get().last_used_at.date().isoformat() == "2026-11-21"


def test_a_new_item_of_a_known_person_is_added():
    bring(people(1))
    bring(csv_bytes([*PEOPLE, "address"], [[*person(1), "1 Sample Road"]]))
    assert values_of(DataSubject.objects.get())["address"] == "1 Sample Road"


def test_answers_come_in_once_and_later_ones_count():
    header = [*PEOPLE, "consent:advertising:email"]
    bring(csv_bytes(header, [[*person(1), "yes"], [*person(2), "disagreed"]]))
    bring(csv_bytes(header, [[*person(1), "withdrawn"], [*person(2), "no"]]))
    subject = selectors.find_subject(files.service(), "login_id", "person1")
    assert ConsentState.objects.get(subject=subject).answer == "withdrawn"
    assert ConsentEvent.objects.count() == 3


def test_the_file_is_destroyed_when_applied_and_refused_rows_stay_for_a_day():
    job = bring(csv_bytes(PEOPLE, [person(1), person(2, email="no address")]))
    assert job.state == Job.State.PROBLEMS
    assert not Upload.objects.filter(kind=jobs.FILE, destroyed_at=None).exists()
    text = jobs.rejected_file(job, language="en").decode("utf-8-sig")
    assert text.splitlines()[1].startswith("3,email: ")
    assert "no address" in text


def test_somebody_elses_address_is_not_taken_over():
    bring(people(1))
    job = bring(csv_bytes(PEOPLE, [person(2, email="PERSON1@mail.example"), person(3)]))
    assert job.outcome["rejected"] == 1
    assert DataSubject.objects.count() == 2


class Stop(BaseException):
    """Stands for kill -9: nothing catches it."""


STEPS = {
    "people written": (type(DataSubject.objects), "bulk_create", 2),
    "records kept": (record, "keep_many", 2),
    "changes sealed": (record, "seal_drafts", 2),
    "chunk told": (engine, "_tell_chunk", 2),
    "chunk counted": (engine, "_move_on", 2),
    "changes applied": (staging, "_apply_part", 1),
    "keys destroyed": (staging, "destroy_replaced", 1),
    "outcome written": (jobs, "_replace_found", 1),
}


def stopping(original, turn, *, after):
    """The same function, but the process ends before or after its given turn."""
    calls = []

    def stop(*args, **kwargs):
        calls.append(1)
        if len(calls) < turn:
            return original(*args, **kwargs)
        if after:
            original(*args, **kwargs)
        raise Stop

    return stop


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_a_stopped_import_shows_nothing_and_the_next_run_finishes_it(step, after, monkeypatch):
    bring(people(3))
    monkeypatch.setattr(engine, "CHUNK", 4)
    data = csv_bytes(
        [*PEOPLE, "consent:advertising:email"],
        [[*person(n, name=f"이새이름{n}"), "yes"] for n in range(1, 12)],
    )
    job = jobs.hand_in(files.service(), data, kind_of_file="people", actor=None, now=NOW)
    jobs.run_to_end(job, now=NOW)
    jobs.ask_apply(job, actor=None, now=NOW)
    place, name, turn = STEPS[step]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, stopping(getattr(place, name), turn, after=after))
        with pytest.raises(Stop):
            jobs.run_to_end(job, now=NOW)
    if step not in ("keys destroyed", "outcome written"):
        assert_nothing_is_seen()
    later = NOW + jobs.LEASE * 20
    job.refresh_from_db()
    assert jobs.run_to_end(job, now=later).state == Job.State.DONE
    assert_all_is_in(11, later)
    assert bring(data, now=later).outcome["same"] == 11


def assert_nothing_is_seen():
    active = DataSubject.objects.filter(status="active")
    assert active.count() == 3
    assert not ConsentState.objects.filter(subject__in=active).exists()
    assert {values_of(subject)["name"] for subject in active} == {"김사람1", "김사람2", "김사람3"}


def assert_all_is_in(count, now):
    record.repair_unfinished(now=now)
    assert DataSubject.objects.filter(status="active").count() == count
    assert DataSubject.objects.count() == Record.objects.count() == count
    assert ConsentState.objects.filter(answer="agreed").count() == count
    assert not StagedChange.objects.exists()
    assert keys_of_records() == set(Record.objects.values_list("pk", flat=True))


def keys_of_records():
    uploads = Upload.objects.filter(destroyed_at=None).values_list("pk", flat=True)
    return set(DataKey.objects.values_list("pk", flat=True)) - set(uploads)


def test_a_cancelled_import_leaves_nothing(monkeypatch):
    before_people = DataSubject.objects.count()
    monkeypatch.setattr(engine, "CHUNK", 4)
    monkeypatch.setattr(jobs, "SLICE", 1)
    job = jobs.hand_in(files.service(), people(10), kind_of_file="people", actor=None, now=NOW)
    jobs.run_due(NOW)
    job.refresh_from_db()
    jobs.ask_apply(job, actor=None, now=NOW)
    jobs.run_due(NOW)
    assert DataSubject.objects.filter(status="joining").count() == 4
    jobs.ask_cancel(job, now=NOW)
    jobs.run_due(NOW)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert DataSubject.objects.count() == before_people
    assert (Record.objects.count(), StagedChange.objects.count()) == (0, 0)
    assert not BlindIndex.objects.exists()


def test_who_left_meanwhile_is_left_alone(monkeypatch):
    bring(people(2))
    monkeypatch.setattr(engine, "CHUNK", 1)
    job = jobs.hand_in(
        files.service(),
        csv_bytes(PEOPLE, [person(1, name="이새이름"), person(2, name="박새이름")]),
        kind_of_file="people",
        actor=None,
        now=NOW,
    )
    jobs.run_to_end(job, now=NOW)
    jobs.ask_apply(job, actor=None, now=NOW)
    original = staging.take_effect

    def somebody_leaves(*args, **kwargs):
        leaver = selectors.find_subject(files.service(), "login_id", "person1")
        DataSubject.objects.filter(pk=leaver.pk).update(status="leaving", left_at=NOW)
        return original(*args, **kwargs)

    monkeypatch.setattr(staging, "take_effect", somebody_leaves)
    done = jobs.run_to_end(job, now=NOW)
    assert done.outcome["overtaken"] == 1
    names = {v["name"] for s in DataSubject.objects.all() for v in gate.own_values(s).values()}
    assert names == {"김사람1", "박새이름"}
    assert keys_of_records() == set(Record.objects.values_list("pk", flat=True))


def test_what_waits_for_a_person_goes_with_the_person(monkeypatch):
    bring(people(2))
    rows = csv_bytes(PEOPLE, [person(1, name="이새이름"), person(2, name="박새이름")])
    job = jobs.hand_in(files.service(), rows, kind_of_file="people", actor=None, now=NOW)
    jobs.run_to_end(job, now=NOW)
    jobs.ask_apply(job, actor=None, now=NOW)
    with monkeypatch.context() as patch:
        patch.setattr(staging, "take_effect", stopping(staging.take_effect, 1, after=False))
        with pytest.raises(Stop):
            jobs.run_to_end(job, now=NOW)
    leaver = selectors.find_subject(files.service(), "login_id", "person1")
    assert holdings.destroy_all(leaver, now=NOW)["staged_changes"] == 1
    assert StagedChange.objects.count() == 1
    assert len(keys_of_records()) == 3


@pytest.mark.parametrize("size", [10, 100])
def test_a_chunk_takes_a_constant_number_of_queries(size, django_assert_max_num_queries):
    files.policy()
    job = jobs.hand_in(files.service(), people(size), kind_of_file="people", actor=None, now=NOW)
    with (
        django_assert_max_num_queries(12),
        django_assert_max_num_queries(12, connection=_keyring()),
    ):
        engine.preview(files.service(), people(size), kind_of_file="people", now=NOW)
    jobs.run_to_end(job, now=NOW)
    jobs.ask_apply(job, actor=None, now=NOW)
    with (
        django_assert_max_num_queries(80),
        django_assert_max_num_queries(60, connection=_keyring()),
    ):
        jobs.run_to_end(job, now=NOW)


def _keyring():
    from django.db import connections

    return connections["keyring"]

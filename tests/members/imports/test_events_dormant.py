"""What a dormant person did elsewhere is a use of the service: the person comes back first, then the row counts."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from compliance.models import LedgerEntry, Upload
from members import gate, selectors
from members.actions import dormancy_move
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.imports import engine, jobs, lookup, staging
from members.models import DataSubject, Record, StagedChange
from tests.members.imports import files
from tests.members.imports.files import csv_bytes, people
from tests.members.imports.test_commands import run
from tests.members.imports.test_engine import bring
from tests.members.imports.test_events import HEADER, events, payment
from tests.tools import cast, office, sleepers

pytestmark = [pytest.mark.django_db(databases=files.DATABASES), pytest.mark.servers]


@pytest.fixture
def dormant(now):
    """Two members who were set apart after a year; the first paid for an order before that."""
    bring(people(2))
    before = payment("O-0", paid="2025-11-01")
    before[3] = "2025-11-01T12:00"
    events([before])
    mina = cast.officer("mina", files.service())
    for person in DataSubject.objects.all():
        sleepers.tell(person, mina)
    assert dormancy_move.set_apart(now, files.service()).done == 2
    assert not Record.objects.exists()
    return DataSubject.objects.order_by("pk").first()


@pytest.fixture
def now():
    return files.NOW


def old(ref="O-2"):
    """A payment from before the last use."""
    row = payment(ref)
    row[3] = "2025-10-01T12:00"
    return row


def preview(rows, now):
    data = csv_bytes(HEADER, rows)
    return engine.preview(files.service(), data, kind_of_file="events", now=now)


@pytest.mark.promise("MIK-5.5b")
def test_an_order_brings_a_dormant_person_back_and_is_then_kept(dormant, now):
    job = events([payment()])
    assert (job.outcome["new"], job.outcome["returning"], job.outcome["rejected"]) == (1, 1, 0)
    dormant.refresh_from_db()
    assert (dormant.status, dormant.dormancy.state) == ("active", "returned")
    assert selectors.find_subject(files.service(), "login_id", "person1") == dormant
    texts = {v["payment_records"] for v in values_of(dormant) if "payment_records" in v}
    assert texts == {"12000 KRW"} and dormant.records.count() == 3
    assert [one.public_id for one in ArchivedSubject.objects.all()] == [another(dormant).public_id]
    entry = LedgerEntry.objects.get(code="members.dormancy.brought_back")
    assert entry.actor == (job.owner.username if job.owner else "system")
    applied = LedgerEntry.objects.filter(code="members.import.applied").latest("seq")
    assert (applied.data["new"], applied.data["returning"]) == (1, 1)


def test_the_preview_counts_people_and_moves_nobody(dormant, now):
    found = preview([payment(), payment("O-2"), payment("O-3", member="person2")], now)
    assert (found.new, found.returning, found.rejected) == (3, 2, [])
    assert set(DataSubject.objects.values_list("status", flat=True)) == {"dormant"}
    assert ArchivedRecord.objects.count() == 3


def test_nobody_comes_back_before_the_whole_file_is_in_nor_for_a_file_that_is_taken_back(
    dormant, now, monkeypatch
):
    monkeypatch.setattr(engine, "CHUNK", 1)
    data = csv_bytes(HEADER, [payment(), payment("O-2", member="M-2")])
    job = jobs.hand_in(files.service(), data, kind_of_file="events", actor=None, now=now)
    jobs.run_to_end(job, now=now)
    jobs.ask_apply(job, actor=None, now=now)
    jobs.run_slice(job, now=now, chunks=1)
    assert StagedChange.objects.count() == 1
    assert set(DataSubject.objects.values_list("status", flat=True)) == {"dormant"}
    jobs.ask_cancel(job, now=now)
    jobs.run_to_end(job, now=now)
    assert not StagedChange.objects.exists()
    assert set(DataSubject.objects.values_list("status", flat=True)) == {"dormant"}


def test_many_come_back_over_several_runs_and_the_file_waits_for_the_last(
    dormant, now, monkeypatch
):
    monkeypatch.setattr(engine, "WAKING", 1)
    data = csv_bytes(HEADER, [payment(), payment("O-2", member="M-2")])
    job = jobs.hand_in(files.service(), data, kind_of_file="events", actor=None, now=now)
    jobs.run_to_end(job, now=now)
    jobs.ask_apply(job, actor=None, now=now)
    jobs.run_slice(job, now=now, chunks=9)
    assert staging.sleepers(job).count() == 1
    assert not Record.objects.filter(occurred_at__year=2026).exists()
    jobs.run_to_end(job, now=now)
    assert (job.outcome["new"], job.outcome["returning"]) == (2, 2)
    assert Record.objects.filter(record_class="payment_records").count() == 3


@pytest.fixture
def half_back(dormant, now, monkeypatch):
    """A file of two dormant people, stopped between the return of the first and of the second."""
    monkeypatch.setattr(engine, "WAKING", 1)
    data = csv_bytes(HEADER, [payment(), payment("O-2", member="M-2")])
    job = jobs.hand_in(files.service(), data, kind_of_file="events", actor=None, now=now)
    jobs.run_to_end(job, now=now)
    jobs.ask_apply(job, actor=None, now=now)
    jobs.run_slice(job, now=now, chunks=9)
    assert staging.sleepers(job).count() == 1
    return job


def test_once_somebody_comes_back_the_file_is_not_stopped_any_more_and_goes_in(half_back, now):
    assert not jobs.ask_cancel(half_back, now=now)
    jobs.run_to_end(half_back, now=now)
    assert (half_back.state, half_back.outcome["returning"]) == ("done", 2)
    assert set(DataSubject.objects.values_list("status", flat=True)) == {"active"}
    assert not LedgerEntry.objects.filter(code="members.import.dropped").exists()


def test_a_file_that_fails_after_that_says_who_came_back_and_stays(half_back, now):
    Upload.objects.filter(kind=jobs.FILE).update(destroyed_at=now)
    jobs.run_to_end(half_back, now=now)
    assert half_back.outcome == {"reason": "file_gone", "returned": 1}
    entry = LedgerEntry.objects.get(code="members.import.dropped")
    assert (entry.data["returned"], entry.data["records"]) == (1, 2)
    assert sorted(DataSubject.objects.values_list("status", flat=True)) == ["active", "dormant"]
    page = office.sign_in(office.officer("chief_officer", files.service())).get(
        reverse("admin:import_job", args=[half_back.pk])
    )
    assert "1 dormant person had come back by it, and stays in daily use." in page.content.decode()


def test_the_page_offers_no_stop_then_and_says_why(half_back):
    client = office.sign_in(office.officer("chief_officer", files.service()))
    page = reverse("admin:import_job", args=[half_back.pk])
    assert "can no longer be stopped" in client.get(page).content.decode()
    assert f"{half_back.pk}/cancel/" not in client.get(page).content.decode()
    told = client.post(reverse("admin:import_cancel", args=[half_back.pk]), follow=True)
    assert "can no longer be stopped" in told.content.decode()
    half_back.refresh_from_db()
    assert half_back.cancel_asked_at is None


def test_ctrl_c_on_the_command_line_takes_everything_back_or_says_that_it_is_too_late(
    dormant, monkeypatch, tmp_path
):
    monkeypatch.setattr(engine, "WAKING", 1)
    run_slice = jobs.run_slice

    def interrupted_after(slices):
        def run_one(job, **options):
            if slices == 0:
                raise KeyboardInterrupt
            run_slice(job, **options)
            raise KeyboardInterrupt

        return run_one

    file = tmp_path / "events.csv"
    file.write_bytes(csv_bytes(HEADER, [payment(), payment("O-2", member="M-2")]))
    monkeypatch.setattr(jobs, "run_slice", interrupted_after(0))
    status, _, said = run("import_events", file, service="mikmik")
    assert status == 1 and "nothing was imported" in said
    assert set(DataSubject.objects.values_list("status", flat=True)) == {"dormant"}
    monkeypatch.setattr(jobs, "run_slice", interrupted_after(1))
    status, out, said = run("import_events", file, service="mikmik")
    assert status == 0 and "Too late to stop" in said and "2 new" in out
    assert set(DataSubject.objects.values_list("status", flat=True)) == {"active"}


def test_a_stop_that_was_asked_for_before_the_first_return_brings_nobody_back(
    dormant, now, monkeypatch
):
    data = csv_bytes(HEADER, [payment()])
    job = jobs.hand_in(files.service(), data, kind_of_file="events", actor=None, now=now)
    jobs.run_to_end(job, now=now)
    jobs.ask_apply(job, actor=None, now=now)
    sleepers = staging.sleepers

    def stopped_meanwhile(of):
        jobs.ask_cancel(of, now=now)
        return sleepers(of)

    monkeypatch.setattr(staging, "sleepers", stopped_meanwhile)
    jobs.run_to_end(job, now=now)
    assert (job.state, job.outcome["returned"]) == ("cancelled", 0)
    assert set(DataSubject.objects.values_list("status", flat=True)) == {"dormant"}


def test_what_happened_before_the_last_use_brings_nobody_back_alone_but_comes_in_with_a_later_use(
    dormant, now
):
    job = events([old()])
    assert (job.outcome["new"], job.outcome["rejected"]) == (0, 1)
    dormant.refresh_from_db()
    assert dormant.status == "dormant"
    job = events([old(), payment()])
    assert (job.outcome["new"], job.outcome["returning"], job.outcome["rejected"]) == (2, 1, 0)


def test_a_last_use_elsewhere_is_enough_to_come_back(dormant, now):
    row = ["L-1", "M-1", "last_use", "2026-11-20T12:00", "", "", ""]
    job = events([row])
    assert (job.outcome["changed"], job.outcome["returning"]) == (1, 1)
    dormant.refresh_from_db()
    assert dormant.status == "active"


def test_an_order_of_somebody_in_daily_use_is_a_use_and_never_turns_the_clock_back(now):
    bring(people(1))
    events([payment()])
    person = DataSubject.objects.get()
    assert person.last_used_at == datetime(2026, 11, 1, 3, tzinfo=UTC)
    later = payment("O-2")
    later[3] = "2026-11-20T12:00"
    events([later, payment("O-3")])
    person.refresh_from_db()
    assert person.last_used_at == datetime(2026, 11, 20, 3, tzinfo=UTC)


def test_the_look_up_names_dormant_people_and_nobody_who_has_left(dormant):
    found = lookup.by_value(files.service(), "login_id", {"person1": "asked"})
    assert (found.people, found.apart, found.dormant) == ({}, {"asked"}, {"asked": {dormant}})
    ArchivedSubject.objects.update(why="withdrawn")
    found = lookup.by_value(files.service(), "login_id", {"person1": "asked"})
    assert (found.apart, found.dormant) == ({"asked"}, {})


def another(person):
    return DataSubject.objects.exclude(pk=person.pk).get()


def values_of(person):
    records = list(person.records.all())
    ids = {person.pk: person.public_id}
    return gate.in_custody(records, subject_ids=ids).values()

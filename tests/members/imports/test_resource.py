"""The imports as resources of django-import-export: its contract, our engine."""

import pytest
from import_export.results import RowResult
from tablib import Dataset

from members.imports import engine, formats, jobs
from members.imports.resource import EventsResource, PeopleResource, resource_of
from members.models import DataSubject
from tests.members.imports import files
from tests.members.imports.files import NOW, PEOPLE, csv_bytes, people, person

pytestmark = pytest.mark.django_db(databases=files.DATABASES)


def resource():
    return resource_of(files.service(), "people", now=NOW)


def people_job(data):
    job = jobs.hand_in(files.service(), data, kind_of_file="people", actor=None, now=NOW)
    return jobs.run_to_end(job, now=NOW)


def test_a_dry_run_says_what_would_happen_and_writes_nothing():
    files.service()
    job = people_job(people(2))
    jobs.ask_apply(job, actor=None, now=NOW)
    jobs.run_to_end(job, now=NOW)
    rows = [person(1), person(2, name="박새이름"), person(3), person(4, email="x")]
    before = files.row_counts()
    dataset = formats.read(csv_bytes(PEOPLE, rows))
    result = resource().import_data(dataset, dry_run=True)
    assert files.row_counts() == before
    assert [row.import_type for row in result] == ["new", "update", "skip", "invalid"]
    assert (result.total_rows, result.totals[RowResult.IMPORT_TYPE_UPDATE]) == (4, 1)
    assert not result.has_errors()
    refused = result.invalid_rows[0]
    assert (refused.number, refused.values[0]) == (5, "M-4")
    assert refused.non_field_specific_errors == ["email: this is no e-mail address"]


def test_a_dataset_from_elsewhere_is_judged_by_the_same_engine():
    dataset = Dataset(person(1, external_id=7), person(2, name=""), headers=PEOPLE)
    result = resource().import_data(dataset, dry_run=True)
    assert result.totals["new"] == 1
    assert [row.number for row in result.invalid_rows] == [3]


def test_a_file_that_is_refused_whole_is_an_error_of_the_result():
    for data in (b"", b"\xd0\xcf\x11\xe0", csv_bytes([*PEOPLE, "shoe_size"], [])):
        result = resource().import_file(data, dry_run=True)
        assert result.has_errors()
        assert len(result.base_errors) == 1
        assert not list(result)


def test_applying_goes_through_a_job_and_in_slices(monkeypatch):
    monkeypatch.setattr(engine, "CHUNK", 2)
    job = people_job(people(3))
    jobs.ask_apply(job, actor=None, now=NOW)
    dataset = formats.read(people(3))
    options = {"job": job, "actor": None, "chunks": 1}
    half = resource().import_data(dataset, **options)
    assert (half.preview, list(half)) == (None, [])
    assert not DataSubject.objects.filter(status="active").exists()
    assert resource().import_data(dataset, **options).totals["new"] == 3
    assert DataSubject.objects.filter(status="active").count() == 3


def test_nothing_is_applied_without_a_job():
    with pytest.raises(ValueError, match="job"):
        resource().import_data(formats.read(people(1)))
    assert not DataSubject.objects.exists()


def test_every_kind_of_file_has_its_resource():
    assert isinstance(resource(), PeopleResource)
    assert isinstance(resource_of(files.service(), "events", now=NOW), EventsResource)
    assert set(engine.KINDS) == {"people", "events"}
    with pytest.raises(KeyError):
        resource_of(files.service(), "martians", now=NOW)


@pytest.mark.parametrize("step", ["preview", "advance"])
def test_jobs_and_commands_reach_the_engine_only_through_a_resource(step, monkeypatch):
    seen = []
    original = PeopleResource.import_data

    def watched(self, dataset, **options):
        seen.append("preview" if options.get("dry_run") else "advance")
        return original(self, dataset, **options)

    monkeypatch.setattr(PeopleResource, "import_data", watched)
    job = people_job(people(1))
    jobs.ask_apply(job, actor=None, now=NOW)
    jobs.run_to_end(job, now=NOW)
    assert step in seen

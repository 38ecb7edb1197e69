"""The same engine from the command line, with exit statuses a script can use."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from compliance.models import FindingSettlement, Service
from members.imports import tables
from members.models import ConsentState, DataSubject, Record
from tests.members.imports import files, workbooks
from tests.members.imports.files import PEOPLE, csv_bytes, people, person

pytestmark = pytest.mark.django_db(databases=files.DATABASES)


def run(command, *args, **options):
    """Return (exit status, standard output, standard error)."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(command, *args, stdout=out, stderr=err, **options)
    except CommandError as error:
        return error.returncode, out.getvalue(), err.getvalue() + str(error)
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def people_file(tmp_path):
    files.service()
    file = tmp_path / "people.csv"
    file.write_bytes(people(3))
    return file


def test_people_come_in(people_file):
    status, out, _ = run("import_members", people_file, service="mikmik")
    assert (status, out.strip()) == (0, "3 new, 0 changed, 0 same, 0 rejected")
    assert DataSubject.objects.filter(status="active").count() == 3


def test_a_dry_run_saves_nothing(people_file):
    before = files.row_counts()
    status, out, _ = run("import_members", people_file, service="mikmik", dry_run=True)
    assert status == 0
    assert "Nothing was saved." in out
    assert files.row_counts() == before


def test_refused_rows_are_named_and_written_and_the_status_is_1(people_file, tmp_path):
    people_file.write_bytes(csv_bytes(PEOPLE, [person(1), person(2, email="no")]))
    rejected = tmp_path / "rejected.csv"
    status, out, err = run("import_members", people_file, service="mikmik", rejected=rejected)
    assert status == 1
    assert "line 3: email: this is no e-mail address" in err
    assert rejected.read_bytes().startswith(b"\xef\xbb\xbfline,reasons,external_id")
    assert out.startswith("1 new")


@pytest.mark.parametrize(
    "options", [{"service": "nobody"}, {"service": "mikmik", "file": "missing.csv"}]
)
def test_a_wrong_call_has_the_status_2(people_file, options):
    file = options.pop("file", people_file)
    assert run("import_members", file, **options)[0] == 2


def test_events_come_in_from_json_lines(people_file, tmp_path):
    run("import_members", people_file, service="mikmik")
    events = tmp_path / "events.jsonl"
    line = {"external_ref": "O-1", "member": "M-1", "class": "contract_records"}
    events.write_text(json.dumps(line | {"occurred_at": "2026-01-01", "contract": "2026-01-01"}))
    assert run("import_events", events, service="mikmik")[0] == 0
    assert Record.objects.get(record_class="contract_records").anchors["contract"] == "2026-01-01"


@pytest.mark.parametrize("slug", ["mikmik", "letsmasak", "leje", "krainpop", "engoo"])
def test_every_service_has_templates_that_its_own_import_takes(slug, tmp_path):
    files.service(slug)
    for kind, command in (("member", "import_members"), ("events", "import_events")):
        file = tmp_path / f"{kind}.csv"
        assert run("import_template", service=slug, kind=kind, output=file)[0] == 0
        assert "password" not in file.read_text("utf-8-sig").split(",")
        status, _, said = run(command, file, service=slug)
        assert status == 1 and said.count("no rows under it") == 1, (
            "the columns are right, and that is all"
        )
    assert run("import_template", service=slug, kind="martian")[0] == 2


def seeded(**options):
    run("seed_demo", **options)
    return sorted(
        DataSubject.objects.values_list("service__slug", "kind", "language", "joined_at__date")
    )


def test_sample_people_are_the_same_for_the_same_seed_and_come_only_once():
    for slug in ("mikmik", "engoo"):
        files.service(slug)
    first = seeded(members=120, seed=3)
    assert seeded(members=120, seed=3) == first
    assert len(first) >= 120
    assert {row[2] for row in first} == {"ko", "id", "en"}
    assert {row[1] for row in first} >= {"member", "nonmember"}
    assert ConsentState.objects.exists()
    assert {"payment_records", "complaint_records"} <= set(
        Record.objects.values_list("record_class", flat=True)
    )
    assert not DataSubject.objects.exclude(status="active").exists()


def test_sample_services_are_marked_and_their_findings_settled_by_samples():
    files.service()
    seeded(members=1)
    assert Service.objects.get().is_demo
    assert Service.objects.get().is_live
    assert set(FindingSettlement.objects.values_list("is_sample", flat=True)) == {True}


def test_workbooks_come_in_and_go_out_where_the_name_asks_for_it(tmp_path):
    files.service()
    file, rejected = tmp_path / "people.xlsx", tmp_path / "rejected.xlsx"
    file.write_bytes(workbooks.workbook(PEOPLE, [person(1), person(2, email="no")]))
    status, out, _ = run("import_members", file, service="mikmik", rejected=rejected)
    assert (status, out.split(",")[0]) == (1, "1 new")
    assert tables.read(rejected.read_bytes()).header == ("line", "reasons", *PEOPLE)
    for kind, command in (("member", "import_members"), ("events", "import_events")):
        assert run("import_template", service="mikmik", kind=kind, output=file)[0] == 0
        assert tables.is_workbook(file.read_bytes())
        assert "no rows under it" in run(command, file, service="mikmik")[2]


def test_some_sample_records_are_near_their_last_day():
    files.service()
    run("seed_demo", members=400)
    near = Record.objects.filter(due_on__isnull=False).order_by("due_on").first()
    assert near is not None


def test_a_service_with_real_people_gets_no_samples(people_file):
    run("import_members", people_file, service="mikmik")
    assert run("seed_demo", members=5)[0] == 2
    assert DataSubject.objects.count() == 3
    assert not Service.objects.get().is_demo

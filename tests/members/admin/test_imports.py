"""The import pages: who may, what they show, and that no file breaks them."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.admin import site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse
from django.utils import timezone
from import_export.mixins import BaseImportExportMixin

from compliance.actions import upload as uploads
from compliance.models import Job, LedgerEntry, Upload
from members.imports import jobs, tables
from members.models import DataSubject, Record
from members.tasks import run_imports
from tests.members.imports import files, workbooks
from tests.members.imports.files import PEOPLE, csv_bytes, people, person
from tests.members.imports.test_hostile_files import REFUSED_WHOLE
from tests.members.imports.test_workbooks import HOSTILE
from tests.tools import office

pytestmark = pytest.mark.django_db(databases=files.DATABASES)


def chief(*services):
    return office.sign_in(office.officer("chief_officer", *(services or (files.service(),))))


def upload(client, data, *, service=None, kind="people", name="people.csv"):
    form = {
        "service": (service or files.service()).pk,
        "kind_of_file": kind,
        "file": SimpleUploadedFile(name, data),
    }
    return client.post(reverse("admin:imports"), form)


def job_page(response):
    return response.headers["Location"]


def test_an_officer_hands_in_looks_and_applies():
    client = chief()
    page = job_page(upload(client, csv_bytes(PEOPLE, [person(1), person(2, email="x")])))
    waiting = client.get(page).content.decode()
    assert 'http-equiv="refresh"' in waiting
    run_imports(timezone.now())
    shown = client.get(page).content.decode()
    assert "What would happen" in shown
    assert "Nothing is saved yet." in shown
    assert "Line 3: email: this is no e-mail address" in shown
    assert not DataSubject.objects.exists()
    job = Job.objects.get()
    client.post(reverse("admin:import_apply", args=[job.pk]))
    run_imports(timezone.now() + timedelta(minutes=1))
    assert "What happened" in client.get(page).content.decode()
    assert DataSubject.objects.get().status == "active"
    assert not Upload.objects.filter(kind=jobs.FILE, destroyed_at=None).exists()


def test_refused_rows_come_back_in_the_officers_language_and_harmless():
    client = chief()
    page = job_page(upload(client, csv_bytes(PEOPLE, [person(1, name="=1+1", email="x")])))
    run_imports(timezone.now())
    response = client.get(page + "rejected.csv")
    assert response.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[0][:2] == ["line", "reasons"]
    assert "'=1+1" in rows[1]


def test_values_are_masked_on_the_page():
    client = chief()
    for data in (people(1), csv_bytes(PEOPLE, [person(1, email="changed@mail.example")])):
        page = job_page(upload(client, data))
        run_imports(timezone.now())
        shown = client.get(page).content.decode()
        client.post(page + "apply/")
        run_imports(timezone.now())
    assert "ch***@mail.example" in shown
    assert "changed@mail.example" not in shown


@pytest.mark.parametrize("role", ["handler", "marketing", "auditor", "administrator"])
def test_roles_without_the_permission_see_nothing(role):
    service = files.service()
    job = jobs.hand_in(service, people(1), kind_of_file="people", actor=None, now=timezone.now())
    client = office.sign_in(office.officer(role, service))
    assert client.get(reverse("admin:imports")).status_code == 403
    for name in ("import_job", "import_rejected", "import_rejected_xlsx"):
        assert client.get(reverse(f"admin:{name}", args=[job.pk])).status_code == 403
    for name in ("import_apply", "import_cancel"):
        assert client.post(reverse(f"admin:{name}", args=[job.pk])).status_code == 403


def test_an_officer_of_another_service_sees_nothing_of_it():
    job = jobs.hand_in(
        files.service(), people(1), kind_of_file="people", actor=None, now=timezone.now()
    )
    client = chief(files.service("leje"))
    assert client.get(reverse("admin:import_job", args=[job.pk])).status_code == 403
    assert "MIKMIK" not in client.get(reverse("admin:imports")).content.decode()
    assert upload(client, people(1)).status_code == 200
    assert Job.objects.count() == 1


@pytest.mark.parametrize("case", REFUSED_WHOLE)
def test_no_hostile_file_breaks_the_page_or_leaves_anything(case):
    client = chief()
    response = upload(client, REFUSED_WHOLE[case][0], name="../../\u202egpj.csv")
    if response.status_code == 302:
        run_imports(timezone.now())
        page = client.get(job_page(response))
        assert page.status_code == 200
        assert "The file cannot be taken" in page.content.decode()
        assert client.get(job_page(response) + "rejected.csv").status_code == 200
        client.post(job_page(response) + "apply/")
        run_imports(timezone.now())
    assert response.status_code in (200, 302)
    assert not DataSubject.objects.exists()
    assert not Record.objects.exists()


def test_an_import_can_be_stopped():
    client = chief()
    page = job_page(upload(client, people(3)))
    client.post(page + "cancel/")
    run_imports(timezone.now())
    assert "It was stopped" in client.get(page).content.decode()
    assert not Upload.objects.filter(kind=jobs.FILE, destroyed_at=None).exists()


def test_templates_have_the_items_and_no_password():
    client = chief()
    response = client.get(reverse("admin:import_template", args=["mikmik", "member"]))
    columns = response.content.decode("utf-8-sig").strip().split(",")
    assert {"external_id", "name", "login_id", "email", "mobile"} <= set(columns)
    assert "password" not in columns
    assert (
        client.get(reverse("admin:import_template", args=["mikmik", "visitor"])).status_code == 404
    )
    assert client.get(reverse("admin:import_template", args=["leje", "member"])).status_code == 404


def test_the_ledger_names_the_officer_and_no_personal_data():
    client = chief()
    page = job_page(upload(client, people(1)))
    run_imports(timezone.now())
    client.post(page + "apply/")
    run_imports(timezone.now())
    entries = list(LedgerEntry.objects.filter(code__startswith="members.import"))
    assert {entry.code.rpartition(".")[2] for entry in entries} == {
        "handed_in",
        "previewed",
        "staged",
        "applied",
    }
    assert all(entry.actor != "system" for entry in entries)
    assert "person1" not in str([entry.data for entry in entries])


def test_an_import_whose_file_is_gone_says_so():
    client = chief()
    page = job_page(upload(client, people(1)))
    uploads.destroy(
        list(Upload.objects.values_list("pk", flat=True)), actor=None, now=timezone.now()
    )
    run_imports(timezone.now())
    assert "destroyed after 24 hours" in client.get(page).content.decode()


def test_a_workbook_comes_in_and_its_refused_rows_go_back_as_one():
    client = chief()
    data = workbooks.workbook(PEOPLE, [person(1), person(2, name="'=1+1", email="x")])
    page = job_page(upload(client, data, name="people.xlsx"))
    run_imports(timezone.now())
    response = client.get(page + "rejected.xlsx")
    assert response.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert response.headers["Content-Disposition"].endswith('.xlsx"')
    rows = list(tables.read(response.content).lines())
    assert rows[0].cells[:2] == ("3", "email: this is no e-mail address")
    assert "=1+1" in rows[0].cells
    client.post(page + "apply/")
    run_imports(timezone.now())
    assert DataSubject.objects.get().status == "active"


@pytest.mark.parametrize("case", HOSTILE)
def test_no_hostile_workbook_breaks_the_page(case):
    client = chief()
    response = upload(client, HOSTILE[case][0](), name="people.xlsx")
    if response.status_code == 200:
        assert "20 MB" in response.content.decode()
        return
    run_imports(timezone.now())
    page = client.get(job_page(response)).content.decode()
    assert "The file cannot be taken" in page
    assert Job.objects.get().outcome["problems"] == 1
    assert client.get(job_page(response) + "rejected.xlsx").status_code == 200


def test_templates_come_in_both_formats():
    client = chief()
    found = []
    for name in ("import_template", "import_template_xlsx"):
        response = client.get(reverse(f"admin:{name}", args=["mikmik", "member"]))
        found.append(tables.read(response.content).header)
    assert found[0] == found[1]
    address = reverse("admin:import_template_xlsx", args=["mikmik", "visitor"])
    assert client.get(address).status_code == 404


def test_the_form_offers_the_formats_that_are_read():
    page = chief().get(reverse("admin:imports")).content.decode()
    assert 'accept=".csv,.xlsx,.jsonl"' in page


def test_the_stock_views_of_the_import_library_have_no_address():
    assert not [
        model for model in site._registry.values() if isinstance(model, BaseImportExportMixin)
    ]
    assert not [
        one for one in addresses(get_resolver()) if "import_export" in (one.lookup_str or "")
    ]


def addresses(resolver):
    for one in resolver.url_patterns:
        yield from addresses(one) if hasattr(one, "url_patterns") else [one]

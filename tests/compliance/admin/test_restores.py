"""Restores in the office: shown to those who may see the audit trail, changed by nobody."""

import pytest
from django.urls import reverse

from compliance.models import RestoreReport
from tests.tools.office import officer, service, sign_in

pytestmark = pytest.mark.django_db
PAGE = "admin:compliance_restorereport_changelist"


@pytest.fixture
def mikmik():
    return service()


@pytest.fixture
def report(now):
    return RestoreReport.objects.create(
        state=RestoreReport.State.SIGNED_OFF,
        findings=[{"name": "keyring", "why": "mark-behind", "knows": 2, "expected": 4}],
        counts={"keys_destroyed": 7},
        left={"letters": 1},
        found_at=now,
        replayed_at=now,
        signed_off_at=now,
    )


def test_the_list_and_the_page_say_what_was_put_back(mikmik, report):
    client = sign_in(officer("auditor", mikmik))
    assert "keyring" in client.get(reverse(PAGE)).content.decode()
    page = client.get(reverse("admin:compliance_restorereport_change", args=[report.pk]))
    words = page.content.decode()
    assert "keys_destroyed 7" in words
    assert "Signed off" in words


def test_an_empty_list_explains_itself(mikmik):
    page = sign_in(officer("auditor", mikmik)).get(reverse(PAGE))
    assert "No database was ever put back from a backup." in page.content.decode()


@pytest.mark.parametrize("role", ["handler", "marketing", "administrator"])
def test_other_roles_do_not_see_it(mikmik, report, role):
    assert sign_in(officer(role, mikmik)).get(reverse(PAGE)).status_code == 403


def test_nobody_changes_or_deletes_a_report(mikmik, report):
    client = sign_in(officer("chief_officer", mikmik))
    address = reverse("admin:compliance_restorereport_change", args=[report.pk])
    assert client.post(address, {"state": "found"}).status_code in (403, 405)
    delete = reverse("admin:compliance_restorereport_delete", args=[report.pk])
    assert client.post(delete, {"post": "yes"}).status_code in (403, 404)
    report.refresh_from_db()
    assert report.state == RestoreReport.State.SIGNED_OFF

"""Restores in the office: shown to those who may see the audit trail, changed by nobody."""

import pytest
from django.urls import reverse

from compliance import duties
from compliance.models import LedgerEntry, RestoreReport, RestoreTask, Service
from tests.tools import office
from tests.tools.office import officer, service, sign_in

pytestmark = pytest.mark.django_db(databases="__all__")
PAGE = "admin:compliance_restorereport_changelist"


@pytest.fixture
def mikmik():
    return service()


@pytest.fixture
def report(now, mikmik):
    return RestoreReport.objects.create(
        state=RestoreReport.State.SIGNED_OFF,
        findings=[{"name": "keyring", "why": "mark-behind", "knows": 2, "expected": 4}],
        counts={"keys_destroyed": 7},
        left={"letters": 1},
        found_at=now,
        replayed_at=now,
        signed_off_at=now,
        asked_by=office.officer("officer", mikmik, name="Mina Asks"),
        signed_off_by=office.officer("officer", mikmik, name="Juno Signs"),
    )


def test_the_list_and_the_page_say_what_was_put_back(mikmik, report):
    client = sign_in(officer("auditor", mikmik))
    assert "keyring" in client.get(reverse(PAGE)).content.decode()
    page = client.get(reverse("admin:compliance_restorereport_change", args=[report.pk]))
    words = page.content.decode()
    assert "7 × keys destroyed" in words and "1 × letters" in words
    assert "Mina Asks" in words and "Juno Signs" in words and report.digest in words
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


@pytest.fixture
def line(report, mikmik, now):
    mina = officer("officer", mikmik, name="Mina Confirmed")
    return RestoreTask.objects.create(
        report=report,
        code="members.case_flag.confirmed",
        service_slug=mikmik.slug,
        subject_key="ab" * 32,
        object_ref="case_flag:7",
        actor=mina.username,
        at=now,
    )


def test_a_line_says_what_to_do_about_whom_and_by_whom_it_was_done(mikmik, report, line):
    client = sign_in(officer("auditor", mikmik))
    page = client.get(reverse("admin:compliance_restorereport_change", args=[report.pk]))
    words = page.content.decode()
    for said in ("Enter this case again", "abababababab", "case_flag:7", "Mina Confirmed"):
        assert said in words
    assert "<form" not in words.partition("Left for a person")[2].partition("</section>")[0]
    done = reverse("admin:compliance_restorereport_done", args=[report.pk, line.pk])
    assert client.post(done).status_code == 403


def test_a_line_is_a_duty_until_an_officer_says_that_it_is_done(mikmik, report, line, now):
    acting = officer("officer", mikmik)
    done = reverse("admin:compliance_restorereport_done", args=[report.pk, line.pk])
    title = "Steps left after a restore"
    assert [d.count for d in duties.due(Service.objects.all(), now) if d.title == title] == [1]
    client = sign_in(acting)
    assert client.get(done).status_code == 403
    client.post(done)
    client.post(done)
    line.refresh_from_db()
    assert line.done_by == acting and line.done_at
    assert LedgerEntry.objects.filter(code="compliance.restore.step_done").count() == 1
    assert not [d for d in duties.due(Service.objects.all(), now) if d.title == title]

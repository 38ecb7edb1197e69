"""Evidence in the office: certificates, the audit trail and its check, jobs, turns of the timetable."""

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from compliance import ledger, policy_duties
from compliance.actions import certificate
from compliance.admin.history import WORDS
from compliance.admin.ledger_words import ENTRIES
from compliance.ledger_codes import CODES
from compliance.models import Certificate, Job, LedgerEntry, PolicyVersion, Service, Slot
from compliance.triggers import without_triggers
from tests.tools import cast, office

pytestmark = pytest.mark.django_db(databases="__all__")
TRAIL = reverse("admin:compliance_ledgerentry_changelist")
CHECK = reverse("admin:verify_ledger")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def client(mikmik):
    return office.sign_in(office.officer("officer", mikmik))


def test_every_code_of_the_ledger_has_words():
    assert not CODES.keys() - ENTRIES.keys() - WORDS.keys()


def test_a_certificate_says_what_by_which_clause_and_whether_it_is_final(client, mikmik, now):
    counts = [
        {"class": "payment_records", "rule": "payment_5y", "clause": "5.2.2", "records": 3},
        {"class": "account_data", "rule": "", "clause": "9.1", "records": 2},
    ]
    with transaction.atomic():
        made = certificate.issue_for_run(mikmik, counts=counts, run="destruction:x", now=now)
    page = reverse("admin:compliance_certificate_change", args=[made.pk])
    shown = client.get(page).content.decode()
    assert "5.2.2" in shown and "5 records of MIKMIK" in shown and "Final on" in shown
    Certificate.objects.filter(pk=made.pk).update(final_on=None)
    shown = client.get(page).content.decode()
    assert "Not final: the key is in the environment" in shown and "KEK_HEX" in shown
    Certificate.objects.filter(pk=made.pk).update(final_on=now.date())
    assert "Final on" in client.get(page).content.decode()
    Certificate.objects.filter(pk=made.pk).update(final_at=now)
    listed = client.get(reverse("admin:compliance_certificate_changelist")).content.decode()
    assert "Final since" in listed and "5.2.2, 9.1" in listed


def test_a_certificate_of_another_service_does_not_exist(client, now):
    leje = cast.service("leje")
    with transaction.atomic():
        made = certificate.issue_for_run(leje, counts=[], run="destruction:y", now=now)
    assert (
        client.get(reverse("admin:compliance_certificate_change", args=[made.pk])).status_code
        == 404
    )


def test_the_trail_is_narrowed_by_noun_and_day(client, mikmik, now):
    with transaction.atomic():
        ledger.record("compliance.account.signed_in", actor=None, now=now, service=mikmik)
    found = client.get(TRAIL, {"about": "compliance.account"}).context["cl"].result_list
    assert {row.code for row in found} == {"compliance.account.signed_in"}
    day = timezone.localtime(now).date().isoformat()
    found = client.get(TRAIL, {"from": day, "to": day}).context["cl"].result_list
    assert [row.code for row in found] == ["compliance.account.signed_in"]
    kept = client.get(TRAIL, {"from": day, "by": "system"}).content.decode()
    assert '<input type="hidden" name="by" value="system">' in kept


def test_the_check_writes_nothing_and_names_the_first_bad_entry(client, mikmik, now):
    with transaction.atomic():
        for _turn in range(3):
            ledger.record("compliance.account.signed_in", actor=None, now=now, service=mikmik)
    before = LedgerEntry.objects.count()
    assert "entries checked: the chain is whole" in client.post(CHECK).content.decode()
    assert LedgerEntry.objects.count() == before
    with without_triggers("default"), connection.cursor() as cursor:
        cursor.execute("UPDATE compliance_ledgerentry SET actor = 'x' WHERE seq = %s", [before - 1])
    assert f"Entry #{before - 1} is the first that is wrong" in client.post(CHECK).content.decode()


def test_a_get_checks_nothing(client):
    assert client.get(CHECK).context["result"] is None


def test_jobs_show_counts_and_stay_in_their_service(client, mikmik, now):
    leje = cast.service("leje")
    mine = Job.objects.create(
        kind="import_people", service=mikmik, created_at=now, outcome={"new": 3}
    )
    other = Job.objects.create(kind="import_people", service=leje, created_at=now)
    house = Job.objects.create(kind="roll", created_at=now)
    answer = client.get(reverse("admin:compliance_job_changelist"))
    assert {row.pk for row in answer.context["cl"].result_list} == {mine.pk, house.pk}
    assert (
        "new 3"
        in client.get(reverse("admin:compliance_job_change", args=[mine.pk])).content.decode()
    )
    assert client.get(reverse("admin:compliance_job_change", args=[other.pk])).status_code == 404


def test_turns_of_the_timetable_show_what_was_left_alone(client, now):
    Slot.objects.create(
        entry="retention.destroy",
        slot_at=now,
        started_at=now,
        finished_at=now,
        done=4,
        skipped={"hold": 2},
    )
    page = client.get(reverse("admin:compliance_slot_changelist"), {"entry": "retention.destroy"})
    assert "hold 2" in page.content.decode()


def test_findings_and_days_that_cannot_be_met_are_duties(mikmik, now):
    services = Service.objects.filter(pk=mikmik.pk)
    assert policy_duties.missed_days(services, now) == []
    version = cast.version(mikmik)
    late = PolicyVersion.objects.create(
        service=mikmik,
        number=2,
        state=PolicyVersion.State.IN_REVIEW,
        title="Later",
        name=version.name,
        timezone=version.timezone,
        change_class="important",
        effective_on=now.date(),
        created_at=now,
    )
    (duty,) = policy_duties.missed_days(services, now)
    assert duty.url_args == (late.pk,) and duty.severity == "overdue"
    (review,) = policy_duties.waiting_reviews(services, now)
    assert review.url_args == (late.pk,) and review.permission == "policies.approve"
    assert policy_duties.effective_days(services, now) == []
    PolicyVersion.objects.filter(pk=late.pk).update(state=PolicyVersion.State.ANNOUNCED)
    (effective,) = policy_duties.effective_days(services, now)
    assert effective.severity == "note"
    assert effective.due_at is not None and effective.due_at.date() == now.date()
    assert policy_duties.waiting_reviews(services, now) == []
    found = policy_duties.blocking_findings(services, now)
    assert not mikmik.is_live and found and found[0].url_args == (mikmik.pk,)

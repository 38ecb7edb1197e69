"""An officer ends a membership for somebody who asked by telephone, and proves it afterwards."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from compliance.models import Certificate, LedgerEntry
from members import tasks
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, RightsRequest, Withdrawal
from tests.tools import office, visits

pytestmark = pytest.mark.django_db(databases="__all__")


def url_of(person):
    return reverse("admin:members_member_withdraw", args=[person.pk])


def filled(answer, **more):
    plan = answer.context["form"].initial["plan"]
    return {"channel": "phone", "password": office.PASSWORD, "plan": plan} | more


@pytest.mark.promise("MIK-8.2")
def test_a_withdrawal_by_telephone_runs_from_the_page_to_the_certificate(client, minji, smtp_sink):
    asked = client.get(url_of(minji))
    assert "5.2.2" in asked.content.decode()
    assert "minji@" not in asked.content.decode()
    answer = client.post(url_of(minji), filled(asked), follow=True)
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.LEAVING
    assert "is leaving" in answer.content.decode()
    request = RightsRequest.objects.get()
    assert request.channel == "phone"
    for _turn in range(3):
        tasks.send_deliveries(timezone.now())
        tasks.carry_out_withdrawals(timezone.now())
    opened = Withdrawal.objects.get()
    assert opened.step == Withdrawal.Step.COMPLETE
    assert len(smtp_sink.accepted()) == 1
    requested = LedgerEntry.objects.get(code="members.withdrawal.requested")
    assert requested.actor != "system" and requested.data["channel"] == "phone"
    assert ArchivedRecord.objects.count() >= 3 and Certificate.objects.count() == 1
    assert not LogEntry.objects.exists()
    after_it(client, opened, request)


def after_it(client, opened, request):
    """Every page that tells of it opens, and none names anybody."""
    apart = ArchivedSubject.objects.get()
    pages = [
        reverse("admin:members_withdrawal_changelist"),
        reverse("admin:members_withdrawal_change", args=[opened.pk]),
        reverse("admin:members_rightsrequest_changelist"),
        reverse("admin:members_rightsrequest_change", args=[request.pk]),
        reverse("admin:members_delivery_changelist"),
        reverse("admin:archive_archivedsubject_changelist"),
        reverse("admin:archive_archivedsubject_change", args=[apart.pk]),
        reverse("admin:archive_archivedrecord_changelist"),
        reverse("admin:archive_archivedrecord_change", args=[apart.records.first().pk]),
        reverse("admin:rejoin_digests"),
        reverse("admin:compliance_certificate_changelist"),
        reverse("admin:compliance_certificate_change", args=[Certificate.objects.get().pk]),
        reverse("admin:members_consentevent_changelist"),
        reverse("admin:members_member_changelist"),
    ]
    for url in pages:
        answer = client.get(url)
        assert answer.status_code == 200, url
        for raw in ("Minji", "minji@", "minji-id", "Shirt 29"):
            assert raw not in answer.content.decode(), url
    assert "5.2.2" in client.get(pages[6]).content.decode()


@pytest.mark.parametrize(
    "fault", [{"password": "wrong"}, {"channel": "web"}, {"channel": ""}, {"plan": "old"}]
)
def test_a_form_with_a_fault_ends_nothing(client, minji, fault):
    asked = client.get(url_of(minji))
    answer = client.post(url_of(minji), filled(asked, **fault))
    assert answer.status_code == 200
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.ACTIVE
    assert office.PASSWORD not in answer.content.decode()


def test_guessing_the_password_is_braked(client, minji):
    asked = client.get(url_of(minji))
    for _turn in range(5):
        client.post(url_of(minji), filled(asked, password="wrong"))
    answer = client.post(url_of(minji), filled(asked))
    assert "Too many wrong passwords" in answer.content.decode()
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.ACTIVE


def test_somebody_who_is_leaving_cannot_be_withdrawn_again(client, minji):
    asked = client.get(url_of(minji))
    client.post(url_of(minji), filled(asked))
    assert client.get(url_of(minji)).status_code == 302
    assert Withdrawal.objects.count() == 1


def test_a_purchaser_has_no_membership_to_withdraw(client, mikmik):
    guest = visits.purchaser(mikmik, "A-1")
    url = reverse("admin:members_purchaser_withdraw", args=[guest.pk])
    assert client.get(url).status_code == 404

"""The office's pages of identity checks: taken in, looked at, recorded; each role its part."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from compliance.models import Service
from members import case_duties
from members.actions import identity_check
from members.models import IdentityCheck
from tests.tools import office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
SCAN = b"\x89PNG\r\n\x1a\n licence"


@pytest.fixture
def engoo():
    return visits.live("engoo")


@pytest.fixture
def sora(engoo):
    return visits.person(engoo)


@pytest.fixture
def mina(engoo):
    return office.sign_in(office.officer("officer", engoo, name="mina"))


def to(view, pk):
    return reverse(f"admin:members_identitycheck_{view}", args=[pk])


def take_in(client, person, content=SCAN, **changed):
    scan = SimpleUploadedFile("licence.png", content)
    given = {"document": "passport", "purpose": "identity_verification", "scan": scan}
    return client.post(to("take_in", person.pk), {**given, **changed})


def test_a_document_is_taken_in_looked_at_and_recorded(mina, sora):
    page = mina.get(reverse("admin:members_member_change", args=[sora.pk])).content.decode()
    assert to("take_in", sora.pk) in page
    answer = take_in(mina, sora)
    check = IdentityCheck.objects.get()
    assert answer.url == to("record", check.pk)
    file = mina.post(to("scan", check.pk))
    assert file.content == SCAN and file["Content-Type"] == "application/octet-stream"
    assert (
        file["Content-Disposition"].startswith("attachment") and "no-store" in file["Cache-Control"]
    )
    mina.post(to("record", check.pk), {"result": "not_confirmed"})
    identity_check.destroy_scans(timezone.now())
    page = mina.get(to("change", check.pk)).content.decode()
    assert "It is not this person" in page and "destroyed" in page
    assert "Scan of an official document destroyed" in page


def test_a_file_that_is_no_scan_says_so_beside_the_field(mina, sora):
    page = take_in(mina, sora, content=b"GIF89a").content.decode()
    assert "neither a PDF nor a JPEG nor a PNG" in page and "has-error" in page
    assert not IdentityCheck.objects.exists()
    page = take_in(mina, sora, document="card").content.decode()
    assert "card" in page and not IdentityCheck.objects.exists()


def test_only_who_may_see_values_takes_in_looks_or_records(engoo, sora, mina):
    take_in(mina, sora)
    check = IdentityCheck.objects.get()
    for role, listed in (("handler", 200), ("auditor", None), ("marketing", 403)):
        other = office.sign_in(office.officer(role, engoo, name=f"one-{role}"))
        assert take_in(other, sora).status_code in (403, 404)
        assert other.post(to("scan", check.pk)).status_code in (302, 403, 404)
        assert other.post(to("scan", check.pk)).content != SCAN
        assert other.post(to("record", check.pk), {"result": "confirmed"}).status_code in (
            302,
            403,
            404,
        )
        if listed:
            assert (
                other.get(reverse("admin:members_identitycheck_changelist")).status_code == listed
            )
    check.refresh_from_db()
    assert check.checked_at is None


def test_an_officer_of_another_service_sees_nothing_of_it(sora, mina):
    take_in(mina, sora)
    check = IdentityCheck.objects.get()
    stranger = office.sign_in(office.officer("officer", visits.live(), name="stranger"))
    assert stranger.post(to("scan", check.pk)).content != SCAN
    assert take_in(stranger, sora).status_code == 404
    assert (
        f"#{check.pk}<"
        not in stranger.get(reverse("admin:members_identitycheck_changelist")).content.decode()
    )


def test_a_waiting_document_is_a_duty_and_its_values_are_no_text_on_the_person_s_page(mina, sora):
    take_in(mina, sora)
    (duty,) = case_duties.documents(Service.objects.all(), timezone.now())
    assert duty.count == 1
    page = mina.get(reverse(duty.url_name), duty.query).content.decode()
    assert "To be checked" in page
    tab = mina.get(
        f"{reverse('admin:members_member_change', args=[sora.pk])}?tab=data"
    ).content.decode()
    assert "iVBORw" not in tab

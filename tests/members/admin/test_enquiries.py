"""The office answers: registers what came by telephone or letter, reads on record, previews, sends, closes in time."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from compliance import ledger
from compliance.models import LedgerEntry
from members import office_duties, request_texts
from members.actions import delivery, enquiry
from members.actions.enquiry import Letter
from members.models import DataSubject, Delivery, RightsRequest
from tests.tools import cast, office, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)  # A Monday noon in Seoul.
LIST = "admin:members_enquiry_changelist"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as moving:
        yield moving


def written(service, *, subject=None, kind="enquiry", now=NOW):
    contact = {} if subject else {"name": "Haeun Kim", "email": "haeun@mail.example"}
    letter = Letter(kind, "Why do you hold my number?", "web", contact=contact, language="en")
    return enquiry.receive(service, letter, subject=subject, actor=None, now=now)


def url(name, case):
    return reverse(f"admin:members_enquiry_{name}", args=[case.pk])


def register(client, service, **more):
    local = timezone.localtime()
    data = {
        "kind": "complaint",
        "topic": "privacy",
        "channel": "phone",
        "to": "phone",
        "received_on": local.date().isoformat(),
        "received_time": local.strftime("%H:%M"),
        "text": "My parcel went to a neighbour",
        "phone": "010-1234-5678",
    }
    address = reverse("admin:members_enquiry_register", args=[service.slug])
    return client.post(address, data | more, follow=True)


@pytest.mark.promise("MIK-17.2", "MIK-17.3a", "MIK-18.2")
def test_a_call_is_registered_with_its_way_its_topic_and_a_call_back(client, mikmik, clock):
    clock.move_to(NOW.replace(hour=8, minute=30))  # 17:30 in Seoul.
    page = register(client, mikmik).content.decode()
    case = RightsRequest.objects.get()
    assert case.reference in page
    assert case.outcome == {"topic": "privacy", "contact": "phone"}
    assert case.due_at == datetime(2026, 11, 24, 1, tzinfo=UTC)  # 10:00 in Seoul.
    assert not Delivery.objects.exists()


@pytest.mark.promise("LEJ-8", "ENG-5")
@pytest.mark.parametrize(("slug", "contact"), [("leje", "email"), ("engoo", "email")])
def test_a_complaint_by_e_mail_gets_a_number_and_a_receipt(slug, contact):
    service = visits.live(slug)
    dana = office.sign_in(office.officer("officer", service))
    code = next(row.code for row in service.versions.get().contacts.all())
    register(dana, service, channel="email", to=code, email="haeun@mail.example")
    case = RightsRequest.objects.get()
    assert (case.channel, case.kind, case.outcome["contact"]) == ("email", "complaint", code)
    assert Delivery.objects.get().event == "enquiry_received"


def test_a_case_of_a_known_person_is_found_by_number_and_needs_no_address(client, mikmik, minji):
    register(client, mikmik, person=f"p_{minji.public_id[:8]}", phone="")
    case = RightsRequest.objects.get()
    assert case.subject == minji
    assert [text.role for text in request_texts.of_request(case)] == ["body"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"phone": ""}, "a way to answer"),
        ({"person": "p_00000000"}, "Nobody of this service"),
        ({"person": "p_0"}, "Nobody of this service"),
        ({"email": "a@b"}, "Enter an e-mail address"),
        ({"received_time": "23:59"}, "not come yet"),
        ({"channel": "web"}, "There is a problem"),
        ({"text": ""}, "There is a problem"),
    ],
)
def test_a_faulty_registration_says_what_is_wrong_and_keeps_nothing(client, mikmik, more, words):
    assert words in register(client, mikmik, **more).content.decode()
    assert not RightsRequest.objects.exists()


def test_somebody_of_another_service_is_nobody_here(client, mikmik):
    other = visits.person(visits.live("engoo"))
    page = register(client, mikmik, person=other.public_id).content.decode()
    assert "Nobody of this service" in page


@pytest.mark.promise("MIK-17.1", "MIK-17.3b")
def test_from_reading_over_a_preview_to_the_answer(client, mikmik):
    case = written(mikmik)
    page = client.post(url("read", case)).content.decode()
    assert "Why do you hold my number?" in page
    assert "haeun@mail.example" not in page
    assert "Haeun Kim" not in page
    assert "@mail.example" in page or "@" in page
    answer = {"text": "Because of <your> order.\n\nSee clause 3.", "step": "preview"}
    preview = client.post(url("answer", case), answer).content.decode()
    assert f"Answer to your message {case.reference}" in preview
    assert "118, https://privacy.kisa.or.kr" in preview
    assert "Because of &lt;your&gt; order." in preview
    assert not Delivery.objects.filter(event="enquiry_answered").exists()
    kept = re.search(r'name="text" value="([^"]*)"', preview)[1]
    assert kept.startswith("Because of &lt;your&gt; order.\n\nSee")
    back = client.post(url("answer", case), {**answer, "step": "back"}).content.decode()
    assert "See clause 3.</textarea>" in back
    client.post(url("answer", case), {**answer, "step": "send"})
    case.refresh_from_db()
    assert (case.state, case.answered_at) == ("done", NOW)
    mail = Delivery.objects.get(event="enquiry_answered")
    assert delivery.contents_of([mail])[mail.pk]["answer"] == answer["text"]
    assert ledger.verify().ok


@pytest.mark.promise("MIK-17.1")
def test_an_empty_answer_closes_nothing(client, mikmik):
    case = written(mikmik)
    for step in ("preview", "send"):
        page = client.post(url("answer", case), {"text": "  ", "step": step}).content.decode()
        assert "no case closes without one" in page
    case.refresh_from_db()
    assert case.state == "open"


def test_an_answer_given_on_the_telephone_is_recorded_and_not_mailed(client, mikmik):
    case = written(mikmik)
    answer = {"text": "Told on the telephone.", "told": "on"}
    assert "no e-mail" in client.post(url("answer", case), answer).content.decode()
    client.post(url("answer", case), {**answer, "step": "send"})
    case.refresh_from_db()
    assert case.outcome["result"] == "told"
    assert not Delivery.objects.filter(event="enquiry_answered").exists()


@pytest.mark.promise("LMK-2k")
def test_the_page_of_an_answer_names_what_it_may_use_and_the_look_is_recorded():
    service = visits.live("letsmasak")
    support = office.sign_in(office.officer("handler", service))
    sora = visits.person(service)
    case = written(service, subject=sora)
    held = DataSubject.objects.get().records.values_list("item_codes", flat=True)
    page = support.post(url("read", case)).content.decode()
    entry = LedgerEntry.objects.get(code="members.enquiry.opened")
    assert entry.data["texts"] == 1
    assert set(entry.data["items"]) <= {code for codes in held for code in codes}
    for hidden in ("Bank account", "Credit card number", "sora@mail.example"):
        assert hidden not in page


def test_looking_is_a_deed_and_no_link(client, mikmik):
    case = written(mikmik)
    for name in ("read", "answer", "take"):
        assert client.get(url(name, case)).url == url("change", case)
    assert not LedgerEntry.objects.filter(code="members.enquiry.opened").exists()


def test_a_case_is_taken_and_extended(client, mikmik):
    case = written(mikmik)
    client.post(url("take", case))
    client.post(url("extend", case), {"until": "2026-11-27", "reason": "waits_for_proof"})
    case.refresh_from_db()
    assert case.handler.full_name == "mina"
    assert case.extended_to == datetime(2026, 11, 27, 14, 59, 59, tzinfo=UTC)
    assert Delivery.objects.filter(event="enquiry_later").count() == 1
    page = client.post(url("extend", case), {"until": "2026-11-24", "reason": "waits_for_proof"})
    assert "Choose a later day" in page.content.decode()


@pytest.mark.promise("MIK-17.3b")
def test_a_case_warns_at_20_hours_and_is_late_at_24(mikmik, clock):
    case, mina = written(mikmik), office.officer("officer", mikmik)
    for hours, words in ((19, "Until"), (20, "Answer now"), (25, "Late since")):
        clock.move_to(NOW + timedelta(hours=hours))
        client = office.sign_in(mina)  # An evening is longer than a session.
        assert words in client.get(url("change", case)).content.decode(), hours
        assert words in client.get(reverse(LIST)).content.decode(), hours
    services = type(mikmik).objects.all()
    found = [one.severity for one in office_duties.due_requests(services, timezone.now())]
    assert found == ["overdue"]


@pytest.mark.parametrize(
    ("role", "sees", "works"),
    [
        ("handler", True, True),
        ("chief_officer", True, True),
        ("auditor", True, False),
        ("marketing", False, False),
        ("administrator", False, False),
    ],
)
def test_who_may_see_and_who_may_answer(mikmik, role, sees, works):
    case = written(mikmik)
    staff = office.sign_in(office.officer(role, mikmik))
    assert (staff.get(reverse(LIST)).status_code == 200) is sees
    shown = staff.get(url("change", case))
    assert (shown.status_code == 200) is sees
    assert ("Read and answer" in shown.content.decode()) is works
    assert (staff.post(url("read", case)).status_code == 200) is works
    assert (staff.get(url("extend", case)).status_code == 200) is works
    staff.post(url("answer", case), {"text": "So.", "step": "send"})
    case.refresh_from_db()
    assert (case.state == "done") is works
    registering = reverse("admin:members_enquiry_register", args=["mikmik"])
    assert (staff.get(registering).status_code == 200) is works


def test_an_officer_of_another_service_finds_nothing(mikmik):
    case = written(mikmik)
    other = office.sign_in(office.officer("officer", visits.live("engoo")))
    assert case.reference not in other.get(reverse(LIST)).content.decode()
    for name in ("change", "extend"):
        assert other.get(url(name, case)).status_code == 404
    assert other.post(url("read", case)).status_code == 404
    registering = reverse("admin:members_enquiry_register", args=["mikmik"])
    assert other.get(registering).status_code == 404


def test_the_page_of_all_requests_leads_here(client, mikmik):
    case = written(mikmik)
    page = client.get(reverse("admin:members_rightsrequest_change", args=[case.pk]))
    assert url("change", case) in page.content.decode()
    answer = reverse("admin:members_rightsrequest_answer", args=[case.pk])
    assert client.post(answer, {"text": "Around it."}).status_code == 404


def test_other_requests_are_not_in_this_list(client, mikmik, minji):
    RightsRequest.objects.create(
        reference="R-1",
        subject=minji,
        service=mikmik,
        kind="access",
        channel="web",
        received_at=NOW,
    )
    assert "R-1" not in client.get(reverse(LIST)).content.decode()


def test_the_list_needs_the_same_queries_for_one_and_for_many(client, mikmik):
    def queries():
        with CaptureQueriesContext(connections["default"]) as seen:
            client.get(reverse(LIST))
        return len(seen)

    written(mikmik)
    queries()
    one = queries()
    for _ in range(5):
        written(mikmik, subject=cast.member(mikmik, f"m{_}"))
    assert queries() == one

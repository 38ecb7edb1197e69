"""The contact form: for everybody, sealed, confirmed, braked; and the ways that the policy names."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance.models import LedgerEntry
from compliance.selectors import policy_values
from members import request_texts
from members.models import Delivery, RequestMessage, RightsRequest
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)  # A Monday noon in Seoul.
FORM = {
    "kind": "enquiry",
    "text": "Why do you hold my number?",
    "name": "Ha-eun",
    "email": "haeun@mail.example",
    "website": "",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def service():
    return visits.live()


def send(client, service="mikmik", **changed):
    return client.post(visits.at("contact", service), {**FORM, **changed})


@pytest.mark.promise("MIK-17.2", "MIK-18.2")
def test_a_visitor_writes_without_account_and_gets_a_reference_and_a_day(client, service):
    answer = send(client)
    assert answer.url == visits.at("contact_sent")
    case = RightsRequest.objects.get()
    page = client.get(answer.url).content.decode()
    assert case.reference in page
    assert "24 Nov 2026 12:00" in page
    assert (case.subject, case.channel, case.language) == (None, "web", "en")
    contact = next(text for text in request_texts.of_request(case) if text.role == "contact")
    assert contact.values == {"name": "Ha-eun", "email": "haeun@mail.example"}
    assert Delivery.objects.get().event == "enquiry_received"


def test_a_member_is_asked_for_no_address(client, service):
    minji = cast.member(service)
    visits.sign_in(client, "minji@mail.example")
    page = client.get(visits.at("contact")).content.decode()
    assert 'name="email"' not in page
    send(client, kind="complaint")
    assert RightsRequest.objects.get().subject == minji
    assert RequestMessage.objects.count() == 1


def test_somebody_signed_in_elsewhere_is_a_stranger_here(client, service):
    cast.member(service)
    visits.sign_in(client, "minji@mail.example")
    visits.live("engoo")
    send(client, "engoo")
    assert RightsRequest.objects.get().subject is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "access"}, "kind"),
        ({"text": "   "}, "text"),
        ({"text": "x" * 5_001}, "text"),
        ({"email": ""}, "email"),
        ({"email": "haeun"}, "email"),
        ({"email": "ha\r\nBcc: x@y.example@mail.example"}, "email"),
        ({"email": '"a b"@mail.example'}, "email"),
        ({"website": "https://spam.example"}, "website"),
    ],
)
def test_a_faulty_form_names_its_field_keeps_what_was_typed_and_nothing_else(
    client, service, changed, field
):
    page = send(client, **changed)
    text = page.content.decode()
    assert page.status_code == 200
    assert set(page.context["form"].errors) == {field}
    assert "Error:" in text
    assert 'class="error-summary"' in text
    if field != "text":
        assert FORM["text"] in text
    assert not RightsRequest.objects.exists()
    assert not RequestMessage.objects.exists()


def test_the_language_changes_and_what_was_typed_stays(client, service):
    page = client.post("/ko/mikmik/contact/", {**FORM, "switch_language": "ko"})
    assert FORM["text"] in page.content.decode()
    assert not RightsRequest.objects.exists()


def test_one_network_address_sends_twenty_an_hour(client, service):
    codes = [send(client, email=f"p{n}@mail.example").status_code for n in range(22)]
    assert codes == [302] * 20 + [429] * 2
    assert RightsRequest.objects.count() == 20
    with time_machine.travel(NOW + timedelta(hours=1, seconds=1), tick=False):
        assert send(client).status_code == 302


def test_nobody_floods_a_mailbox_with_our_receipts(service):
    for number in range(7):
        assert send(Client(REMOTE_ADDR=f"203.0.113.{number}")).status_code == 302
    assert RightsRequest.objects.count() == 7
    assert Delivery.objects.filter(event="enquiry_received").count() == 5


def test_the_page_after_it_belongs_to_the_browser_that_wrote(client, service):
    send(client)
    assert Client().get(visits.at("contact_sent")).url == visits.at("contact")
    visits.live("engoo")
    assert client.get(visits.at("contact_sent", "engoo")).url == visits.at("contact", "engoo")


@pytest.mark.promise("MIK-17.2", "MIK-17.3a")
def test_every_way_of_the_policy_is_shown_with_hours_and_target(client, service):
    page = client.get(visits.at("contact"))
    text = page.content.decode()
    rows = [row for row in policy_values(cast.version(service)).contacts if row.value]
    assert [way.value for way in page.context["ways"]] == [row.value for row in rows]
    assert all(row.value in text for row in rows)
    assert "Whoever writes now gets an answer by 24 Nov 2026 12:00 KST." in text
    assert "10:00 to 17:00 (Asia/Seoul) · open now" in text
    assert "Answer within 24 hours, that is our aim" in text
    with time_machine.travel(NOW.replace(hour=8), tick=False):
        assert "closed now" in client.get(visits.at("contact")).content.decode()


def test_the_form_is_one_step_from_every_page(client, service):
    for name in ("service", "policy", "notices", "sign_in", "cookies"):
        assert f'href="{visits.at("contact")}"' in client.get(visits.at(name)).content.decode()


def test_nothing_that_was_written_is_in_the_ledger(client, service):
    send(client)
    told = str(list(LedgerEntry.objects.values_list("data", flat=True)))
    assert "haeun" not in told.casefold().replace("-", "")
    assert "do you hold" not in told


def test_the_page_needs_few_queries(client, service):
    client.get(visits.at("contact"))
    with CaptureQueriesContext(connections["default"]) as seen:
        client.get(visits.at("contact"))
    assert len(seen) <= 8

"""The office works on requests: registered by phone, proved, asked back, extended, corrected, refused, or late."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance import ledger, sweeps
from compliance.keyring.models import DataKey
from compliance.models import LedgerEntry, Service
from members import gate, office_duties, request_texts
from members.actions import rights_request
from members.models import DataCopy, Delivery, RequestMessage, Restriction, RightsRequest
from tests.tools import office, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]


@pytest.fixture
def now():
    return timezone.now()


def disputed(person, **more):
    values = {
        "channel": "web",
        "items": ["mobile"],
        "text": "An old number",
        "more": {"proposed": {"mobile": "010-9876-5432"}},
        "identity": "signed_in",
        "now": timezone.now(),
        "actor": None,
    }
    return rights_request.receive(person, "rectification", **(values | more))


def url(name, asked):
    return reverse(f"admin:members_rightsrequest_{name}", args=[asked.pk])


def start(client, person, **more):
    local = timezone.localtime()
    data = {
        "kind": "rectification",
        "channel": "phone",
        "made_by": "person",
        "identity": "called_back",
        "items": ["mobile"],
        "received_on": local.date().isoformat(),
        "received_time": local.strftime("%H:%M"),
        "text": "Number has changed",
    }
    page = reverse("admin:members_member_request", args=[person.pk])
    return client.post(page, data | more, follow=True)


@pytest.mark.promise("LEJ-RGT-3", "MIK-7.1b")
def test_a_request_by_telephone_has_a_reference_a_due_moment_and_stops_the_use(client, minji):
    page = start(client, minji).content.decode()
    asked = RightsRequest.objects.get()
    assert asked.reference in page
    assert asked.due_at - asked.received_at == timedelta(days=1)
    assert (asked.channel, asked.clause, asked.identity) == ("phone", "7.1", "called_back")
    assert Restriction.objects.get().request == asked
    assert gate.values(minji, "contract_contact", ["mobile"], actor=None, now=timezone.now()) == {}
    assert Delivery.objects.get(event="use_stopped").subject == minji
    assert ledger.verify().ok


@pytest.mark.promise("LEJ-RGT-3", "MIK-7.1b")
def test_a_request_whose_target_passes_is_overdue_in_the_office(client, minji, now):
    disputed(minji, channel="phone", received_at=now - timedelta(days=2))
    titles = {str(one.title): one for one in office_duties.due_requests(Service.objects.all(), now)}
    assert titles["Overdue requests"].severity == "overdue"
    assert (
        "day late" in client.get(reverse("admin:members_rightsrequest_changelist")).content.decode()
    )


def test_fax_waits_no_longer_than_a_letter_and_the_future_is_refused(client, minji):
    start(client, minji, channel="fax")
    assert RightsRequest.objects.get().due_at is not None
    tomorrow = (timezone.localtime() + timedelta(days=1)).date().isoformat()
    page = start(client, minji, received_on=tomorrow, items=["name"]).content.decode()
    assert "has not come yet" in page
    assert "names at least one item" in start(client, minji, items=[]).content.decode()
    assert RightsRequest.objects.count() == 1


@pytest.mark.promise("MIK-7.2", "LEJ-RGT-4")
def test_a_correction_takes_three_clicks_and_the_new_value_is_used(client, minji):
    asked = disputed(minji)
    old = next(one for one in minji.records.all() if "mobile" in one.item_codes)
    shown = client.get(url("correct", asked)).content.decode()
    assert "010-9876-5432" not in shown and "****" in shown
    client.post(url("correct", asked), {"mobile": ""})
    asked.refresh_from_db()
    assert (asked.state, asked.outcome) == ("done", {"result": "corrected", "items": ["mobile"]})
    use = gate.values(minji, "contract_contact", ["mobile"], actor=None, now=timezone.now())
    assert use == {"mobile": "01098765432"}
    assert not Restriction.objects.filter(ended_at=None).exists()
    assert not DataKey.objects.filter(id=old.pk).exists()
    assert Delivery.objects.get(event="correction_done").subject == minji
    codes = list(LedgerEntry.objects.order_by("seq").values_list("code", flat=True))
    assert codes.index("members.record.corrected") < codes.index("members.request.closed")


def test_a_value_that_cannot_be_kept_is_refused_beside_its_field(client, minji):
    asked = disputed(minji)
    page = client.post(url("correct", asked), {"mobile": "no number"}).content.decode()
    assert "this is no telephone number" in page
    asked.refresh_from_db()
    assert asked.state == "open"
    assert Restriction.objects.filter(ended_at=None).exists()


def test_a_refusal_has_a_reason_of_the_list_and_lifts_the_stop(client, minji):
    asked = disputed(minji)
    assert "reason" in client.post(url("refuse", asked), {"reason": "whim"}).content.decode()
    client.post(url("refuse", asked), {"reason": "value_is_right", "text": "We checked it."})
    asked.refresh_from_db()
    assert (asked.state, asked.refusal_reason) == ("refused", "value_is_right")
    assert gate.may_use(minji, "contract_contact", ["mobile"], now=timezone.now()).allowed
    assert Delivery.objects.get(event="request_refused").subject == minji


def test_nothing_is_decided_before_the_identity_is_checked(client, minji):
    asked = disputed(minji, channel="phone", identity="")
    page = client.post(url("correct", asked), {"mobile": ""}).content.decode()
    assert "First note how you made sure" in page
    client.post(url("identity", asked), {"how": "called_back"})
    client.post(url("correct", asked), {"mobile": ""})
    asked.refresh_from_db()
    assert asked.state == "done"


def test_asked_back_the_request_waits_and_keeps_its_day(client, minji):
    asked = disputed(minji)
    client.post(url("ask", asked), {"text": "Since when?"})
    due = asked.due_at
    asked.refresh_from_db()
    assert (asked.state, asked.due_at) == ("waiting", due)


def test_an_extension_is_told_and_the_promise_keeps_its_own_figure(client, minji, now):
    asked = disputed(minji)
    later = (timezone.localtime() + timedelta(days=9)).date().isoformat()
    earlier = timezone.localtime().date().isoformat()
    page = client.post(url("extend", asked), {"until": earlier, "reason": "many_items"})
    assert "Choose a later day" in page.content.decode()
    client.post(url("extend", asked), {"until": later, "reason": "many_items"})
    due = asked.due_at
    asked.refresh_from_db()
    assert asked.due_at == due and asked.extended_to > due
    assert Delivery.objects.get(event="request_extended").subject == minji
    soon = office_duties.due_requests(Service.objects.all(), now + timedelta(days=2))
    assert "overdue" not in {one.severity for one in soon}


def test_it_is_assigned_to_those_who_may_work_on_it(client, minji, mikmik):
    asked = disputed(minji)
    handler = office.officer("handler", mikmik, name="hano")
    office.officer("auditor", mikmik, name="audi")
    page = client.get(url("assign", asked)).content.decode()
    assert "hano" in page and "audi" not in page
    client.post(url("assign", asked), {"to": str(handler.pk)})
    asked.refresh_from_db()
    assert asked.handler == handler


@pytest.mark.promise("MIK-5.3")
def test_a_request_to_see_the_data_becomes_a_copy_for_its_person(client, minji):
    start(client, minji, kind="transaction_access", items=[])
    asked = RightsRequest.objects.get()
    assert asked.due_at == asked.received_at
    client.post(url("copy", asked), {"text": ""})
    asked.refresh_from_db()
    assert asked.state == "done"
    assert DataCopy.objects.get().request == asked
    assert sweeps.run("copies.write", timezone.now()).done == 1
    assert Delivery.objects.get(event="copy_ready").subject == minji
    assert RightsRequest.objects.count() == 1


def test_looking_at_what_was_written_is_recorded(client, minji):
    asked = disputed(minji)
    page = client.get(url("change", asked)).content.decode()
    assert "An old number" not in page and "Show what was written" in page
    shown = client.post(url("texts", asked)).content.decode()
    assert "An old number" in shown and "010-9876-5432" in shown
    assert LedgerEntry.objects.get(code="members.request.texts_shown").data == {"texts": 1}
    assert client.get(url("texts", asked)).status_code == 302


def test_a_note_stays_in_the_office(client, minji):
    asked = disputed(minji)
    client.post(url("note", asked), {"text": "Called at noon"})
    assert RequestMessage.objects.filter(role="note").count() == 1
    assert (
        request_texts.of_request(asked, roles=request_texts.TO_THE_PERSON)[-1].text
        == "An old number"
    )


@pytest.mark.parametrize(
    ("role", "may_handle", "may_decide"),
    [
        ("chief_officer", True, True),
        ("officer", True, True),
        ("handler", True, False),
        ("auditor", False, False),
        ("marketing", False, False),
        ("administrator", False, False),
    ],
)
def test_who_may_take_which_step(mikmik, minji, role, may_handle, may_decide):
    asked = disputed(minji)
    them = office.sign_in(office.officer(role, mikmik, name=f"a-{role}"))
    closed = (403, 404)
    for name in ("ask", "extend", "identity", "assign", "note"):
        assert (them.get(url(name, asked)).status_code == 200) == may_handle, name
    for name in ("correct", "refuse"):
        assert (them.get(url(name, asked)).status_code == 200) == may_decide, name
        if not may_decide:
            assert them.post(url(name, asked), {"mobile": ""}).status_code in closed
    assert (them.post(url("texts", asked)).status_code == 200) == may_handle
    page = reverse("admin:members_member_request", args=[minji.pk])
    assert (them.get(page).status_code == 200) == may_handle
    asked.refresh_from_db()
    assert asked.state == "open"


def test_a_request_of_another_service_does_not_exist(client, minji):
    other = visits.person(visits.live("leje"))
    asked = disputed(other, items=["email"], more={})
    for name in ("change", "correct", "refuse", "ask", "assign", "note", "texts"):
        assert client.get(url(name, asked)).status_code == 404
        assert client.post(url(name, asked)).status_code == 404
    page = reverse("admin:members_member_request", args=[other.pk])
    assert client.get(page).status_code == 404
    asked.refresh_from_db()
    assert asked.state == "open"


def test_a_closed_request_offers_no_step_and_takes_none(client, minji):
    asked = disputed(minji)
    client.post(url("refuse", asked), {"reason": "not_held"})
    assert "/refuse/" not in client.get(url("change", asked)).content.decode()
    page = client.post(url("correct", asked), {"mobile": "010-1111-2222"}).content.decode()
    assert "closed already" in page
    use = gate.values(minji, "contract_contact", ["mobile"], actor=None, now=timezone.now())
    assert use == {"mobile": "010-2345-6789"}


@pytest.mark.promise("MIK-10.4")
def test_a_purchaser_without_account_is_registered_the_same_way(client, mikmik):
    guest = visits.purchaser(mikmik, "A-100")
    local = timezone.localtime()
    client.post(
        reverse("admin:members_purchaser_request", args=[guest.pk]),
        {
            "kind": "rectification",
            "channel": "email",
            "made_by": "representative",
            "identity": "document",
            "items": ["contract_records"],
            "received_on": local.date().isoformat(),
            "received_time": local.strftime("%H:%M"),
        },
    )
    asked = RightsRequest.objects.get()
    assert (asked.subject_id, asked.made_by) == (guest.pk, "representative")
    assert Restriction.objects.get().items == ["contract_records"]


def test_a_dormant_person_can_ask_too(client, minji):
    type(minji).objects.filter(pk=minji.pk).update(status="dormant")
    start(client, minji, kind="objection", items=[])
    assert RightsRequest.objects.get().state == "done"

"""Requests whose answer is a deed: consents taken back, records past their period destroyed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance import ledger, sweeps
from compliance.models import Certificate
from compliance.selectors import policy_values
from members import gate, request_texts
from members.actions import consent, record, restriction, rights_request
from members.models import DataCopy, Delivery, Record, RightsRequest
from tests.tools import cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]


def asked(person, kind, **more):
    values = {"channel": "email", "identity": "known_address", "actor": None, "now": timezone.now()}
    return rights_request.receive(person, kind, **(values | more))


def url(name, request):
    return reverse(f"admin:members_rightsrequest_{name}", args=[request.pk])


@pytest.mark.promise("MIK-8.1b")
def test_a_consent_is_taken_back_for_a_person_and_counts_at_once(client, minji):
    now = timezone.now()
    consent.answer(
        minji, purpose="recommendations", answer="agreed", version=cast.version(minji.service),
        asked_by="web", language="ko", text_hash="0" * 64, actor=None, now=now,
    )  # fmt: skip
    assert gate.may_use(minji, "recommendations", ["email"], now=now).allowed
    request = asked(minji, "consent_withdrawal")
    assert request.due_at - request.received_at == timedelta(hours=1)
    page = client.get(url("withdraw", request)).content.decode()
    key = page.split('name="consents" value="')[1].split('"')[0]
    client.post(url("withdraw", request), {"consents": [key]})
    assert not gate.may_use(minji, "recommendations", ["email"], now=timezone.now()).allowed
    request.refresh_from_db()
    assert (request.state, request.outcome["result"]) == ("done", "withdrawn")
    assert Delivery.objects.filter(event="choices_changed").count() == 1
    assert ledger.verify().ok


def order(person, day):
    record.keep(
        person,
        {"contract_records": f"Order of {day}"},
        occurred_at=datetime.fromisoformat(f"{day}T03:00").replace(tzinfo=UTC),
        source="orders",
        anchors={"contract": day},
        policy=policy_values(cast.version(person.service)),
        actor=None,
        now=timezone.now(),
    )
    return Record.objects.filter(subject=person).order_by("-created_at").first()


@pytest.mark.promise("MIK-5.2.5", "LEJ-RGT-6")
def test_records_past_their_period_go_and_the_others_stay_with_their_day(client, minji):
    old, new = order(minji, "2019-03-02"), order(minji, "2025-03-02")
    request = asked(minji, "erasure")
    page = client.get(url("erase", request)).content.decode()
    assert "Destroyed" in page and "Stays" in page
    client.post(url("erase", request))
    now = timezone.now()
    while sweeps.run("retention.destroy", now).done:
        pass
    left = set(Record.objects.filter(subject=minji).values_list("pk", flat=True))
    assert old.pk not in left and new.pk in left
    assert Certificate.objects.exists()
    assert any("mobile" in one.item_codes for one in minji.records.all())
    request.refresh_from_db()
    assert request.outcome["result"] == "erased"
    answer = request_texts.of_request(request)[-1].text
    assert "2030" in answer and ":" in answer
    assert RightsRequest.objects.count() == 1


def test_a_hold_postpones_what_was_asked_to_go(client, minji):
    old = order(minji, "2019-03-02")
    restriction.place(
        minji, ground="open_dispute", items=["contract_records"], actor=None, now=timezone.now()
    )
    request = asked(minji, "erasure")
    client.post(url("erase", request))
    sweeps.run("retention.destroy", timezone.now())
    assert Record.objects.filter(pk=old.pk).exists()


def test_no_copy_is_given_before_the_identity_is_noted(client, minji):
    request = asked(minji, "access", identity="")
    page = client.post(url("copy", request), {"text": ""}).content.decode()
    assert "First note how you made sure" in page
    assert not DataCopy.objects.exists()
    request.refresh_from_db()
    assert request.state == "open"

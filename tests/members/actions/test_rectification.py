"""Corrections as deeds: who may change what alone, which record is meant, and whose claim a code belongs to."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from compliance.models import Session
from members import gate
from members.actions import delivery, new_address, rectification, rights_request
from members.models import Delivery, Record, RightsRequest
from members.rules.import_values import ValueRefused
from tests.tools import cast, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def minji():
    found = cast.member(visits.live())
    cast.history(found)
    return found


def holding(subject, item):
    return next(one for one in subject.records.all() if item in one.item_codes)


def code():
    newest = Delivery.objects.filter(event="new_address_code").order_by("-created_at").first()
    return delivery.contents_of([newest])[newest.pk]["code"]


def test_what_an_officer_decides_is_not_changed_alone_whatever_the_page_says(minji):
    one = holding(minji, "payment_records")
    with pytest.raises(rectification.NotPossible, match="officer_only"):
        rectification.change_own(minji, one.pk, "payment_records", "nothing", now=NOW)
    assert gate.own_values(minji, [one])[one.pk]["payment_records"] == "Shirt 29,000 KRW"


def test_the_record_of_another_is_not_held(minji):
    hana = cast.member(minji.service, "hana", mobile="010-9999-0000")
    with pytest.raises(rectification.NotPossible, match="not_held"):
        rectification.change_own(minji, holding(hana, "mobile").pk, "mobile", "0101111", now=NOW)
    with pytest.raises(rectification.NotPossible, match="not_held"):
        rectification.change_own(minji, holding(minji, "mobile").pk, "address", "x", now=NOW)


def test_a_claim_of_another_is_worth_nothing(minji):
    hana = cast.member(minji.service, "hana", mobile="010-9999-0000")
    claim = new_address.ask(
        hana, holding(hana, "email").pk, "new@mail.example", language="en", now=NOW
    )
    answer = new_address.confirm(minji, claim, code(), keep_session="", now=NOW)
    assert (answer.request, answer.reason) == (None, "expired")


def test_sessions_elsewhere_end_when_a_sign_in_detail_changes(minji):
    for key in ("here", "there"):
        Session.objects.create(
            session_key=key, session_data="", expire_date=NOW, owner=minji.public_id
        )
    one = holding(minji, "login_id")
    rectification.change_own(minji, one.pk, "login_id", "minji-2", keep_session="here", now=NOW)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["here"]


def test_one_of_two_items_is_not_enough_to_settle_a_dispute(minji):
    asked = rights_request.receive(
        minji, "rectification", channel="phone", items=["mobile", "name"], text="both",
        identity="called_back", actor=None, now=NOW,
    )  # fmt: skip
    officer = cast.officer("dana", minji.service)
    with pytest.raises(rectification.NotPossible, match="items_missing"):
        rectification.decide(asked, {"mobile": "0101111222"}, actor=officer, now=NOW)
    rectification.decide(asked, {"mobile": "0101111222", "name": "Minseo"}, actor=officer, now=NOW)
    values = gate.own_values(minji, [holding(minji, "name")])
    assert {"mobile": "0101111222", "name": "Minseo"}.items() <= next(iter(values.values())).items()


def test_the_record_that_was_named_is_corrected_and_no_other(minji):
    visits.many_orders(minji, 2)
    orders = [one for one in minji.records.all() if one.item_codes == ["contract_records"]]
    named = orders[0]
    asked = rights_request.receive(
        minji, "rectification", channel="web", items=["contract_records"], text="Two shirts",
        more={"record": named.pk.hex}, identity="signed_in", actor=None, now=NOW,
    )  # fmt: skip
    officer = cast.officer("dana", minji.service)
    rectification.decide(asked, {"contract_records": "Two shirts"}, actor=officer, now=NOW)
    assert not Record.objects.filter(pk=named.pk).exists()
    assert Record.objects.filter(pk__in=[one.pk for one in orders[1:]]).count() == len(orders) - 1


def test_a_number_of_a_card_is_never_kept(minji):
    with pytest.raises(ValueRefused):
        rectification.checked(minji, "mobile", "4111111111111111", now=NOW)


def test_somebody_who_leaves_changes_nothing_any_more(minji):
    one = holding(minji, "mobile")
    type(minji).objects.filter(pk=minji.pk).update(status="leaving")
    minji.refresh_from_db()
    with pytest.raises(rectification.NotPossible, match="left"):
        rectification.change_own(minji, one.pk, "mobile", "0101111222", now=NOW)
    with pytest.raises(rights_request.NotPossible, match="left"):
        rights_request.receive(
            minji, "access", channel="phone", actor=None, now=NOW,
        )  # fmt: skip
    assert not RightsRequest.objects.exists()

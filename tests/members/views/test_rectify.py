"""See, change, dispute: the value counts at once, the old one is gone, and what is in doubt is not used."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from compliance import ledger
from compliance.keyring import blind_index
from compliance.keyring.models import DataKey
from compliance.models import LedgerEntry
from members import gate, selectors
from members.actions import delivery, record_split
from members.actions.record import NewValues
from members.models import Delivery, Record, Restriction, RightsRequest
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    cast.history(found)
    visits.sign_in(client, "minji-id")
    return found


def holding(subject, item):
    return next(one for one in subject.records.all() if item in one.item_codes)


def at(name, subject, item):
    return visits.at(name, subject.service, holding(subject, item).pk, item)


def change(client, subject, item, value):
    return client.post(at("change", subject, item), {"value": value}, follow=True)


def held(subject, item):
    found = [values[item] for values in gate.own_values(subject).values() if item in values]
    return found[-1]


@pytest.mark.promise("MIK-7.1a", "LEJ-RGT-1", "LMK-2d")
def test_a_changed_number_counts_at_once_and_leaves_a_trace_without_values(client, minji):
    page = change(client, minji, "mobile", "010-9876-5432").content.decode()
    assert "The new value counts from now on" in page
    assert held(minji, "mobile") == "01098765432"
    entry = LedgerEntry.objects.get(code="members.record.corrected")
    assert entry.data == {"items": ["mobile"]}
    asked = RightsRequest.objects.get(kind="rectification")
    assert (asked.state, asked.outcome) == ("done", {"result": "corrected", "items": ["mobile"]})
    assert asked.clause == "7.1"
    assert ledger.verify().ok


def test_the_old_value_is_beyond_recovery_and_no_longer_found(client, minji):
    old = holding(minji, "mobile")
    change(client, minji, "mobile", "010-9876-5432")
    assert not DataKey.objects.filter(id=old.pk).exists()
    assert not Record.objects.filter(pk=old.pk).exists()
    assert blind_index.find("mikmik", "mobile", "010-2345-6789") == []
    assert selectors.find_subject(minji.service, "mobile", "010-9876-5432") == minji
    assert selectors.find_subject(minji.service, "login_id", "minji-id") == minji


def test_what_is_kept_and_until_when_stays_the_same(client, minji):
    before = holding(minji, "mobile")
    change(client, minji, "mobile", "010-9876-5432")
    after = holding(minji, "mobile")
    assert (before.anchors, before.due_on, before.held_by, before.record_class) == (
        after.anchors,
        after.due_on,
        after.held_by,
        after.record_class,
    )
    assert held(minji, "login_id") == "minji-id"


@pytest.mark.parametrize(
    ("item", "value", "said"),
    [
        ("mobile", "no number", "This is no telephone number"),
        ("mobile", "  ", "Enter the new value"),
        ("name", "4111 1111 1111 1111", "A full card number is never kept"),
        ("name", "x" * 300, "Longer than 200 characters"),
        ("email", "nobody", "This is no e-mail address"),
    ],
)
def test_a_value_that_an_import_would_refuse_is_refused_with_the_input_kept(
    client, minji, item, value, said
):
    answer = change(client, minji, item, value)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert said in page and "Error:" in page
    assert value.strip() in page
    assert not RightsRequest.objects.exists()


def test_the_same_value_changes_nothing(client, minji):
    page = change(client, minji, "name", "Minji").content.decode()
    assert "Nothing was changed" in page
    assert not RightsRequest.objects.exists()


def test_what_was_checked_or_happened_goes_to_an_officer(client, minji):
    page = client.get(visits.at("data")).content.decode()
    assert at("change", minji, "mobile") in page
    assert at("change", minji, "payment_records") not in page
    assert at("dispute", minji, "payment_records") in page
    answer = client.post(at("change", minji, "payment_records"), {"value": "nothing"})
    assert answer.url == at("dispute", minji, "payment_records")
    assert not RightsRequest.objects.exists()


def test_a_login_id_of_somebody_else_is_refused_and_a_new_one_signs_in(client, minji, clock):
    cast.member(minji.service, "hana", mobile="010-9999-0000")
    assert (
        "Somebody else uses this" in change(client, minji, "login_id", "hana-id").content.decode()
    )
    change(client, minji, "login_id", "minji-new")
    assert Delivery.objects.get(event="address_changed").state == "pending"
    client.post(visits.at("sign_out"))
    clock.move_to(NOW + timedelta(minutes=2))
    visits.sign_in(client, "minji-new")
    assert visits.is_signed_in(client)


def test_a_new_e_mail_address_needs_the_code_that_went_to_it(client, minji):
    page = change(client, minji, "email", "minji@new.example").content.decode()
    assert "A code is on its way to minji@new.example" in page
    assert held(minji, "email") == "minji@mail.example"
    code, claim = new_code(), claim_in(page)
    wrong = confirm(client, claim, visits.wrong(code))
    assert "4 tries left" in wrong
    assert "Your new e-mail address counts" in confirm(client, claim, code)
    assert held(minji, "email") == "minji@new.example"


def test_both_addresses_are_told(client, minji):
    page = change(client, minji, "email", "minji@new.example").content.decode()
    confirm(client, claim_in(page), new_code())
    told = list(Delivery.objects.filter(event="address_changed"))
    contents = delivery.contents_of(told)
    assert {contents[one.pk]["address"] for one in told} == {
        "minji@mail.example",
        "minji@new.example",
    }


def test_a_code_for_one_address_opens_no_other(client, minji):
    first = claim_in(change(client, minji, "email", "minji@new.example").content.decode())
    code = new_code()
    second = claim_in(change(client, minji, "email", "eve@evil.example").content.decode())
    if new_code("eve@evil.example") == code:
        pytest.skip("one in a million")
    assert "tries left" in confirm(client, second, code)
    assert first != second
    assert held(minji, "email") == "minji@mail.example"


def test_after_five_wrong_codes_the_right_one_opens_nothing(client, minji):
    claim = claim_in(change(client, minji, "email", "minji@new.example").content.decode())
    code = new_code()
    for _ in range(5):
        confirm(client, claim, visits.wrong(code))
    confirm(client, claim, code)
    assert held(minji, "email") == "minji@mail.example"


def test_an_altered_or_old_claim_is_worth_nothing(client, minji, clock):
    claim = claim_in(change(client, minji, "email", "minji@new.example").content.decode())
    code = new_code()
    assert "longer than 10 minutes" in confirm(client, "x" + claim, code)
    clock.move_to(NOW + timedelta(minutes=11))
    assert "longer than 10 minutes" in confirm(client, claim, code)
    assert held(minji, "email") == "minji@mail.example"


def test_an_address_that_another_membership_uses_is_told_only_to_its_owner(client, minji):
    cast.member(minji.service, "hana", mobile="010-9999-0000")
    page = change(client, minji, "email", "hana@mail.example").content.decode()
    assert "A code is on its way" in page
    assert "Another membership uses this address" in confirm(
        client, claim_in(page), new_code("hana@mail.example")
    )


def test_a_code_that_went_to_the_old_address_lets_nobody_in_after_the_change(client, minji, clock):
    clock.move_to(NOW + timedelta(minutes=2))
    thief = Client()
    visits.ask(thief, "minji-id")
    stale = visits.code_sent()
    page = change(client, minji, "email", "minji@new.example").content.decode()
    assert "Your new e-mail address counts" in confirm(client, claim_in(page), new_code())
    thief.post(visits.at("code"), {"code": stale})
    assert not visits.is_signed_in(thief)
    assert visits.is_signed_in(client)


def test_guessing_at_login_ids_of_others_ends_after_sixty_tries_an_hour(client, minji):
    cast.member(minji.service, "hana", mobile="010-9999-0000")
    answers = [change(client, minji, "login_id", "hana-id").status_code for _ in range(60)]
    assert set(answers[:-1]) <= {200}
    assert change(client, minji, "login_id", "hana-id").status_code == 429


def test_sign_in_details_are_changed_only_after_a_fresh_proof(client, minji, clock):
    clock.move_to(NOW + timedelta(minutes=15))
    answer = client.get(at("change", minji, "email"))
    assert answer.url == visits.at("code")
    answer = client.post(visits.at("code"), {"code": visits.code_sent()})
    assert answer.url == at("change", minji, "email")
    assert client.get(answer.url).status_code == 200


@pytest.mark.promise("MIK-7.2", "LEJ-RGT-4")
def test_a_disputed_value_is_not_used_from_that_second(client, minji):
    page = dispute(client, minji, "mobile").content.decode()
    asked = RightsRequest.objects.get()
    assert asked.reference in page and "My number changed" in page
    assert (asked.kind, asked.state, asked.items) == ("rectification", "open", ["mobile"])
    assert asked.due_at == NOW + timedelta(days=1)
    hold = Restriction.objects.get()
    assert (hold.ground, hold.began_at, hold.request) == ("open_dispute", NOW, asked)
    assert gate.values(minji, "contract_contact", ["mobile", "email"], actor=None, now=NOW) == {
        "email": "minji@mail.example"
    }
    assert "Not used until it is settled" in client.get(visits.at("data")).content.decode()
    assert Delivery.objects.get(event="use_stopped").state == "pending"


def test_disputing_twice_is_one_request(client, minji):
    dispute(client, minji, "mobile")
    dispute(client, minji, "mobile")
    assert RightsRequest.objects.count() == Restriction.objects.count() == 1


def test_a_disputed_address_still_gets_the_answer_and_the_code(client, minji, clock):
    dispute(client, minji, "email")
    assert Delivery.objects.get(event="use_stopped").state == "pending"
    client.post(visits.at("sign_out"))
    clock.move_to(NOW + timedelta(minutes=2))
    visits.sign_in(client, "minji-id")
    assert visits.is_signed_in(client)


def test_changing_a_disputed_value_settles_the_dispute(client, minji):
    dispute(client, minji, "mobile")
    change(client, minji, "mobile", "010-9876-5432")
    asked = RightsRequest.objects.get()
    assert (asked.state, asked.outcome["result"]) == ("done", "corrected")
    assert not Restriction.objects.filter(ended_at=None).exists()
    assert Delivery.objects.filter(event="correction_done").count() == 1


@pytest.mark.promise("MIK-10.4")
def test_a_purchaser_without_account_changes_and_disputes_alike_and_is_still_found(client):
    guest = visits.purchaser(visits.live(), "A-100")
    code = client.post(
        visits.at("order_access"), {"order_number": "A-100", "email": "guest@mail.example"}
    )
    assert code.status_code == 302
    client.post(visits.at("code"), {"code": visits.code_sent()})
    change(client, guest, "name", "Guest Two")
    assert held(guest, "name") == "Guest Two"
    dispute(client, guest, "contract_records")
    assert Restriction.objects.get().items == ["contract_records"]
    assert blind_index.find("mikmik", "order_number", "A-100")


def test_an_order_that_is_corrected_keeps_its_order_number(client):
    guest = visits.purchaser(visits.live(), "A-100")
    one = holding(guest, "contract_records")
    new = NewValues(
        guest,
        {"contract_records": "Order of two shirts"},
        one.occurred_at,
        one.source,
        one.anchors,
        one.record_class,
    )
    policy = gate.policy_for(guest.service, NOW)
    record_split.swap([one.pk], [new], policy=policy, is_same=True, actor=None, now=NOW)
    assert selectors.find_subject(guest.service, "order_number", "A-100") == guest
    assert (
        selectors.find_subject(guest.service, "external_ref", f"{one.record_class}:A-100") == guest
    )


def test_the_page_of_another_reads_like_one_that_does_not_exist(client, minji):
    hana = cast.member(minji.service, "hana", mobile="010-9999-0000")
    nobody = visits.at("change", minji.service, "0" * 8 + "-0000-4000-8000-" + "0" * 12, "mobile")
    for name in ("change", "dispute"):
        for method in (client.get, client.post):
            assert method(at(name, hana, "mobile")).status_code == 404
    assert client.get(nobody).status_code == 404
    assert (
        client.get(visits.at("change", minji.service, holding(minji, "name").pk, "ci")).status_code
        == 404
    )
    assert held(hana, "mobile") == "010-9999-0000"
    assert not RightsRequest.objects.exists()


def test_my_data_says_who_may_have_an_item_and_who_sees_it(client):
    service = visits.live("letsmasak")
    visits.person(service)
    visits.sign_in(client, "sora@mail.example", service)
    page = client.get(visits.at("data", service)).content.decode()
    assert "The policy lets" in page


def test_my_data_costs_as_many_queries_for_many_records_as_for_few(client, minji):
    def queries():
        with CaptureQueriesContext(connections["default"]) as seen:
            client.get(visits.at("data"))
        return len(seen)

    dispute(client, minji, "mobile")
    few = queries()
    visits.many_orders(minji, 200)
    assert queries() == few


def dispute(client, subject, item):
    return client.post(
        at("dispute", subject, item), {"text": "My number changed", "value": "010"}, follow=True
    )


def new_code(address="minji@new.example"):
    """The code that went to an address."""
    contents = delivery.contents_of(list(Delivery.objects.filter(event="new_address_code")))
    return next(one["code"] for one in contents.values() if one["address"] == address)


def claim_in(page):
    return page.split('name="claim" value="')[1].split('"')[0]


def confirm(client, claim, code):
    answer = client.post(visits.at("new_address"), {"claim": claim, "code": code}, follow=True)
    return answer.content.decode()

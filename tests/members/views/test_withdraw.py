"""Withdraw membership: three clicks, no question, once, and everything closed at that moment."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
import time_machine
from django.test import Client

from members import gate, selectors, story, words
from members.actions import delivery, withdrawal
from members.models import (
    AccessCode,
    ConsentState,
    DataSubject,
    Delivery,
    RightsRequest,
    Withdrawal,
)
from members.views.withdraw import destroyed, kept
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    cast.history(found)
    visits.sign_in(client, "minji-id")
    return found


class Links(HTMLParser):
    """Addresses and forms of a page, as somebody without JavaScript can use them."""

    def __init__(self, page):
        super().__init__()
        self.links, self.forms, self.fields = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "a":
            self.links.append(found.get("href"))
        if tag == "form":
            self.forms.append(found.get("action"))
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            self.fields.append(found.get("name"))


@pytest.mark.promise("MIK-8.1a")
@pytest.mark.promise("MIK-8.2")
def test_three_clicks_no_field_and_the_membership_has_ended(client, minji):
    first = Links(client.get(visits.at("service")).content.decode())
    assert visits.at("account") in first.links
    second = Links(client.get(visits.at("account")).content.decode())
    assert visits.at("withdraw") in second.links
    third = Links(client.get(visits.at("withdraw")).content.decode())
    assert visits.at("withdraw") in third.forms
    assert third.fields == []
    answer = client.post(visits.at("withdraw"))
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.LEAVING
    assert answer.url == visits.at("withdrawn")
    assert not visits.is_signed_in(client)


@pytest.mark.promise("MIK-8.1a")
def test_consents_end_with_the_same_click(client, minji):
    version = cast.version(minji.service)
    ConsentState.objects.create(
        subject=minji, purpose="recommendations", answer="agreed", version=version, since=NOW
    )
    client.post(visits.at("withdraw"))
    assert ConsentState.objects.get().answer == "withdrawn"


def test_the_page_of_leaving_and_the_page_of_my_data_say_the_same_of_every_item(minji):
    policy, parts = gate.policy_for(minji.service, NOW), withdrawal.preview(minji, now=NOW)
    lines = kept(policy, parts)
    gone, digests = set(), set()
    for one in selectors.held_items(minji, now=NOW):
        sentence, name = story.of(one.explanation), words.item(policy, one.code)
        gone |= {name} if "On leaving it is destroyed" in sentence else set()
        digests |= {name} if "digest of it stays" in sentence else set()
    assert gone == set(destroyed(policy, parts)) == {"Mobile phone number", "E-mail address"}
    assert digests == {item for line in lines if line.digests_only for item in line.items}


def test_the_page_says_before_what_goes_and_what_stays(client, minji):
    page = client.get(visits.at("withdraw")).content.decode()
    assert "Destroyed today" in page
    assert "Only as digests that nobody can read back." in page
    assert "23 Dec 2026" in page
    assert "Act" in page


def test_the_last_page_shows_reference_and_fates_and_is_printed_from_this_browser_only(
    client, minji
):
    client.post(visits.at("withdraw"))
    page = client.get(visits.at("withdrawn")).content.decode()
    assert RightsRequest.objects.get().reference in page
    assert "Kept, not used for anything else" in page
    assert Client().get(visits.at("withdrawn")).url == visits.at("service")


def last_page(client):
    """Return the last page without what differs each time it is asked for."""
    return re.sub(
        r'name="csrfmiddlewaretoken" value="\w+"',
        "",
        client.get(visits.at("withdrawn")).content.decode(),
    )


def test_the_last_page_stays_after_everything_was_carried_out(client, minji):
    client.post(visits.at("withdraw"))
    before = last_page(client)
    opened = Withdrawal.objects.get()
    withdrawal.carry_out(opened, now=NOW)
    assert last_page(client) == before


def test_a_double_click_leaves_once_and_both_halves_arrive(client, minji):
    first = client.post(visits.at("withdraw"))
    second = client.post(visits.at("withdraw"))
    assert first.url == second.url == visits.at("withdrawn")
    assert Withdrawal.objects.count() == RightsRequest.objects.count() == 1


def test_looking_at_the_page_leaves_nobody(client, minji):
    client.get(visits.at("withdraw"))
    client.head(visits.at("withdraw"))
    assert not Withdrawal.objects.exists()


def test_a_session_older_than_ten_minutes_asks_for_a_code_which_then_ends_it(client, minji, clock):
    clock.shift(timedelta(minutes=11))
    assert "so we send you a code first" in client.get(visits.at("withdraw")).content.decode()
    answer = client.post(visits.at("withdraw"))
    assert answer.url == visits.at("code")
    assert not Withdrawal.objects.exists()
    page = client.get(answer.url).content.decode()
    assert "Withdraw now" in page
    assert "Keep my membership" in page
    client.post(answer.url, {"code": visits.wrong(visits.code_sent())})
    assert not Withdrawal.objects.exists()
    done = client.post(answer.url, {"code": visits.code_sent()})
    assert done.url == visits.at("withdrawn")
    assert Withdrawal.objects.count() == 1


def test_a_code_of_somebody_else_confirms_nothing(client, minji, clock):
    hana = cast.member(minji.service, "hana")
    clock.shift(timedelta(minutes=11))
    client.post(visits.at("withdraw"))
    AccessCode.objects.filter(purpose="step_up").update(subject=hana)
    client.post(visits.at("code"), {"code": visits.code_sent()})
    assert not Withdrawal.objects.exists()


def test_a_purchaser_without_account_erases_in_the_same_way(client):
    service = visits.live()
    guest = visits.purchaser(service, "ORD-1")
    client.post(visits.at("order_access"), {"order_number": "ORD-1", "email": "guest@mail.example"})
    client.post(visits.at("code"), {"code": visits.code_sent()})
    page = client.get(visits.at("account")).content.decode()
    assert "Erase my data" in page
    assert "Erase now" in client.get(visits.at("withdraw")).content.decode()
    assert client.post(visits.at("withdraw")).url == visits.at("withdrawn")
    assert "Your data is erased" in client.get(visits.at("withdrawn")).content.decode()
    guest.refresh_from_db()
    assert guest.status == DataSubject.Status.LEAVING


@pytest.mark.promise("MIK-5.2b")
def test_the_page_before_and_the_mail_after_say_what_is_held_for_what_and_until_when(client, minji):
    cast.history(minji)
    page = client.get(visits.at("withdraw")).content.decode()
    for said in ("Records of payment and supply of goods", "Only for:", "Kept until"):
        assert said in page
    client.post(visits.at("withdraw"))
    mail = Delivery.objects.get(kind=Delivery.Kind.CONFIRMATION)
    figures = delivery.contents_of([mail])[mail.pk]
    assert all(row["items"] and row["purpose"] and row["until"] for row in figures["kept"])
    payments = next(row for row in figures["kept"] if "5.2.2" in row["why"])
    assert "이름" in payments["items"]

"""What was filled in when a session ended comes back after signing in; nothing is saved meanwhile, nor kept by us."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.core import signing
from django.test import Client

from compliance import ledger
from compliance.models import Session
from members import filled
from members.actions import password
from members.models import RightsRequest
from tests.tools import cast, routes, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
RIGHT = "a kettle sings at noon"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
WORDS = 'This is <not> my "address"'


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    password.set_password(found.account, RIGHT, actor=ledger.THEMSELVES, now=NOW)
    visits.sign_in(client, "minji-id")
    return found


@pytest.fixture
def disputed(minji):
    return routes.addresses("mikmik", routes.own(minji, now=NOW))["dispute"]


def hidden(answer):
    """The hidden fields of the page's own forms; those of the frame are left out by their name."""
    main = answer.content.decode().split("<main", 1)[1]
    found = {name: unescape(value) for name, value in HIDDEN.findall(main)}
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def send_too_late(client, clock, url, **fields):
    clock.shift(timedelta(minutes=30))
    answer = client.post(url, {"text": WORDS, "value": "right@mail.example", **fields})
    assert "Your session has ended, so nothing was saved" in answer.content.decode()
    return hidden(answer)


def go_back(client, answer):
    """Press the one button of the page that comes after signing in."""
    page = answer.content.decode()
    assert "You are signed in again" in page
    there = re.search(r'<form method="post" action="([^"]+/wrong/)"', page)
    assert there is not None
    return client.post(there[1], hidden(answer)).content.decode()


def by_password(client, carried):
    form = {**carried, "identifier": "minji-id", "password": RIGHT, "way": "password"}
    return client.post(visits.at("sign_in"), form)


def by_code(client, carried):
    asked = client.post(visits.at("sign_in"), {**carried, "identifier": "minji-id", "way": "code"})
    wrong = client.post(visits.at("code"), {**hidden(asked), "code": "12"})
    return client.post(visits.at("code"), {**hidden(wrong), "code": visits.code_sent()})


@pytest.mark.parametrize("enter", [by_password, by_code])
def test_it_comes_back_as_typed_and_nothing_was_saved(client, minji, disputed, clock, enter):
    before = RightsRequest.objects.count()
    page = go_back(client, enter(client, send_too_late(client, clock, disputed)))
    assert "This is &lt;not&gt; my &quot;address&quot;" in page
    assert 'value="right@mail.example"' in page
    assert RightsRequest.objects.count() == before
    assert visits.is_signed_in(client)


def test_a_wrong_password_on_the_way_loses_nothing(client, minji, disputed, clock):
    carried = send_too_late(client, clock, disputed)
    form = {**carried, "identifier": "minji-id", "password": "wrong", "way": "password"}
    again = client.post(visits.at("sign_in"), form)
    assert hidden(again)["filled"] == carried["filled"]


def test_nothing_of_it_is_kept_by_us_and_no_password_is_carried(client, minji, disputed, clock):
    carried = send_too_late(client, clock, disputed, current="my secret", password="my secret")
    assert "my secret" not in str(signing.loads(carried["filled"], salt=filled.SALT))
    for row in Session.objects.all():
        assert "address" not in str(row.get_decoded())
    by_password(client, carried)
    for row in Session.objects.all():
        assert "address" not in str(row.get_decoded())


@pytest.mark.parametrize(
    "change", [lambda it: it + "x", lambda it: it[1:], lambda it: ".", str.upper]
)
def test_an_altered_one_counts_for_nothing(client, minji, disputed, clock, change):
    carried = send_too_late(client, clock, disputed)
    answer = by_password(client, {**carried, "filled": change(carried["filled"])})
    assert answer.status_code == 302


def test_an_hour_later_it_counts_for_nothing(client, minji, disputed, clock):
    carried = send_too_late(client, clock, disputed)
    clock.shift(timedelta(hours=1, seconds=1))
    assert by_password(client, carried).url == disputed


def test_strangers_and_pages_that_act_at_once_carry_nothing(client, minji, disputed, clock):
    assert Client().post(disputed, {"text": WORDS}).status_code == 302
    clock.shift(timedelta(minutes=30))
    assert client.post(visits.at("stop"), {"everything": "yes"}).status_code == 302
    assert {"change", "dispute", "request"} == filled.PAGES


def test_what_is_too_long_is_not_carried(client, minji, disputed, clock):
    clock.shift(timedelta(minutes=30))
    long = "".join(chr(0xAC00 + number * 7 % 11_000) for number in range(12_000))
    assert client.post(disputed, {"text": long}).status_code == 302

"""My account and My data: everything held, why, from where and until when."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def minji():
    return cast.member(visits.live())


def data_page(client):
    return client.get(visits.at("data")).content.decode()


@pytest.mark.promise("MIK-7.1a")
def test_every_item_shows_with_its_value_and_its_reason(client, minji):
    cast.history(minji)
    visits.sign_in(client, "minji-id")
    page = data_page(client)
    for value in (
        "Minji",
        "minji@mail.example",
        "010-2345-6789",
        "Shirt 29,000 KRW",
        "203.0.113.9",
    ):
        assert value in page
    assert "Kept while the membership lasts because clause 5.1 says so." in page
    assert "Membership registration" in page
    assert (
        "Kept until 6 May 2030 (counted from 6 May 2025) at least, "
        "and while the membership lasts because clause 5.2.2 says so" in page
    )


def test_nothing_of_anybody_else_shows(client, minji):
    cast.member(minji.service, "hana", mobile="010-9999-0000")
    visits.sign_in(client, "minji-id")
    page = data_page(client)
    assert "hana@mail.example" not in page
    assert "010-9999-0000" not in page


def test_markup_in_a_value_stays_text(client, minji):
    cast.member(minji.service, "eve", mobile="<img src=x onerror=alert(1)>")
    visits.sign_in(client, "eve-id")
    assert "<img src=x" not in data_page(client)


def test_my_data_costs_the_same_number_of_queries_however_much_is_held(client, minji):
    visits.sign_in(client, "minji-id")
    data_page(client)
    few = _queries(client)
    visits.many_orders(minji, 200)
    assert _queries(client) == few
    assert data_page(client).count("Order of a shirt") == 200


def _queries(client):
    with (
        CaptureQueriesContext(connections["default"]) as default,
        CaptureQueriesContext(connections["keyring"]) as keyring,
        CaptureQueriesContext(connections["archive"]) as archive,
    ):
        client.get(visits.at("data"))
    return len(default), len(keyring), len(archive)


def test_withdrawing_is_a_card_like_the_others(client, minji):
    visits.sign_in(client, "minji-id")
    page = client.get(visits.at("account")).content.decode()
    cards = page.split('class="card-link"')
    assert any("Withdraw membership" in card for card in cards)
    assert visits.at("withdraw") in page

"""Every page of a person costs as many queries with much behind it as with little."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance.models import Notice
from members.actions import known_device, rights_request
from members.models import ConsentEvent, RightsRequest
from tests.tools import cast, routes, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
MOST = 30  # Of one page over the three databases.


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    visits.sign_in(client, "minji-id")
    return found


@pytest.fixture
def addresses(minji):
    found = routes.addresses("mikmik", routes.own(minji, now=NOW))
    return found | {"notice": visits.at("notice", "mikmik", a_notice(minji.service).pk)}


def a_notice(service, days=0):
    return Notice.objects.create(
        service=service,
        version=cast.version(service),
        event=f"policy_revision_{'important' if days % 2 else 'general'}",
        effective_on=(NOW + timedelta(days=days)).date(),
        published_at=NOW - timedelta(days=days),
        places=["first_page"],
    )


def queries(client, url):
    client.get(url)
    with ExitStack() as stack:
        seen = [stack.enter_context(CaptureQueriesContext(one)) for one in connections.all()]
        status = client.get(url).status_code
    return status, sum(len(some) for some in seen)


def add_much(minji):
    """Other people, orders, requests, answers, devices and notices."""
    service = minji.service
    for number in range(12):
        other = cast.member(service, f"other{number}")
        known_device.remember(minji, address=f"192.0.2.{number}", browser="", now=NOW)
        rights_request.receive(
            (minji, other)[number % 2],
            RightsRequest.Kind.ACCESS,
            channel="web",
            text="Another one",
            actor=None,
            now=NOW + timedelta(minutes=number),
        )
        ConsentEvent.objects.create(
            subject=minji,
            purpose="advertising",
            channel="email",
            answer=("agreed", "withdrawn")[number % 2],
            version=cast.version(service),
            asked_by="web",
            language="ko",
            text_hash="0" * 64,
            answered_at=NOW - timedelta(days=number),
        )
    a_notice(service, 1)
    visits.many_orders(minji, 25)


def test_every_page_costs_as_many_queries_for_much_as_for_little(client, minji, addresses):
    before = {name: queries(client, url) for name, url in addresses.items()}
    add_much(minji)
    after = {name: queries(client, url) for name, url in addresses.items()}
    more = {name: (before[name], after[name]) for name in before if before[name] < after[name]}
    assert more == {}
    assert {name: found for name, found in after.items() if found[1] > MOST} == {}
    assert sum(status == 200 for status, _ in after.values()) >= 30

"""Recipients: on the public list, under an agreement, or the promise is broken."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from disclosures.models import Recipient
from tests.tools import board, cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
TODAY = date(2026, 11, 23)
POSTED, AGREED = "recipient_posted(recipient=sellers)", "recipient_agreement(recipient=sellers)"


@pytest.fixture
def mikmik():
    return cast.service()


def seller(service, name="Seller", **fields):
    values = {
        "kind": "third_party",
        "posted_on": TODAY,
        "agreement_reference": "A-1",
        "since_on": TODAY,
    }
    return Recipient.objects.create(
        service=service, policy_code="sellers", name=name, **(values | fields)
    )


def test_without_any_recipient_a_person_is_waited_for(mikmik):
    assert {board.verdict(mikmik, key, NOW) for key in (POSTED, AGREED)} == {"waiting_for_person"}


@pytest.mark.promise("MIK-6.4a")
def test_a_running_recipient_off_the_list_breaks_the_promise(mikmik):
    one = seller(mikmik, posted_on=None)
    found = board.finding(mikmik, POSTED, NOW)
    assert (found.verdict, found.evidence[0]["unposted"], found.evidence[0]["for_recipient"]) == (
        "broken",
        1,
        "sellers",
    )
    one.posted_on = TODAY
    one.save()
    assert board.verdict(mikmik, POSTED, NOW) == "kept"


@pytest.mark.parametrize(
    ("fields", "verdict"),
    [
        ({"agreement_reference": ""}, "broken"),
        ({"agreement_until": TODAY - timedelta(days=1)}, "broken"),
        ({"agreement_until": TODAY}, "at_risk"),
        ({"agreement_until": TODAY + timedelta(days=31)}, "kept"),
        ({"agreement_reference": "", "ended_on": TODAY}, "waiting_for_person"),
    ],
)
def test_the_agreement_of_a_running_recipient_decides(mikmik, fields, verdict):
    seller(mikmik, **fields)
    assert board.verdict(mikmik, AGREED, NOW) == verdict


def test_a_hundred_recipients_cost_one_query(mikmik):
    for number in range(100):
        seller(mikmik, f"Seller {number}")
    board.finding(mikmik, POSTED, NOW)
    with CaptureQueriesContext(connections["default"]) as asked:
        board.finding(mikmik, POSTED, NOW)
    assert len([one for one in asked if "disclosures_recipient" in one["sql"]]) == 1

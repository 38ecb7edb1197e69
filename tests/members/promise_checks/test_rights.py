"""The board over rights: disputed items are not used, fax counts as a letter, purchasers are served like members."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.promises import CheckContext
from members.actions import rectification, rights_request
from members.models import Record, Restriction, RightsRequest
from members.promise_checks import disputes
from tests.tools import board, cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DISPUTED, EQUAL = "disputed_not_used()", "equal_protection()"


@pytest.fixture
def mikmik():
    return visits.live()


@pytest.fixture
def minji(mikmik):
    return cast.member(mikmik)


def disputed(subject, channel="phone", items=("mobile",)):
    return rights_request.receive(
        subject,
        "rectification",
        channel=channel,
        items=list(items),
        text="wrong",
        identity="called_back",
        actor=None,
        now=NOW,
    )


@pytest.mark.promise("MIK-7.2", "LEJ-RGT-4")
def test_a_dispute_without_its_hold_breaks_the_promise(mikmik, minji):
    assert board.verdict(mikmik, DISPUTED, NOW) == "kept"
    disputed(minji)
    assert board.verdict(mikmik, DISPUTED, NOW) == "kept"
    Restriction.objects.update(ended_at=NOW)
    found = board.finding(mikmik, DISPUTED, NOW)
    assert (found.verdict, found.evidence[0]["without_hold"]) == ("broken", 1)


@pytest.mark.promise("MIK-7.2")
def test_a_hold_on_part_of_the_items_is_not_enough(mikmik, minji):
    disputed(minji, items=("mobile", "name"))
    Restriction.objects.update(items=["mobile"])
    assert board.verdict(mikmik, DISPUTED, NOW) == "broken"


@pytest.mark.promise("MIK-7.2")
def test_no_purpose_of_any_policy_gets_a_disputed_item():
    for slug in ("mikmik", "leje", "letsmasak", "engoo", "krainpop"):
        service = cast.service(slug)
        version = cast.version(service)
        policy = rectification.gate.policy_for(service, NOW)
        context = CheckContext(service, version, policy, {}, NOW)
        for item in policy.items:
            for entry in item.subjects:
                assert disputes._let_through(context, entry.kind, item.code) == 0


@pytest.mark.promise("LEJ-RGT-3", "MIK-7.1b")
def test_a_fax_that_waits_too_long_breaks_the_promise_about_letters(mikmik, minji):
    key = "right_in_time(channels=email,phone,writing,right=correction)"
    disputed(minji, channel="fax")
    assert board.verdict(mikmik, key, NOW + timedelta(hours=1)) == "at_risk"
    assert board.verdict(mikmik, key, NOW + timedelta(days=1, seconds=1)) == "broken"


@pytest.mark.promise("MIK-7.1a", "LEJ-RGT-1", "LMK-2d")
def test_a_change_of_ones_own_is_answered_at_once(mikmik, minji):
    key = "right_in_time(channels=self_service,right=correction)"
    one = next(one for one in minji.records.all() if "mobile" in one.item_codes)
    rectification.change_own(minji, one.pk, "mobile", "01098765432", now=NOW)
    found = board.finding(mikmik, key, NOW + timedelta(days=9))
    assert (found.verdict, found.evidence[0]["requests"]) == ("kept", 1)


@pytest.mark.promise("MIK-10.4")
def test_a_late_purchaser_breaks_equal_protection_and_a_late_member_does_not(mikmik, minji):
    disputed(minji)
    later = NOW + timedelta(days=2)
    assert board.verdict(mikmik, EQUAL, later) == "kept"
    disputed(visits.purchaser(mikmik, "A-100"), items=("name",))
    found = board.finding(mikmik, EQUAL, later)
    assert (found.verdict, found.evidence[0]["purchasers_requests_late"]) == ("broken", 1)
    RightsRequest.objects.update(state="done", closed_at=NOW + timedelta(hours=3))
    assert board.verdict(mikmik, EQUAL, later) == "kept"


@pytest.mark.promise("MIK-10.4")
def test_a_record_of_a_purchaser_without_a_seal_breaks_it(mikmik):
    guest = visits.purchaser(mikmik, "A-100")
    assert board.verdict(mikmik, EQUAL, NOW) == "kept"
    Record.objects.filter(subject=guest).update(sealed=b"")
    assert board.verdict(mikmik, EQUAL, NOW) == "broken"

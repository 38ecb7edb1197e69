"""Nobody waits to be told of a destruction, and no other message stands in for a confirmation."""

from datetime import UTC, datetime, timedelta

import pytest

from members.actions import withdrawal
from members.models import Delivery, UntoldDestruction, Withdrawal
from tests.tools import board, cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2027, 1, 31, 3, tzinfo=UTC)


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def minji(mikmik):
    return cast.member(mikmik)


@pytest.mark.promise("MIK-8.1c")
def test_a_destruction_that_a_member_was_not_told_of_for_a_day_breaks(mikmik, minji):
    key = "confirmation_sent(notice=withdrawal_confirmation)"
    row = UntoldDestruction.objects.create(
        subject=minji, service=mikmik, destroyed_at=NOW, lines=[{"rule": "payment_5y"}]
    )
    assert board.verdict(mikmik, key, NOW + timedelta(hours=25)) == "kept"
    found = board.finding(mikmik, key, NOW + timedelta(hours=25, seconds=1))
    assert (found.verdict, found.evidence[0]["destructions_untold"]) == ("broken", 1)
    row.delete()
    assert board.verdict(mikmik, key, NOW + timedelta(hours=26)) == "kept"


@pytest.mark.promise("MIK-8.1c")
def test_no_other_message_stands_in_for_a_missing_confirmation(mikmik, minji):
    key = "confirmation_sent(notice=withdrawal_confirmation)"
    begun = withdrawal.request(minji, channel="web", actor=None, now=NOW)
    withdrawal.carry_out(begun, now=NOW)
    Delivery.objects.update(state="sent", finished_at=NOW, sealed=None)
    withdrawal.carry_out(Withdrawal.objects.get(), now=NOW)
    assert board.verdict(mikmik, key, NOW) == "kept"
    Delivery.objects.update(event="choices_changed")
    assert board.verdict(mikmik, key, NOW) == "broken"

"""What the end of a dormant membership leaves to destroy is forecast for the day on which it then goes."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from members import forecast
from members.actions import destruction, dormancy_end, dormancy_move, withdrawal
from members.actions.withdrawal import parts_of
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import Delivery, Withdrawal
from tests.members.test_forecast import NOW, expected, happened, keep_for, queries
from tests.tools import cast, sleepers, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]


@pytest.fixture
def mikmik():
    return visits.live()


def test_what_the_end_of_a_dormant_membership_leaves_goes_on_the_days_that_were_forecast(mikmik):
    keep_for(mikmik, "P6M")
    mina = cast.officer("mina", mikmik)
    people = [sleepers.member(mikmik, mina, name, n) for n, name in enumerate(("minji", "juno"))]
    assert dormancy_move.set_apart(NOW, mikmik).done == 2
    ended = date(2027, 5, 26)
    at_once = expected(mikmik, "destroy_if_ended").pop(ended)
    later = Counter(expected(mikmik, "destroy"))
    later.update({d: n for d, n in expected(mikmik, "destroy_if_ended").items() if d > ended})
    released = expected(mikmik, "release_if_ended")
    assert min(later) > ended and released == {date(2027, 6, 27): 2 * 2}
    end_all(datetime(2027, 5, 26, 3, tzinfo=UTC))
    plans = [parts_of(one) for one in Withdrawal.objects.filter(subject__in=people)]
    assert at_once == sum(part.outcome == "destroy" for plan in plans for part in plan)
    assert happened(mikmik, released, destruction.release_digests, RejoinDigest.objects.count) == (
        released
    )
    assert happened(mikmik, later, destruction.destroy_due, ArchivedRecord.objects.count) == later
    assert not ArchivedRecord.objects.exists()


def end_all(at):
    """End every dormant membership whose storage is over, with its message sent."""
    assert dormancy_end.end_due(at).done == 2
    Delivery.objects.update(state="sent", finished_at=at, sealed=None)
    for one in Withdrawal.objects.all():
        assert withdrawal.carry_out(one, now=at).step == "complete"


def test_the_ends_of_memberships_take_as_many_queries_for_ten_sleepers_as_for_one(mikmik):
    keep_for(mikmik, "P6M")
    mina = cast.officer("mina", mikmik)
    sleepers.member(mikmik, mina, "first", 0)
    dormancy_move.set_apart(NOW, mikmik)
    few = queries(lambda: forecast.of_service(mikmik, now=NOW))
    for number in range(1, 10):
        sleepers.member(mikmik, mina, f"s{number}", number)
    assert dormancy_move.set_apart(NOW, mikmik).done == 9
    assert queries(lambda: forecast.of_service(mikmik, now=NOW)) == few

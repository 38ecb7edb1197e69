"""What a page says about leaving is what leaving does, for the whole person: cases and travelling names included."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance.selectors import policy_values
from members import selectors, story
from members.actions import case_flag, record, restriction, withdrawal
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def told_ends(person):
    """The last day that the page tells for each item of each record, if the person left today."""
    return {
        (one.record_id, one.code): last_of(one.explanation.what_next)
        for one in selectors.held_items(person, now=NOW)
    }


def last_of(fate):
    own = [fate.last_day] if fate.outcome == "segregate" else []
    return max([*own, *(copy.last_day for copy in fate.travels_with)], default=None)


def planned_ends(person):
    """The same from the plan that a withdrawal carries out."""
    parts = withdrawal.preview(person, now=NOW)
    copies = [part for part in parts if not part.record_id]
    found = {}
    for part in parts:
        for item in part.items if part.record_id else ():
            own = [part.last_day] if part.outcome == "segregate" else []
            ends = own + [copy.last_day for copy in copies if item in copy.items]
            found[part.record_id, item] = max(ends, default=None)
    return found


def sentences(person):
    return {one.code: story.of(one.explanation) for one in selectors.held_items(person, now=NOW)}


@pytest.mark.promise("MIK-5.1b")
def test_the_page_tells_the_days_of_the_plan_for_a_member_with_every_record_class():
    minji = cast.member(cast.service())
    cast.history(minji)
    told = told_ends(minji)
    assert told == planned_ends(minji)
    assert date(2027, 11, 25) in told.values(), "log-in records stay twelve months"
    names = sentences(minji)
    assert "On leaving it moves apart with the records it belongs to, today until" in names["name"]
    assert names["name"].endswith("A digest of it stays as well, today until 25 Dec 2026.")
    assert names["mobile"].endswith("On leaving it is destroyed.")


@pytest.mark.promise("LEJ-RET-1")
@pytest.mark.promise("LEJ-RET-6")
def test_a_name_at_leje_goes_with_the_order_and_a_case_in_force_is_told():
    leje = cast.service("leje", now=datetime(2015, 1, 5, tzinfo=UTC))
    person = cast.member(leje)
    assert sentences(person)["name"].endswith("On leaving it is destroyed.")
    record.keep(
        person,
        {"payment_records": "Shirt 29,000 KRW"},
        occurred_at=NOW,
        source="events",
        policy=policy_values(cast.version(leje)),
        anchors={"payment": "2026-11-20", "supply": "2026-11-22"},
        actor=None,
        now=NOW,
    )
    assert sentences(person)["name"].endswith(
        "On leaving it moves apart with the records it belongs to, today until 22 Nov 2031,"
        " and is then destroyed."
    )
    assert sentences(person)["email"].endswith("On leaving it is destroyed.")
    mina, juno = cast.officer("mina", leje), cast.officer("juno", leje)
    proposed = case_flag.propose(
        person,
        rule_code="fraud_hold",
        reason="fraud_finding",
        found_on=date(2026, 11, 20),
        actor=mina,
        now=NOW,
    )
    assert sentences(person)["email"].endswith("On leaving it is destroyed.")
    case_flag.confirm(proposed, actor=juno, now=NOW)
    assert sentences(person)["email"].endswith(
        "On leaving it moves apart (clause §3 internal policy), today until 25 Nov 2036, and is then"
        " destroyed. A confirmed case keeps it that long."
    )
    assert told_ends(person) == planned_ends(person)


def test_a_name_that_goes_with_a_held_record_has_no_end_until_the_hold_is_lifted():
    minji = cast.member(cast.service())
    cast.history(minji)
    hold = restriction.place(
        minji,
        ground="legal_request",
        items=["payment_records"],
        blocks_use=False,
        actor=None,
        now=NOW,
    )
    held = sentences(minji)
    assert held["payment_records"].startswith("Kept for as long as a legal request is open.")
    assert "moves apart with the records it belongs to, until nothing keeps them" in held["name"]
    assert open_ends(minji) == planned_open_ends(minji) != set()
    restriction.lift(hold, actor=None, now=NOW)
    assert "today until 6 May 2030" in sentences(minji)["name"]
    assert open_ends(minji) == planned_open_ends(minji) == set()


def open_ends(person):
    """The items that the page says are kept on leaving without a known end."""
    return {
        one.code
        for one in selectors.held_items(person, now=NOW)
        if None in ends_of(one.explanation.what_next)
    }


def ends_of(fate):
    own = [fate.last_day] if fate.outcome in {"segregate", "keep"} else []
    return [*own, *(copy.last_day for copy in fate.travels_with)]


def planned_open_ends(person):
    parts = withdrawal.preview(person, now=NOW)
    moved = [part for part in parts if part.outcome in {"segregate", "keep"}]
    return {item for part in moved if part.last_day is None for item in part.items}


def test_the_newest_hundred_records_tell_the_same_as_all_of_them_at_the_same_cost():
    minji = cast.member(cast.service())
    cast.history(minji)
    with CaptureQueriesContext(connection) as few:
        selectors.masked_items(minji, limit=100, now=NOW)
    visits.many_orders(minji, 200)
    with CaptureQueriesContext(connection) as many:
        masked = selectors.masked_items(minji, limit=100, now=NOW)
    assert len(many) == len(few)
    whole = {
        (one.record_id, one.code): one.explanation for one in selectors.held_items(minji, now=NOW)
    }
    assert len({one.record_id for one in masked}) == 100
    assert all(one.explanation == whole[one.record_id, one.code] for one in masked)

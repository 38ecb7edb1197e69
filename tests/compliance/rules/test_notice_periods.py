from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.calendar import Period
from compliance.rules.notice_periods import (
    Lead,
    announce_by,
    earliest_effective_on,
    earliest_effective_under,
)

DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 12, 31))
WEEK, MONTH = Period(days=7), Period(days=30)


@pytest.mark.promise("MIK-20a")
def test_seven_days_posted_on_the_first_take_effect_on_the_ninth():
    assert earliest_effective_on(date(2026, 6, 1), WEEK) == date(2026, 6, 9)


@pytest.mark.promise("MIK-20b")
def test_thirty_days_posted_on_22_november_take_effect_on_23_december():
    assert earliest_effective_on(date(2026, 11, 22), MONTH) == date(2026, 12, 23)


@pytest.mark.parametrize(
    ("announced", "lead", "effective"),
    [
        ("2028-02-21", "P7D", "2028-02-29"),
        ("2027-02-21", "P7D", "2027-03-01"),
        ("2026-12-24", "P7D", "2027-01-01"),
        ("2027-01-31", "P1M", "2027-03-01"),
        ("2026-11-22", "P0D", "2026-11-23"),
    ],
)
def test_neither_the_posting_day_nor_the_effective_day_counts(announced, lead, effective):
    announced_on, expected = date.fromisoformat(announced), date.fromisoformat(effective)
    assert earliest_effective_on(announced_on, Period.parse(lead)) == expected


def test_more_than_thirty_days_means_thirty_one():
    assert earliest_effective_on(date(2026, 6, 1), MONTH, more_than=True) == date(2026, 7, 3)
    assert earliest_effective_on(date(2026, 6, 1), MONTH) == date(2026, 7, 2)


def test_the_longest_of_several_notice_rules_wins():
    day = date(2026, 11, 22)
    assert earliest_effective_under(day, [Lead(WEEK), Lead(MONTH)]) == date(2026, 12, 23)
    assert earliest_effective_under(day, [Lead(MONTH), Lead(MONTH, more_than=True)]) == date(
        2026, 12, 24
    )


def test_without_any_rule_the_next_day_is_the_earliest():
    assert earliest_effective_under(date(2026, 11, 22), []) == date(2026, 11, 23)


@given(DAYS, st.integers(0, 120), st.booleans())
def test_whole_days_between_posting_and_effect_reach_the_lead(announced, days, more_than):
    effective = earliest_effective_on(announced, Period(days=days), more_than=more_than)
    between, day = 0, announced + timedelta(days=1)
    while day < effective:
        between, day = between + 1, day + timedelta(days=1)
    assert between == days + more_than


@given(DAYS, st.integers(0, 14), st.integers(0, 60), st.booleans())
def test_the_day_to_announce_by_is_the_last_that_fits(effective, months, days, more_than):
    lead = Period(months=months, days=days)
    by = announce_by(effective, lead, more_than=more_than)
    assert earliest_effective_on(by, lead, more_than=more_than) <= effective
    following = by + timedelta(days=1)
    assert (
        following == effective
        or earliest_effective_on(following, lead, more_than=more_than) > effective
    )

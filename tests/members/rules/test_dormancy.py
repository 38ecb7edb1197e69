"""When somebody is told and set apart for not using the service."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.calendar import Period
from members.rules import dormancy
from members.rules.dormancy import Terms
from tests.compliance.rules.policies import SLUGS, preset

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
DAY = timedelta(days=1)
PERIODS = st.sampled_from(["P1Y", "P12M", "P6M", "P1M", "P90D", "P2Y", "P1Y1M15D"])
LEADS = st.sampled_from(["P30D", "P7D", "P1M", "P4W", "P0D"])


def terms(period="P1Y", lead="P30D", *, more_than=False):
    return Terms(
        rule="dormancy_1y",
        clause="5.5",
        kinds=frozenset({"member"}),
        period=Period.parse(period),
        lead=Period.parse(lead),
        more_than=more_than,
    )


@pytest.mark.promise("MIK-5.5b")
def test_the_example_of_the_policy_separates_on_18_august_and_not_on_the_17th():
    assert terms().period_over_on(date(2014, 8, 17)) == date(2015, 8, 18)


@pytest.mark.promise("MIK-5.5a")
def test_the_notice_is_due_30_whole_days_before_the_year_is_over():
    assert terms().notice_on(date(2025, 12, 22)) == date(2026, 11, 22)
    assert terms().separate_on(date(2025, 12, 22), date(2026, 11, 22)) == date(2026, 12, 23)


@pytest.mark.promise("MIK-5.5a")
def test_a_late_notice_makes_the_separation_later():
    assert terms().separate_on(date(2025, 12, 22), date(2026, 12, 1)) == date(2027, 1, 1)
    assert terms().sleeps_on(date(2020, 1, 1), date(2026, 11, 25)) == date(2026, 12, 26)


def test_a_lead_that_has_to_be_exceeded_takes_a_day_more():
    assert terms(more_than=True).notice_on(date(2025, 12, 22)) == date(2026, 11, 21)


def _counted(day, years, months, days):
    """Go month by month to the anniversary and cut the day at the end of the last month only."""
    year, month = day.year + years, day.month + months
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    end = date(year + month // 12, month % 12 + 1, 1) - DAY
    return date(year, month, min(day.day, end.day)) + days * DAY


def _parts(text):
    period = Period.parse(text)
    return period.years, period.months, period.days


@given(used=DAYS, told_after=st.integers(0, 800), period=PERIODS, lead=LEADS)
def test_days_agree_with_a_count_of_their_own(used, told_after, period, lead):
    told, one = used + told_after * DAY, terms(period, lead)
    over = _counted(used, *_parts(period)) + DAY
    assert one.period_over_on(used) == over
    assert one.separate_on(used, told) == max(over, _counted(told, *_parts(lead)) + DAY)


@given(used=DAYS, period=PERIODS, lead=LEADS)
def test_a_notice_on_its_day_is_in_time_and_one_a_day_later_is_not(used, period, lead):
    one = terms(period, lead)
    due = one.notice_on(used)
    assert one.separate_on(used, due) == one.period_over_on(used)
    assert due == one.period_over_on(used) - DAY or (
        one.separate_on(used, due + DAY) > one.period_over_on(used)
    )


@given(today=DAYS, period=PERIODS, lead=LEADS, away=st.integers(0, 900))
def test_the_newest_use_divides_the_due_from_the_others(today, period, lead, away):
    one, used = terms(period, lead), today - away * DAY
    assert (used <= one.newest_use_over(today)) == (one.period_over_on(used) <= today)
    assert (used <= one.newest_use_to_tell(today)) == (one.notice_on(used) <= today)


def test_only_mikmik_lets_people_become_dormant():
    found = {slug: dormancy.terms(preset(slug)) for slug in SLUGS}
    assert [slug for slug, rows in found.items() if rows] == ["mikmik"]
    (row,) = found["mikmik"]
    assert row == Terms(
        rule="dormancy_1y",
        clause="5.5",
        kinds=frozenset({"member", "business"}),
        period=Period.parse("P1Y"),
        lead=Period.parse("P30D"),
        channels=("email", "phone", "writing"),
    )
    assert dormancy.terms_for(preset("mikmik"), "business") == row
    assert dormancy.terms_for(preset("mikmik"), "nonmember") is None


def test_without_the_notice_row_nobody_becomes_dormant():
    rows = tuple(row for row in preset("mikmik").notices if row.event != "dormancy")
    assert dormancy.terms(replace(preset("mikmik"), notices=rows)) == ()

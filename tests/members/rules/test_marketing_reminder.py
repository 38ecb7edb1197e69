"""Reminders of advertising: only where a law asks, counted in whole days, whatever the month."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.calendar import Period, last_day
from members.rules import marketing_reminder as rule
from tests.compliance.rules.policies import SLUGS, preset

DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize("slug", SLUGS)
def test_only_korean_law_asks_for_a_reminder(slug):
    assert (rule.period(preset(slug)) is not None) == (slug in ("mikmik", "leje"))


def test_the_purposes_are_those_people_agree_to_channel_by_channel():
    assert "advertising" in rule.purposes(preset("mikmik"))
    assert "delivery" not in rule.purposes(preset("mikmik"))


@given(DAYS)
def test_the_last_day_still_belongs_to_the_two_years(today):
    newest = rule.newest_due(preset("mikmik"), today)
    assert last_day(newest, Period.parse("P2Y")) < today
    assert last_day(newest + timedelta(days=1), Period.parse("P2Y")) >= today


def test_leap_days_end_with_february():
    assert rule.newest_due(preset("mikmik"), date(2026, 2, 28)) == date(2024, 2, 27)
    assert rule.newest_due(preset("mikmik"), date(2026, 3, 1)) == date(2024, 2, 29)

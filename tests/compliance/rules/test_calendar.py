from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance.rules.calendar import (
    Period,
    day_has_passed,
    first_day_after,
    last_day,
    local_day,
    longer_than,
    moment_after,
    start_of_day,
)

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31))
ZONES = (
    "Asia/Seoul",
    "Asia/Jakarta",
    "Asia/Kuala_Lumpur",
    "America/Sao_Paulo",
    "America/Havana",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "UTC",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P5Y", Period(years=5)),
        ("P12M", Period(months=12)),
        ("P30D", Period(days=30)),
        ("P2W", Period(days=14)),
        ("P1Y2M3DT4H5M6S", Period(1, 2, 3, 4 * 3600 + 5 * 60 + 6)),
        ("PT24H", Period(seconds=86_400)),
        ("PT0S", Period()),
        ("P0D", Period()),
    ],
)
def test_a_period_is_read_as_written(text, period):
    assert Period.parse(text) == period


@pytest.mark.parametrize("text", ["", "P", "PT", "P1", "5Y", "P-1D", "P1.5D", "p1d", "P1DT", "P١D"])
def test_anything_else_is_no_period(text):
    with pytest.raises(ValueError, match="not an ISO 8601 duration"):
        Period.parse(text)


@given(
    st.builds(
        Period,
        years=st.integers(0, 99),
        months=st.integers(0, 99),
        days=st.integers(0, 999),
        seconds=st.integers(0, 10**6),
    )
)
def test_a_printed_period_reads_back_as_itself(period):
    assert Period.parse(str(period)) == period


def test_twelve_months_stay_twelve_months_and_last_a_year():
    twelve, year = Period.parse("P12M"), Period.parse("P1Y")
    assert str(twelve) == "P12M"
    assert not longer_than(twelve, year)
    assert not longer_than(year, twelve)


@pytest.mark.parametrize(
    ("one", "other", "longer"),
    [
        ("P5Y", "P60M", False),
        ("P30D", "P1M", True),
        ("P1M", "P30D", True),
        ("P28D", "P1M", False),
        ("PT25H", "P1D", True),
        ("PT24H", "P1D", False),
        ("P366D", "P1Y", True),
    ],
)
def test_a_period_is_longer_when_it_is_so_from_some_day(one, other, longer):
    assert longer_than(Period.parse(one), Period.parse(other)) is longer


@pytest.mark.parametrize(
    ("anchor", "period", "last"),
    [
        ("2026-11-22", "P5Y", "2031-11-22"),
        ("2027-01-31", "P1M", "2027-02-28"),
        ("2028-01-31", "P1M", "2028-02-29"),
        ("2026-11-30", "P3M", "2027-02-28"),
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2024-02-28", "P1Y", "2025-02-28"),
        ("2026-12-31", "P30D", "2027-01-30"),
        ("2026-08-31", "P1M1D", "2026-10-01"),
        ("2026-11-22", "P0D", "2026-11-22"),
    ],
)
def test_the_last_day_is_the_anniversary_clipped_to_its_month(anchor, period, last):
    anchor_on, expected = date.fromisoformat(anchor), date.fromisoformat(last)
    assert last_day(anchor_on, Period.parse(period)) == expected
    assert first_day_after(anchor_on, Period.parse(period)) == expected + timedelta(days=1)


def test_months_are_counted_from_the_anchor_and_not_from_a_clipped_day():
    anchor = date(2027, 1, 31)
    assert last_day(anchor, Period(months=2)) == date(2027, 3, 31)


def test_hours_need_a_moment():
    with pytest.raises(ValueError, match="from a moment"):
        last_day(date(2026, 11, 22), Period.parse("PT24H"))


def walked(anchor: date, months: int, days: int) -> date:
    """An independent count: walk one day at a time over the month boundaries, then the days."""
    day, crossed = anchor, 0
    while crossed < months:
        following = day + timedelta(days=1)
        crossed += following.month != day.month
        day = following
    if months:
        while day.day < anchor.day and (day + timedelta(days=1)).month == day.month:
            day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
    return day


@given(DAYS, st.integers(0, 3), st.integers(0, 14), st.integers(0, 40))
@example(date(2024, 2, 29), 1, 0, 0)
@example(date(2026, 12, 31), 0, 2, 1)
def test_the_last_day_agrees_with_counting_day_by_day(anchor, years, months, days):
    assert last_day(anchor, Period(years, months, days)) == walked(
        anchor, years * 12 + months, days
    )


@given(DAYS, st.integers(1, 3000))
def test_a_later_event_never_ends_earlier(anchor, months):
    period = Period(months=months)
    assert last_day(anchor, period) <= last_day(anchor + timedelta(days=1), period)


@pytest.mark.parametrize(
    ("day", "zone", "starts"),
    [
        ("2026-12-23", "Asia/Seoul", "2026-12-22T15:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # 00:00 was skipped
        ("2018-02-18", "America/Sao_Paulo", "2018-02-18T03:00"),  # 23:00 came twice the day before
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),  # the whole day was skipped
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00"),
        ("2026-11-01", "America/Havana", "2026-11-01T04:00"),  # 00:00 comes twice
        ("1919-03-31", "America/Toronto", "1919-03-31T04:30"),  # 23:30 to 00:30
        ("2006-10-29", "America/St_Johns", "2006-10-29T03:30"),  # 00:01 fell back to the day before
    ],
)
def test_a_day_starts_once_whatever_the_clocks_do(day, zone, starts):
    assert start_of_day(date.fromisoformat(day), zone) == at(starts)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(ZONES), st.dates(date(1995, 1, 1), date(2035, 1, 1)))
@example("America/Sao_Paulo", date(2018, 11, 4))
@example("Pacific/Apia", date(2011, 12, 30))
@example("America/Havana", date(2026, 11, 1))
@example("Atlantic/Azores", date(2026, 10, 25))
def test_no_moment_after_the_start_of_a_day_shows_an_earlier_date(zone, day):
    start, step = start_of_day(day, zone), timedelta(minutes=15)
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    grid = [noon + step * n for n in range(-160, 160)]
    earlier = [moment for moment in grid if moment.astimezone(ZoneInfo(zone)).date() < day]
    assert max(earlier) < start
    assert start - max(earlier) <= step


@pytest.mark.parametrize(
    ("now", "passed"),
    [("2026-12-22T14:59:59", False), ("2026-12-22T15:00:00", True), ("2026-12-23T15:00", True)],
)
def test_the_last_day_still_belongs_to_the_period(now, passed):
    assert day_has_passed(date(2026, 12, 22), at(now), "Asia/Seoul") is passed


@pytest.mark.parametrize(
    ("moment", "period", "zone", "expected"),
    [
        ("2026-11-22T08:00", "PT24H", "Asia/Seoul", "2026-11-23T08:00"),
        ("2026-11-22T08:00", "PT0S", "Asia/Seoul", "2026-11-22T08:00"),
        ("2026-01-31T15:30", "P1M", "Asia/Seoul", "2026-02-28T15:30"),
        ("2026-01-30T15:30", "P1M", "Asia/Seoul", "2026-02-27T15:30"),
        ("2026-03-28T12:00", "P1D", "Europe/Paris", "2026-03-29T11:00"),
        ("2026-03-28T12:00", "PT24H", "Europe/Paris", "2026-03-29T12:00"),
    ],
)
def test_a_moment_moves_by_the_wall_clock_for_days_and_by_seconds_below(
    moment, period, zone, expected
):
    assert moment_after(at(moment), Period.parse(period), zone) == at(expected)


def test_a_naive_moment_has_no_day():
    with pytest.raises(ValueError, match="without a zone"):
        local_day(datetime(2026, 11, 22), "Asia/Seoul")  # noqa: DTZ001

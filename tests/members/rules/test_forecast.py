"""Days, months and bars of a forecast."""

from datetime import date

from members.rules import forecast
from members.rules.forecast import Line

TODAY = date(2026, 11, 25)


def line(day, count=1, *, act="destroy", clause="5.2.2", held=0):
    return Line(day, act, clause, "payment_5y", "payment_records", count, held)


def test_the_last_day_of_keeping_is_not_the_day_of_destruction():
    assert forecast.acts_on(date(2026, 11, 25), TODAY) == date(2026, 11, 26)
    assert forecast.acts_on(date(2026, 11, 24), TODAY) == TODAY
    assert forecast.acts_on(date(2020, 1, 1), TODAY) == TODAY


def test_the_horizon_is_cut_to_the_end_of_a_shorter_month():
    assert forecast.horizon(date(2026, 8, 31), 18) == date(2028, 2, 29)


def test_every_month_has_a_sum_also_where_nothing_happens():
    last = forecast.horizon(TODAY, 24)
    months = forecast.by_month([line(date(2027, 2, 28), 3, held=1)], TODAY, last)
    assert (len(months), months[0].first, months[-1].first) == (
        25,
        date(2026, 11, 1),
        date(2028, 11, 1),
    )
    assert [(one.first.month, one.total, one.held) for one in months if one.total] == [(2, 3, 1)]


def test_lines_of_the_same_kind_are_added_up_and_empty_ones_fall_away():
    day = date(2027, 1, 1)
    found = forecast.merged([line(day, 2), line(day, 3, held=1), line(day, 0, clause="9")])
    assert found == (line(day, 5, held=1),)


def test_a_bar_shows_even_the_smallest_piece_and_is_as_long_as_its_share():
    day = date(2027, 1, 1)
    lines = [line(day, 999), line(day, 1, act="set_apart", clause="5.5")]
    order = forecast.series(lines)
    (one,) = forecast.by_day(lines)
    assert forecast.bar(one, order, 2000) == ((0, 0, 499), (1, 499, 4))
    assert one.of("destroy", "release") == 999

"""Clocks against an oracle that walks day by day on the standard calendar and shares nothing with them."""

import calendar
import random
from datetime import date, timedelta

import pytest

from compliance.rules.calendar import Period, first_day_after, last_day
from compliance.rules.retention import due, held_on
from tests.compliance.rules.policies import SLUGS, preset, rule

ANCHORS = 5_000
FIRST, LAST = date(1999, 1, 1), date(2036, 12, 31)
PERIODS = (
    "P0D", "P1M", "P3M", "P12M", "P1Y", "P3Y", "P5Y", "P10Y", "P7D", "P30D", "PT24H", "P2M",
    "P1Y6M", "P18M", "P90D", "P6M", "PT72H",
)  # fmt: skip
EDGES = [
    date(year, month, day)
    for year in (2023, 2024, 2027, 2028, 2000, 2100)
    for month in range(1, 13)
    for day in {1, 28, calendar.monthrange(year, month)[1]}
]
PARTS = {
    "contract_or_withdrawal": ("contract", "withdrawal"),
    "payment_or_supply_later": ("payment", "supply"),
}


def anchors():
    """Every edge of the calendar, and days at random, the same in each run."""
    pick = random.Random(20_261_125)
    span = (LAST - FIRST).days
    return EDGES + [FIRST + timedelta(pick.randint(0, span)) for _ in range(ANCHORS - len(EDGES))]


def stepped(anchor: date, text: str) -> date:
    """The last day of a period, found by walking: month after month for `Y` and `M`, then day after day."""
    months, days = figures(text)
    year, month = anchor.year, anchor.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    in_month = [day for week in calendar.monthcalendar(year, month) for day in week if day]
    day = date(year, month, anchor.day if anchor.day in in_month else in_month[-1])
    for _ in range(days):
        day = day.replace(day=day.day + 1) if has_tomorrow(day) else next_month(day)
    return day


def figures(text: str) -> tuple[int, int]:
    """Months and days of a period as written; hours count as whole days."""
    found, number = {"Y": 0, "M": 0, "D": 0, "H": 0}, ""
    for letter in text.lstrip("P").replace("T", ""):
        if letter.isdigit():
            number += letter
        else:
            found[letter], number = int(number), ""
    return found["Y"] * 12 + found["M"], found["D"] + found["H"] // 24


def has_tomorrow(day: date) -> bool:
    return day.day < calendar.monthrange(day.year, day.month)[1]


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


@pytest.mark.parametrize("text", PERIODS)
def test_a_period_ends_where_walking_ends_for_five_thousand_anchors(text):
    whole_days = Period(days=figures(text)[1]) if "T" in text else Period.parse(text)
    for anchor in anchors():
        assert last_day(anchor, whole_days) == stepped(anchor, text), anchor
        assert first_day_after(anchor, whole_days) == stepped(anchor, text) + timedelta(1)


RULES = [
    pytest.param(slug, found.code, id=f"{slug}-{found.code}")
    for slug in SLUGS
    for found in preset(slug).retention
    if found.period is not None
]


@pytest.mark.parametrize(("slug", "code"), RULES)
def test_every_rule_of_the_five_policies_agrees_with_walking(slug, code):
    policy = preset(slug)
    found = policy.retention_by_code[code]
    text, names = str(found.period), PARTS.get(found.trigger, (found.trigger,))
    for anchor in anchors():
        days = {name: anchor - timedelta(3 * place) for place, name in enumerate(names)}
        ends, walked = due(found, days, policy.timezone), stepped(anchor, text)
        assert ends.last_day == walked
        assert ends.due_on == (anchor if text == "P0D" else walked + timedelta(1))
        assert not held_on(found, days, ends.due_on).held
        assert held_on(found, days, ends.due_on - timedelta(1)).held


def test_rules_with_any_period_agree_with_walking():
    pick = random.Random(7)
    for anchor in anchors():
        text = pick.choice(PERIODS[1:])
        made = rule("made", ["x"], Period.parse(text), trigger="record_created")
        ends = due(made, {"record_created": anchor}, "Asia/Seoul")
        assert ends.last_day == stepped(anchor, text), (anchor, text)
        assert ends.due_on == stepped(anchor, text) + timedelta(1)


def test_the_oracle_knows_month_ends_and_leap_days():
    assert stepped(date(2027, 1, 31), "P1M") == date(2027, 2, 28)
    assert stepped(date(2028, 1, 31), "P1M") == date(2028, 2, 29)
    assert stepped(date(2028, 2, 29), "P1Y") == date(2029, 2, 28)
    assert stepped(date(2028, 2, 29), "P10Y") == date(2038, 2, 28)
    assert stepped(date(2027, 12, 31), "P30D") == date(2028, 1, 30)

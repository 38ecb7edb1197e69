"""Where a local day starts, in every zone and around every change of its clocks from 2000 to 2035.

The oracle looks at a clock every quarter of an hour, as a sweep does, and shares nothing with the calendar.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo, available_timezones

import pytest

from compliance.rules.calendar import day_has_passed, start_of_day

FROM, TO = datetime(2000, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
TICK, WEEK, DAY = timedelta(minutes=15), timedelta(days=7), timedelta(days=1)
AROUND = timedelta(hours=30)
SHARES = 8  # The zones in as many tests, so that workers share them.


def changes(zone: ZoneInfo) -> list[datetime]:
    """The moments, to the second, at which the offset of a zone changes."""
    found, before = [], FROM
    while before < TO:
        after = before + WEEK
        if offset(zone, before) != offset(zone, after):
            found.append(moment_of_change(zone, before, after))
        before = after
    return found


def moment_of_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = offset(zone, before)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        before, after = (middle, after) if offset(zone, middle) == old else (before, middle)
    return after


def offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def zones() -> list[str]:
    """Each zone once: a name whose file is that of an earlier name is an alias."""
    files: dict[bytes, str] = {}
    for name in sorted(available_timezones()):
        files.setdefault(content(name), name)
    return sorted(files.values())


def content(name: str) -> bytes:
    found = [Path(folder, name) for folder in TZPATH if Path(folder, name).is_file()]
    if found:
        return found[0].read_bytes()
    return resources.files("tzdata.zoneinfo").joinpath(name).read_bytes()


@cache
def cases() -> tuple[tuple[str, datetime], ...]:
    """Every change of every zone."""
    return tuple((name, at) for name in zones() for at in changes(ZoneInfo(name)))


def near_midnight(name: str, at: datetime) -> bool:
    zone = ZoneInfo(name)
    clocks = (at - timedelta(seconds=1)).astimezone(zone), at.astimezone(zone)
    return any(clock.hour in (23, 0) for clock in clocks)


def ticks(at: datetime) -> list[datetime]:
    start = (at - AROUND).replace(minute=0, second=0)
    return [start + TICK * number for number in range(int(2 * AROUND / TICK))]


def first_runs(name: str, at: datetime) -> dict[date, datetime]:
    """The tick from which the clock on the wall never shows an earlier day again, for each day of the window."""
    zone, runs = ZoneInfo(name), {}
    times = ticks(at)
    lowest = date.max
    for tick in reversed(times):
        lowest = min(lowest, tick.astimezone(zone).date())
        runs[lowest] = tick
    runs.pop(min(runs))  # The window opens in the middle of this one.
    return runs


def sample() -> list[tuple[str, datetime]]:
    """Every sixth change near midnight, which can take a midnight away or bring it twice, and some others."""
    return [
        case
        for place, case in enumerate(cases())
        if place % 60 == 0 or (place % 6 == 0 and near_midnight(*case))
    ]


def check(name: str, at: datetime) -> None:
    times = ticks(at)
    for day, first in first_runs(name, at).items():
        assert first - TICK < start_of_day(day, name) <= first, (name, at, day)
        due = [tick for tick in times if day_has_passed(day - DAY, tick, name)]
        assert due == times[times.index(first) :], (name, at, day)


def test_a_daily_job_runs_once_on_each_local_day_at_the_first_tick_of_it():
    found = sample()
    assert len(found) > 200
    for name, at in found:
        check(name, at)


@pytest.mark.faults
@pytest.mark.parametrize("share", range(SHARES))
def test_a_daily_job_runs_once_around_every_change_of_every_zone(share):
    for name, at in cases()[share::SHARES]:
        check(name, at)


@pytest.mark.parametrize(
    ("zone", "day", "starts"),
    [
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),  # 00:00 is missing.
        ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00"),  # 00:00 is missing.
        ("America/Havana", "2024-11-03", "2024-11-03T04:00"),  # 00:00 comes twice.
        ("America/Sao_Paulo", "2019-02-17", "2019-02-17T03:00"),  # 23:00 comes twice.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00"),  # The whole day is missing.
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00"),  # Half an hour comes twice.
        ("Asia/Seoul", "2031-11-23", "2031-11-22T15:00"),
    ],
)
def test_missing_and_doubled_midnights_by_hand(zone, day, starts):
    assert start_of_day(date.fromisoformat(day), zone) == datetime.fromisoformat(starts).replace(
        tzinfo=UTC
    )

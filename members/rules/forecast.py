"""What will happen to records on which day, as values: lines, sums by month and day, shares of a bar.

Source: X-ALL-3 (the last day belongs to the period; what follows happens on the day after).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.rules.calendar import Period, last_day

ACTS = (
    *("destroy", "release", "set_apart", "set_apart_if_told", "end", "end_if_apart"),
    *("destroy_if_ended", "release_if_ended"),
)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """What a sweep will do on a local day: records destroyed, digests released, people or parts set apart,
    memberships of dormant people ended. ``set_apart_if_told`` hangs on a notice that still has to reach somebody,
    ``end_if_apart`` on a separation that is still to come, ``destroy_if_ended`` and ``release_if_ended`` on the end
    of a dormant membership before that day.

    `held` of the `count` are under a hold now and would be postponed.
    """

    day: date
    act: str
    clause: str
    rule: str
    record_class: str
    count: int
    held: int = 0


@dataclass(frozen=True, slots=True)
class Sum:
    """The numbers of a month or of one day; `first` is its (first) day."""

    first: date
    by_series: Mapping[tuple[str, str], int]
    held: int

    @property
    def total(self) -> int:
        """Everything that happens then."""
        return sum(self.by_series.values())

    def of(self, *acts: str) -> int:
        """How much of some acts. Example: ``month.of("destroy", "release")``."""
        return sum(n for (act, _clause), n in self.by_series.items() if act in acts)


def horizon(today: date, months: int) -> date:
    """The last day of a forecast. Example: 25 November 2026 and 24 months: 25 November 2028."""
    return last_day(today, Period(months=months))


def acts_on(kept_until: date, today: date) -> date:
    """The day on which a sweep takes what is kept until a day: the day after, or today if that is over.

    Example: kept until 22 November 2031, taken on 23 November 2031.
    """
    return max(kept_until + ONE_DAY, today)


def by_month(lines: Iterable[Line], today: date, last: date) -> tuple[Sum, ...]:
    """One sum for every calendar month from today to the last day, empty ones included."""
    months, month = [], today.replace(day=1)
    while month <= last:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    found = {first: [line for line in lines if _month(line) == first] for first in months}
    return tuple(_sum(first, mine) for first, mine in found.items())


def by_day(lines: Iterable[Line]) -> tuple[Sum, ...]:
    """One sum for every day on which something happens, in order."""
    days: dict[date, list[Line]] = {}
    for line in lines:
        days.setdefault(line.day, []).append(line)
    return tuple(_sum(day, days[day]) for day in sorted(days))


def series(lines: Iterable[Line]) -> tuple[tuple[str, str], ...]:
    """The pairs of act and clause that occur, the largest first."""
    counted: Counter[tuple[str, str]] = Counter()
    for line in lines:
        counted[line.act, line.clause] += line.count
    return tuple(sorted(counted, key=lambda pair: (-counted[pair], pair)))


def bar(
    one: Sum, order: Sequence[tuple[str, str]], most: int, *, width: int = 1000
) -> tuple[tuple[int, int, int], ...]:
    """The pieces of a bar as (series number, start, length); the longest bar is `width` long.

    Every piece that is not empty can be seen: it is 4 long at least.
    """
    pieces, start = [], 0
    for number, pair in enumerate(order):
        n = one.by_series.get(pair, 0)
        length = max(4, n * width // most) if n else 0
        if length:
            pieces.append((number, start, length))
        start += length
    return tuple(pieces)


def in_month(lines: Iterable[Line], first: date) -> list[Line]:
    """The lines of a calendar month."""
    return [line for line in lines if _month(line) == first.replace(day=1)]


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of the same day, act, rule and class added up, in order."""
    counts: Counter[tuple[date, str, str, str, str]] = Counter()
    held: Counter[tuple[date, str, str, str, str]] = Counter()
    for line in lines:
        key = (line.day, line.act, line.clause, line.rule, line.record_class)
        counts[key] += line.count
        held[key] += line.held
    return tuple(sorted(Line(*key, count=n, held=held[key]) for key, n in counts.items() if n > 0))


def _month(line: Line) -> date:
    return line.day.replace(day=1)


def _sum(first: date, lines: Collection[Line]) -> Sum:
    counted: Counter[tuple[str, str]] = Counter()
    for line in lines:
        counted[line.act, line.clause] += line.count
    return Sum(first, dict(counted), sum(line.held for line in lines))

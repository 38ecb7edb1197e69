"""Legal days: calendar periods, last days and local midnights, all without a clock.

Source: a policy's periods are calendar periods in the service's zone, the day of the event is
not counted, and the last day still belongs to the period; what follows happens from 00:00 local
time of the day after. Days are `date`, moments are aware `datetime` in UTC, zones are IANA names.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

Zone = str | tzinfo

_ISO = re.compile(
    r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?P<time>T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.ASCII,
)
_FOUR_YEARS = tuple(date(2024, 1, 1) + timedelta(days=n) for n in range(4 * 365 + 1))


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period as a policy writes it (ISO 8601); years and months stay as written.

    `days` are whole days, `seconds` the part below a day that was written after `T`.
    Example: `Period.parse("P12M")` prints as `P12M` and lasts as long as `P1Y`.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    seconds: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read `P5Y`, `P12M`, `P30D`, `P2W`, `PT24H` or `PT0S`; ValueError for anything else.

        Example: `Period.parse("P1M")` is `Period(months=1)`.
        """
        found = _ISO.fullmatch(text)
        if found is None or text == "P" or text.endswith("T"):
            raise ValueError(f"not an ISO 8601 duration: {text!r}")
        part = {name: int(found[name] or 0) for name in found.groupdict() if name != "time"}
        return cls(
            years=part["years"],
            months=part["months"],
            days=part["weeks"] * 7 + part["days"],
            seconds=part["hours"] * 3600 + part["minutes"] * 60 + part["seconds"],
        )

    @property
    def is_zero(self) -> bool:
        """True for `P0D` and `PT0S`, which mean "at once"."""
        return self == Period()

    @property
    def is_sub_day(self) -> bool:
        """True when the period counts hours, minutes or seconds and so needs a moment."""
        return self.seconds > 0

    def __str__(self) -> str:
        if self.is_zero:
            return "P0D"
        parts = ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
        return "P" + "".join(f"{n}{unit}" for n, unit in parts if n) + self._time_text()

    def _time_text(self) -> str:
        if not self.seconds:
            return ""
        hours, rest = divmod(self.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
        return "T" + "".join(f"{n}{unit}" for n, unit in parts if n)

    def after(self, day: date) -> date:
        """The day this period later: months first, clipped to the month's end, then days.

        ValueError for hours, minutes or seconds, which a bare day cannot carry.
        Example: 31 January 2027 and `P1M` give 28 February 2027.
        """
        if self.is_sub_day:
            raise ValueError(f"{self} counts from a moment, not from a day")
        return _add_months(day, self.years * 12 + self.months) + timedelta(days=self.days)


def _add_months(day: date, months: int) -> date:
    years, month0 = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month0 + 1
    if year > date.max.year:
        raise OverflowError(f"{day} plus {months} months is beyond the calendar")
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@lru_cache(maxsize=256)
def longer_than(one: Period, other: Period) -> bool:
    """True when `one` ends later than `other` from at least one starting day of four years.

    `P12M` and `P1Y` are equal; `P30D` and `P1M` are each longer from some day.
    Example: `longer_than(Period.parse("P5Y"), Period.parse("P60M"))` is False.
    """
    return any(_end(day, one) > _end(day, other) for day in _FOUR_YEARS)


def _end(day: date, period: Period) -> tuple[date, int]:
    whole_days, seconds = divmod(period.seconds, 86_400)
    calendar_part = Period(period.years, period.months, period.days + whole_days)
    return calendar_part.after(day), seconds


def zone_of(zone: Zone) -> tzinfo:
    """The zone object of an IANA name; a zone object is returned as it is."""
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def local_day(moment: datetime, zone: Zone) -> date:
    """The calendar day of an aware moment in a zone; ValueError for a naive moment.

    Example: 2026-12-31T15:00Z is 2027-01-01 in `Asia/Seoul`.
    """
    return _aware(moment).astimezone(zone_of(zone)).date()


def last_day(anchor_on: date, period: Period) -> date:
    """The last day that belongs to a period: its anniversary, always taken from the anchor.

    Source: X-ALL-3; the day of the event is not counted, a month that ends on a missing day ends
    on the last day of that month. Example: 31 January 2028 and `P1M` give 29 February 2028.
    """
    return period.after(anchor_on)


def first_day_after(anchor_on: date, period: Period) -> date:
    """The day from whose 00:00 local time destruction, segregation or unblocking may run.

    Source: X-ALL-3. Example: 22 November 2026 and `P5Y` give 23 November 2031.
    """
    return last_day(anchor_on, period) + timedelta(days=1)


def moment_after(moment: datetime, period: Period, zone: Zone) -> datetime:
    """The moment a period later, in UTC: the calendar part by local wall clock, then the seconds.

    A wall clock time that the zone skips moves on by the length of the gap.
    Example: `PT24H` after 2026-03-07T17:00Z is 2026-03-08T17:00Z in every zone.
    """
    start = _aware(moment).astimezone(zone_of(zone))
    calendar_part = Period(period.years, period.months, period.days)
    if not calendar_part.is_zero:
        day = calendar_part.after(start.date())
        start = datetime.combine(day, start.time(), zone_of(zone)).replace(fold=start.fold)
    return start.astimezone(UTC) + timedelta(seconds=period.seconds)


def start_of_day(day: date, zone: Zone) -> datetime:
    """The first moment, in UTC, from which the local calendar never shows an earlier day.

    Where midnight is skipped (Sao Paulo 2018-11-04) it is the moment of the jump; where a whole
    day is skipped (Apia 2011-12-30) it is the start of the next; where midnight comes twice it is
    the first, unless the clock fell back into the day before.
    Example: 2026-12-23 in `Asia/Seoul` starts at 2026-12-22T15:00Z.
    """
    place = zone_of(zone)
    first, second = (_midnight(day, place, fold) for fold in (0, 1))
    if first == second:
        return first
    if first > second:
        return _first_moment(second, first, lambda at: local_day(at, place) >= day)
    fell_back = local_day(second - timedelta(seconds=1), place) < day
    return second if fell_back else first


def _midnight(day: date, zone: tzinfo, fold: int) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone, fold=fold).astimezone(UTC)


def _first_moment(
    before: datetime, after: datetime, reached: Callable[[datetime], bool]
) -> datetime:
    """The first whole second in (before, after] at which `reached` holds."""
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(before + timedelta(seconds=middle)) else (middle, high)
    return before + timedelta(seconds=high)


def day_has_passed(last_day: date, now: datetime, zone: Zone) -> bool:
    """True from 00:00 local time of the day after `last_day`.

    Source: X-ALL-3; the last day still belongs to the period.
    Example: for 2026-12-22 in `Asia/Seoul` True from 2026-12-22T15:00Z on.
    """
    return _aware(now) >= start_of_day(last_day + timedelta(days=1), zone)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a moment without a zone has no legal day")
    return moment

"""Notice days: whole days before a change takes effect.

Source: X-ALL-5; the posting day is not counted, and the change takes effect at 00:00 local time of
the day after the last counted day. Days are local days of the service.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.rules.calendar import Period, first_day_after


@dataclass(frozen=True, slots=True)
class Lead:
    """How long before: a period that must be reached, or exceeded when `more_than` is set."""

    period: Period
    more_than: bool = False


def earliest_effective_on(announced_on: date, lead: Period, *, more_than: bool = False) -> date:
    """The first day on which a change announced on a day may take effect.

    `more_than` means that the lead has to be exceeded, so one whole day more is counted.
    Example: `P30D` announced on 22 November 2026 gives 23 December 2026.
    """
    return first_day_after(announced_on, lead) + timedelta(days=int(more_than))


def announce_by(effective_on: date, lead: Period, *, more_than: bool = False) -> date:
    """The last day on which a notice can be posted for a change that takes effect on a day.

    Example: a change on 23 December 2026 with `P30D` must be posted by 22 November 2026.
    """
    day = effective_on - timedelta(days=1)
    while (found := earliest_effective_on(day, lead, more_than=more_than)) > effective_on:
        day -= found - effective_on
    return _latest_fitting(day, effective_on, lead, more_than=more_than)


def _latest_fitting(day: date, effective_on: date, lead: Period, *, more_than: bool) -> date:
    """Step forward over the days that month ends had skipped."""
    following = day + timedelta(days=1)
    while (
        following < effective_on
        and earliest_effective_on(following, lead, more_than=more_than) <= effective_on
    ):
        day, following = following, following + timedelta(days=1)
    return day


def earliest_effective_under(announced_on: date, leads: Iterable[Lead]) -> date:
    """The first effective day that keeps every notice rule: the longest lead wins.

    Without any lead the day after the announcement is the earliest.
    Example: `P7D` and `P30D` announced on 22 November 2026 give 23 December 2026.
    """
    days = [
        earliest_effective_on(announced_on, lead.period, more_than=lead.more_than) for lead in leads
    ]
    return max(days, default=announced_on + timedelta(days=1))

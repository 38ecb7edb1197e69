"""Dormancy: who has not used the service for a period is told in advance and then set apart.

Source: MIK-5.5a, MIK-5.5b, X-MIK-9; periods end as X-ALL-3 says, the notice is counted as X-ALL-5 says.
All days are local days of the service. A policy needs both rows, the rule and its notice: without the
notice nobody becomes dormant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.rules.calendar import Period, first_day_after
from compliance.rules.notice_periods import announce_by, earliest_effective_on
from compliance.rules.policy_values import NoticeRule, Policy, RetentionRule

EVENT, TRIGGER, ACTION = "dormancy", "last_use", "separate"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """One rule of a policy and how its notice is given: the period of no use, the lead, the channels."""

    rule: str
    clause: str
    kinds: frozenset[str]
    period: Period
    lead: Period
    more_than: bool = False
    channels: tuple[str, ...] = ()

    def period_over_on(self, last_used_on: date) -> date:
        """The first day after the period of no use; nobody is set apart before it.

        Example: one year, last use 17 August 2014: 18 August 2015.
        """
        return first_day_after(last_used_on, self.period)

    def notice_on(self, last_used_on: date) -> date:
        """The day on which the notice is due, so that nobody waits longer than the period.

        Example: one year and 30 days, last use 22 December 2025: 22 November 2026.
        """
        return announce_by(self.period_over_on(last_used_on), self.lead, more_than=self.more_than)

    def separate_on(self, last_used_on: date, told_on: date) -> date:
        """The first day of separation for somebody who was told on a day: a late notice makes it later.

        Example: one year and 30 days, last use 22 December 2025, told on 1 December 2026: 1 January 2027.
        """
        told = earliest_effective_on(told_on, self.lead, more_than=self.more_than)
        return max(self.period_over_on(last_used_on), told)

    def sleeps_on(self, last_used_on: date, today: date) -> date:
        """The day of separation of somebody who never comes back and has not been told yet."""
        return self.separate_on(last_used_on, max(self.notice_on(last_used_on), today))

    def newest_use_over(self, today: date) -> date:
        """The latest last use whose period is over on a day. Example: P1Y, 23 November 2026: 22 November 2025."""
        return _latest(self.period_over_on, today)

    def newest_use_to_tell(self, today: date) -> date:
        """The latest last use whose notice is due on a day or was due before."""
        return _latest(self.notice_on, today)


def newest_start_over(period: Period, today: date) -> date:
    """The latest day of an event whose period is over on a day (X-ALL-3).

    Example: one year of separate storage, 24 December 2027: 23 December 2026.
    """
    return _latest(lambda day: first_day_after(day, period), today)


def terms(policy: Policy) -> tuple[Terms, ...]:
    """The dormancy rules of a policy that can run: with a period and with a notice."""
    notice = next((row for row in policy.notices if row.event == EVENT), None)
    if notice is None or notice.lead is None:
        return ()
    rules = (row for row in policy.retention if row.action == ACTION and row.trigger == TRIGGER)
    return tuple(_terms(row, row.period, notice, notice.lead) for row in rules if row.period)


def terms_for(policy: Policy, kind: str) -> Terms | None:
    """The rule that reaches a kind of person, the first in the policy's order."""
    return next((one for one in terms(policy) if kind in one.kinds), None)


def _terms(rule: RetentionRule, period: Period, notice: NoticeRule, lead: Period) -> Terms:
    return Terms(
        rule=rule.code,
        clause=rule.clause,
        kinds=frozenset(rule.subjects),
        period=period,
        lead=lead,
        more_than=notice.more_than,
        channels=tuple(notice.individual_channels),
    )


def _latest(day_of: Callable[[date], date], today: date) -> date:
    """The latest day whose result is today or earlier; results never go back as days go on."""
    day = today
    while (found := day_of(day)) > today:
        day -= found - today
    while day_of(day + ONE_DAY) <= today:
        day += ONE_DAY
    return day

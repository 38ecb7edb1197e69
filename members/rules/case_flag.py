"""Which rules need a recorded case, for which reasons, and what follows from one.

Source: X-LEJ-1 (ten years are a ceiling for flagged cases), MIK-8.3 and X-MIK-2 (illegal use).
"""

from datetime import date

from compliance.rules.calendar import Period, last_day
from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention import needs_case
from compliance.rules.retention_classes import FOUND as FOUND
from compliance.rules.retention_classes import ILLEGAL_USE

IMPERSONATION = "impersonation"
REASONS_OF_ILLEGAL_USE = ("repeated_joining", IMPERSONATION)
REASONS_OF_A_CEILING = ("fraud_finding", "open_dispute", "agency_matter")
YEAR = Period(years=1)


def flaggable(policy: Policy, kind: str) -> tuple[RetentionRule, ...]:
    """The rules that hold this kind of person only with a recorded case. Example: LEJE `fraud_hold`."""
    return tuple(rule for rule in policy.retention if kind in rule.subjects and needs_case(rule))


def reasons_of(rule: RetentionRule) -> tuple[str, ...]:
    """The reasons for which a case may be recorded under a rule."""
    return REASONS_OF_ILLEGAL_USE if stops_use(rule) else REASONS_OF_A_CEILING


def stops_use(rule: RetentionRule) -> bool:
    """True where the items may not be used from the confirmation on (MIK-8.3)."""
    return rule.trigger == ILLEGAL_USE


def runs_from_finding(rule: RetentionRule, reason: str) -> bool:
    """True where the clock runs while the account does: somebody else's data (X-MIK-2).

    Repeated joining runs from the exit, as in 5.4.
    """
    return stops_use(rule) and reason == IMPERSONATION


def next_review(today: date, ceiling: date | None) -> date:
    """The day to look again: a year on, never later than the last day of keeping.

    Example: reviewed on 23 November 2026, again on 23 November 2027.
    """
    in_a_year = last_day(today, YEAR)
    return min(in_a_year, ceiling) if ceiling else in_a_year

"""When people who agreed to advertising are reminded of it.

Source: LAW-KR-3 (Korean Network Act, article 50: an agreement to advertising is confirmed again every two years;
silence leaves it as it is).
"""

from datetime import date

from compliance.rules.calendar import Period
from compliance.rules.gate_values import CHOSEN_CHANNELS
from compliance.rules.policy_values import Policy
from members.rules.dormancy import newest_start_over

PERIODS = {"LAW-KR": Period.parse("P2Y")}


def period(policy: Policy) -> Period | None:
    """Return after how long people are reminded; None where no law of the service asks for it."""
    return next((PERIODS[law] for law in policy.law_regimes if law in PERIODS), None)


def purposes(policy: Policy) -> frozenset[str]:
    """Return the purposes that people agree to channel by channel. Example: MIKMIK: ``advertising`` and four more."""
    rows = (row for row in policy.marketing if row.consent in CHOSEN_CHANNELS)
    return frozenset(purpose for row in rows for purpose in row.purposes)


def newest_due(policy: Policy, today: date) -> date | None:
    """Return the latest day of an answer, or of a reminder, that calls for a reminder today.

    Example: two years, 24 November 2026: 23 November 2024 (the last day still belongs to the period, X-ALL-3).
    """
    after = period(policy)
    return newest_start_over(after, today) if after else None

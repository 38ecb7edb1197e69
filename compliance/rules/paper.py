"""Paper: until when a batch is kept, and by which methods the policy lets it be destroyed.

Source: the `retention` and `destruction` rows of the policy; MIK-9.1.2a, LEJ-DES-1, X-LEJ-12.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.rules.calendar import Period, first_day_after
from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention_clocks import last_day_kept

MEDIUM = "paper"


@dataclass(frozen=True, slots=True)
class Methods:
    """The closed list of methods for paper; `stated` is False for a suggestion the policy is silent on."""

    codes: tuple[str, ...]
    stated: bool
    deadline: Period | None


def methods_of(policy: Policy) -> Methods:
    """How paper may be destroyed; no method at all without a row for paper.

    Example: MIKMIK shreds or uses chemicals, as it states; LEJE is silent, so shredding or
    burning is suggested.
    """
    row = next((row for row in policy.destruction if row.medium == MEDIUM), None)
    return Methods(row.methods, row.stated, row.deadline) if row else Methods((), False, None)


def kept_until(rule: RetentionRule, last_on: date) -> date | None:
    """The last day a batch is kept: the rule's period from its newest sheet; None without a figure.

    Example: complaints of MIKMIK (3 years) up to 10 June 2025 are kept to 10 June 2028.
    """
    return last_day_kept(rule, {rule.trigger: last_on})


def late_from(due_on: date, deadline: Period | None) -> date:
    """The first day on which a batch that is still there is late.

    Example: kept to 10 June 2028 and 5 days to destroy it: late from 16 June 2028.
    """
    return first_day_after(due_on, deadline or Period())

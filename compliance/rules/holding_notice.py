"""Rule-to-text comparison: whatever is kept of leavers stands in the public text (MIK-5.2b, X-MIK-25).

What is held is only announced when its rule rests on a clause, that clause says something, and every
text that takes the place of the clauses names it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from compliance.rules.policy_values import Clause, Policy, RetentionRule

EVENT = "holding_announcement"
HOUSE_STORAGE = frozenset({"active", "separate", "hold"})


@dataclass(frozen=True, slots=True)
class Gap:
    """A retention rule that the text does not announce, and why.

    Reasons: `rule_without_clause`, `clause_missing`, `clause_silent`, `text_silent`.
    """

    rule: str
    clause: str
    reason_code: str


def is_promised(policy: Policy) -> bool:
    """True where the policy promises to announce what is held (a `notices` row of that event)."""
    return any(row.event == EVENT for row in policy.notices)


def keeps_after_leaving(rule: RetentionRule) -> bool:
    """True for a rule that can hold something of a leaver for a time in this house.

    Example: MIKMIK's payments (5 years) and its rejoin hold (1 month); not what is destroyed at
    once, not dormancy, not copies at recipients.
    """
    lasts = rule.period is not None and not rule.period.is_zero
    return lasts and rule.action == "destroy" and rule.storage in HOUSE_STORAGE


def gaps(policy: Policy, texts: Collection[str] = ()) -> tuple[Gap, ...]:
    """The rules that keep something of leavers and are missing from the text, in their order.

    `texts` are the bodies that are ready and shown in place of the clauses; each has to name the
    clause of every such rule by its number or its title.
    """
    clauses = {row.clause: row for row in policy.clauses}
    found = []
    for rule in policy.retention:
        reason = _reason(rule, clauses, texts) if keeps_after_leaving(rule) else ""
        if reason:
            found.append(Gap(rule.code, rule.clause, reason))
    return tuple(found)


def _reason(rule: RetentionRule, clauses: dict[str, Clause], texts: Collection[str]) -> str:
    if not rule.clause:
        return "rule_without_clause"
    clause = clauses.get(rule.clause)
    if clause is None:
        return "clause_missing"
    if not clause.text.strip():
        return "clause_silent"
    return "" if all(_names(text, clause) for text in texts) else "text_silent"


def _names(text: str, clause: Clause) -> bool:
    """Whether a text names a clause; the number 5.4 is not found in 15.4 or 5.4.1."""
    number = rf"(?<![\w.]){re.escape(clause.clause)}(?!\.?\w)"
    return bool(re.search(number, text)) or bool(clause.title and clause.title in text)

"""Retention, item by item: the one place from which the other rooms take it.

Clocks are in `retention_clocks`, record classes in `retention_classes`, the fates on leaving in
`retention_leaving`; here is the explanation for the page of a person who is still active.
Source: X-ALL-2, X-ALL-3 and the `retention` rows. Nothing here names a service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention_classes import (
    RECORD_EVENTS,
    covering,
    group_by_class,
    home_class,
    home_rule,
    needs_case,
)
from compliance.rules.retention_clocks import (
    DueDate,
    Held,
    anchor_on,
    anchors_for,
    due,
    held_on,
)
from compliance.rules.retention_leaving import (
    Fate,
    HeldRecord,
    Travel,
    fates_of_person,
    fates_on_leaving,
)

__all__ = [
    "DueDate",
    "Explanation",
    "Fate",
    "Held",
    "HeldRecord",
    "Travel",
    "anchor_on",
    "anchors_for",
    "covering",
    "due",
    "explain",
    "fates_of_person",
    "fates_on_leaving",
    "group_by_class",
    "held_on",
    "home_class",
    "home_rule",
    "needs_case",
]

MEMBERSHIP_KINDS = frozenset({"member", "business"})


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item is here now and what comes next, for the page of an active person.

    `state_code`: `while_member`, `while_needed`, `until`, `until_and_while_member`,
    `clock_not_started`, `period_missing`, `no_rule`. `kept_until` is the last local day where
    one is known; `rule` is None without any rule; `what_next` is the fate if the person left now.
    """

    item: str
    record_class: str | None
    state_code: str
    kept_until: date | None
    rule: RetentionRule | None
    what_next: Fate

    @property
    def clause(self) -> str:
        """The clause the reason rests on, empty where the policy is silent."""
        return self.rule.clause if self.rule else ""

    @property
    def stated(self) -> bool:
        """False for a suggested figure, which is not a promise."""
        return self.rule.stated if self.rule else False


def explain(
    policy: Policy,
    kind: str,
    item: str,
    anchors: Mapping[str, date],
    on: date,
    *,
    held_items: Collection[str] = (),
    flags: Collection[str] = (),
    blocks: Collection[str] = (),
) -> Explanation:
    """Explain the keeping of one item of an active person on a local day.

    `held_items` are the other items of the same record, which decide what travels along.
    Example: MIKMIK `password` is kept while a member; when leaving: destroyed at once.
    """
    home = home_class(policy, item, kind)
    rule = _rule_at_home(policy, item, kind, home)
    asked = (item, *held_items)
    what_next = fates_on_leaving(policy, kind, asked, anchors, on, flags=flags, blocks=blocks)[0]
    state, until = _state(rule, kind, anchors, on, blocks)
    return Explanation(item, home, state, until, rule, what_next)


def _rule_at_home(policy: Policy, item: str, kind: str, home: str | None) -> RetentionRule | None:
    rules = (rule for rule in covering(policy, item, kind) if rule.record_class == home)
    return next(rules, None)


def _state(
    rule: RetentionRule | None,
    kind: str,
    anchors: Mapping[str, date],
    on: date,
    blocks: Collection[str],
) -> tuple[str, date | None]:
    if rule is None:
        return "no_rule", None
    if rule.period is None:
        return "period_missing", None
    if rule.trigger not in RECORD_EVENTS:
        return "while_member" if kind in MEMBERSHIP_KINDS else "while_needed", None
    held = held_on(rule, anchors, on, blocks=blocks)
    if held.last_day is None:
        return held.reason_code, None
    runs_on = "contract_of_use_running" in rule.blocked_by and kind in MEMBERSHIP_KINDS
    return "until_and_while_member" if runs_on else "until", held.last_day

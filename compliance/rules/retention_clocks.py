"""The clocks of retention rules: which event starts one, and on which local day it ends.

Source: X-ALL-3 (counting), the `trigger`, `period` and `blocked_by` of the policy's `retention`
rows. Anchors are local days by event name; a missing event means that the clock has not started.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from compliance.rules.calendar import Period, Zone, first_day_after, last_day, start_of_day
from compliance.rules.policy_values import RetentionRule

_ALL_OF = {"payment_or_supply_later": ("payment", "supply")}
_ANY_OF = {"contract_or_withdrawal": ("contract", "withdrawal")}
_FIRST_OF = {"illegal_use_found_or_left": ("illegal_use_found", "membership_left")}


@dataclass(frozen=True, slots=True)
class DueDate:
    """When a rule's period ends: the last local day kept, the rule and the inputs of the count.

    `destroy_from` is the UTC moment from which destruction or segregation may run; for a zero
    period ("at once") that is the start of the anchor's own day.
    """

    last_day: date
    rule: RetentionRule
    inputs: Mapping[str, date]
    at_once: bool
    due_on: date
    destroy_from: datetime


def anchors_for(trigger: str) -> tuple[str, ...]:
    """The anchor names a trigger can be counted from, its own name first.

    Example: `payment_or_supply_later` reads `payment` and `supply`.
    """
    parts = _ALL_OF.get(trigger) or _ANY_OF.get(trigger) or _FIRST_OF.get(trigger) or ()
    return (trigger, *parts)


def anchor_on(trigger: str, anchors: Mapping[str, date]) -> tuple[date, Mapping[str, date]] | None:
    """The day a trigger's clock starts and the inputs used; None while the event is missing.

    The later of payment and supply needs both; contract or withdrawal takes the latest known;
    illegal use runs from its finding where there is one, else from leaving.
    Example: payment on 1 March and supply on 5 March 2021 start on 5 March 2021.
    """
    own, *parts = anchors_for(trigger)
    if own in anchors:
        return anchors[own], {own: anchors[own]}
    known = {name: anchors[name] for name in parts if name in anchors}
    if not known or (trigger in _ALL_OF and len(known) < len(parts)):
        return None
    if trigger in _FIRST_OF:
        first = next(name for name in parts if name in known)
        return known[first], {first: known[first]}
    return max(known.values()), known


def due(rule: RetentionRule, anchors: Mapping[str, date], zone: Zone) -> DueDate | None:
    """When a rule's period ends; None while its figure or its anchor event is missing.

    Source: X-ALL-3, and reading rule 3 (a rule without a period must not run).
    Example: MIKMIK 5.2.2, payment and supply on 22 November 2026: last day 22 November 2031.
    """
    started = anchor_on(rule.trigger, anchors)
    if rule.period is None or started is None:
        return None
    day, inputs = started
    period = _whole_days(rule.period)
    due_on = day if period.is_zero else first_day_after(day, period)
    return DueDate(
        last_day=last_day(day, period),
        rule=rule,
        inputs=inputs,
        at_once=period.is_zero,
        due_on=due_on,
        destroy_from=start_of_day(due_on, zone),
    )


def _whole_days(period: Period) -> Period:
    """Hours are rounded up to days: records are anchored on days and never end too early."""
    days = period.days + -(-period.seconds // 86_400)
    return Period(period.years, period.months, days)


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a rule still holds a record on a day, and the code of the reason."""

    held: bool
    reason_code: str
    last_day: date | None


def held_on(
    rule: RetentionRule,
    anchors: Mapping[str, date],
    on: date,
    *,
    blocks: Collection[str] = (),
) -> Held:
    """Whether a rule holds a record on a local day. Reasons: a block's name, `period_runs`,
    `period_elapsed`, `period_missing`, `clock_not_started`.

    Blocks count only where the rule's `blocked_by` names them.
    Example: MIKMIK order of 2019, membership still running: held, `contract_of_use_running`.
    """
    ends = last_day_kept(rule, anchors)
    block = active_block(rule, blocks)
    if block:
        return Held(True, block, ends)
    if rule.period is None:
        return Held(False, "period_missing", None)
    if ends is None:
        return Held(True, "clock_not_started", None)
    return Held(on <= ends, "period_runs" if on <= ends else "period_elapsed", ends)


def active_block(rule: RetentionRule, blocks: Collection[str]) -> str | None:
    """The first of the rule's own blocks that is active, such as `legal_request`."""
    return next((name for name in rule.blocked_by if name in blocks), None)


def last_day_kept(rule: RetentionRule, anchors: Mapping[str, date]) -> date | None:
    """The last day a rule keeps something; for "at once" the day before the anchor.

    Example: `P0D` from 1 December 2026 keeps to 30 November 2026.
    """
    started = anchor_on(rule.trigger, anchors)
    if rule.period is None or started is None:
        return None
    period = _whole_days(rule.period)
    return started[0] - timedelta(days=1) if period.is_zero else last_day(started[0], period)

"""Leaving: the fate of every item when a person goes.

Source: X-ALL-2 (order of reasons, first match wins, a rule keeps only its own items), X-MIK-4,
X-LEJ-1 and the `precedence` of the service. Days are local days of the service.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from compliance.rules.calendar import Period
from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention_classes import covering, is_somebody_elses, needs_case
from compliance.rules.retention_reasons import reasons, speaking

LEAVING_EVENTS = ("purpose_achieved", "membership_left", "contract_terminated")


@dataclass(frozen=True, slots=True)
class Travel:
    """A copy of an identity item that goes with records which would mean nothing without it."""

    record_class: str
    rule_code: str
    last_day: date | None
    clause: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one item: `destroy`, `segregate`, `hold` or `keep`, and why.

    `last_day` is the last local day it is kept, None for destruction and for an end that is not
    known yet. `for_case` is True where the rule holds only because a case is recorded (X-LEJ-1, MIK-8.3).
    `travels_with` names the segregated classes that take a copy along.
    """

    item: str
    outcome: str
    reason_code: str
    rule_code: str = ""
    record_class: str = ""
    last_day: date | None = None
    clause: str = ""
    stated: bool = False
    for_case: bool = False
    travels_with: tuple[Travel, ...] = ()


def fates_on_leaving(
    policy: Policy,
    kind: str,
    items: Collection[str],
    anchors: Mapping[str, date],
    left_on: date,
    *,
    flags: Collection[str] = (),
    blocks: Collection[str] = (),
) -> tuple[Fate, ...]:
    """The fate of every item of one record or person on the day of leaving, in the given order.

    `anchors` are the events of these items; leaving itself is `left_on`. `flags` are codes of
    retention rules for which a case is recorded against this person (see `needs_case`);
    `blocks` are the running holds: `legal_request`, `open_dispute`, `unpaid_claim`,
    `contract_of_use_running`. Source: X-ALL-2, MIK-5.2.4 (a statutory period that is over ends
    at leaving). Reasons: a block's name, `period_runs`, `clock_not_started`, `period_elapsed`,
    `purpose_ended`, `period_missing`, `no_rule`, `travels_along`.
    Example: leaving MIKMIK on 31 January 2027 holds `name` to 28 February 2027.
    """
    record = HeldRecord(ref="", items=tuple(items), anchors=anchors)
    return fates_of_person(policy, kind, [record], left_on, flags=flags, blocks=blocks)[""]


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record of a person: an opaque reference, its item codes, its own anchors, the holds on its items."""

    ref: str
    items: tuple[str, ...]
    anchors: Mapping[str, date]
    blocks: Mapping[str, Collection[str]] = field(default_factory=dict)


def fates_of_person(
    policy: Policy,
    kind: str,
    records: Iterable[HeldRecord],
    left_on: date,
    *,
    flags: Collection[str] = (),
    blocks: Collection[str] = (),
) -> dict[str, tuple[Fate, ...]]:
    """As `fates_on_leaving` for all records of a person, by reference; each has its own clocks.

    An identity item of one record travels with the segregated records of the others, as long as
    the longest of each class; a victim's travels with nothing (X-MIK-2). `blocks` bind everything, those of a
    record its own items.
    Example: the name of the account record goes with three payments.
    """
    own: dict[str, list[Fate]] = {}
    somebody_elses = set()
    for record in records:
        if is_somebody_elses(record.anchors):
            somebody_elses.add(record.ref)
        days = {**dict.fromkeys(LEAVING_EVENTS, left_on), **record.anchors}
        own[record.ref] = [
            _own_fate(
                policy, kind, item, days, left_on, flags, {*blocks, *record.blocks.get(item, ())}
            )
            for item in dict.fromkeys(record.items)
        ]
    held = _classes_held(policy, (fate for fates in own.values() for fate in fates))
    return {
        ref: tuple(
            fate if ref in somebody_elses else _with_travels(fate, kind, held) for fate in fates
        )
        for ref, fates in own.items()
    }


def _own_fate(
    policy: Policy,
    kind: str,
    item: str,
    days: Mapping[str, date],
    on: date,
    flags: Collection[str],
    blocks: Collection[str],
) -> Fate:
    rules = [
        rule for rule in covering(policy, item, kind) if not needs_case(rule) or rule.code in flags
    ]
    rules = speaking(rules, days)
    strongest = next(iter(reasons(policy, rules, days, on, blocks)), None)
    if strongest and strongest.holds:
        return _fate(item, strongest.outcome, strongest.code, strongest.rule, strongest.until)
    return _fate_without_reason(item, rules)


def _fate(
    item: str, outcome: str, reason: str, rule: RetentionRule, ends: date | None = None
) -> Fate:
    return Fate(
        item=item,
        outcome=outcome,
        reason_code=reason,
        rule_code=rule.code,
        record_class=rule.record_class,
        last_day=ends,
        clause=rule.clause,
        stated=rule.stated,
        for_case=needs_case(rule),
    )


def _fate_without_reason(item: str, rules: list[RetentionRule]) -> Fate:
    """Nothing holds the item: destroyed, unless every rule for it lacks its figure."""
    elapsed = [rule for rule in rules if rule.period is not None]
    if not rules:
        return Fate(item=item, outcome="destroy", reason_code="no_rule")
    if not elapsed:
        return _fate(item, "keep", "period_missing", rules[0])
    over = next((rule for rule in elapsed if not _is_zero(rule.period)), None)
    if over:
        return _fate(item, "destroy", "period_elapsed", over)
    return _fate(item, "destroy", "purpose_ended", elapsed[0])


def _is_zero(period: Period | None) -> bool:
    return period is not None and period.is_zero


def _classes_held(policy: Policy, fates: Iterable[Fate]) -> dict[RetentionRule, date | None]:
    """The rules that keep something after leaving, with the longest end; None is longest."""
    held: dict[RetentionRule, date | None] = {}
    for fate in fates:
        if fate.outcome not in {"segregate", "keep"} or fate.reason_code == "period_missing":
            continue
        rule = policy.retention_by_code[fate.rule_code]
        ends = (held.get(rule, fate.last_day), fate.last_day)
        held[rule] = None if None in ends else max(day for day in ends if day)
    return held


def _with_travels(fate: Fate, kind: str, held: Mapping[RetentionRule, date | None]) -> Fate:
    travels = tuple(
        Travel(rule.record_class, rule.code, ends, rule.clause)
        for rule, ends in held.items()
        if fate.item in rule.identity_items and kind in rule.subjects
    )
    if not travels or fate.outcome != "destroy":
        return replace(fate, travels_with=travels)
    longest = max(travels, key=lambda travel: travel.last_day or date.max)
    rule = next(rule for rule in held if rule.code == longest.rule_code)
    moved = _fate(fate.item, "segregate", "travels_along", rule, longest.last_day)
    return replace(moved, travels_with=travels)

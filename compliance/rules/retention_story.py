"""The story of one item at one moment: which rules speak about it, which wins, until when, and what happens then.

Source: X-ALL-2, X-ALL-3, X-MIK-4 and the `retention` rows. Made of the same reasons, clocks and fates that
decide deeds: `class_clock` is the clock that live records obey, `fates_on_leaving` parts those of leavers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention_classes import (
    RECORD_EVENTS,
    covering,
    home_class,
    home_rule,
    house_rules,
    needs_case,
)
from compliance.rules.retention_clocks import last_day_kept
from compliance.rules.retention_leaving import LEAVING_EVENTS, Fate, fates_on_leaving
from compliance.rules.retention_reasons import Reason, reasons

MEMBERSHIP_KINDS = frozenset({"member", "business", "payee"})
RUNNING = "contract_of_use_running"
DAY = timedelta(days=1)
LIMITS, MINIMUMS = frozenset({"maximum", "exact"}), frozenset({"minimum", "exact"})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rules that cannot both be met. `past_maximum`: `rule` says at most to `until`, something keeps it
    longer; `cut_short`: `rule` says at least to `until`, but stronger reasons end before."""

    code: str
    rule: RetentionRule
    until: date


@dataclass(frozen=True, slots=True)
class Dormant:
    """Separate storage of somebody who did not use the service (MIK-5.5b): since when, by which clause.

    `ends_on` is the local day on which the membership ends if nobody comes back; None where none is set (X-MIK-9).
    """

    since: date
    clause: str
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an item is here at a moment, and what comes next.

    `state_code`: for somebody who is here `while_member`, `while_needed`, `until`,
    `until_and_while_member`, `clock_not_started`, `period_missing`, `no_rule`, `hold`; for somebody who
    left `apart`, `gone`, `hold`, `clock_not_started`, `period_missing`; for somebody apart without having
    left also `dormant`, with `dormant` to say since when. `kept_until` is the last local day
    where one is known, `rule` the one that wins (None without any), `reasons` all that speak, strongest
    first; `held_by` names the block under `hold`.
    `next_on` is the day of destruction where it is known; `what_next` the fate if the person left now.
    """

    item: str
    record_class: str | None
    state_code: str
    kept_until: date | None
    rule: RetentionRule | None
    what_next: Fate
    since: date | None = None
    next_on: date | None = None
    held_by: str = ""
    reasons: tuple[Reason, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    dormant: Dormant | None = None

    @property
    def clause(self) -> str:
        """The clause the reason rests on, empty where the policy is silent."""
        return self.rule.clause if self.rule else ""

    @property
    def stated(self) -> bool:
        """False for a suggested figure, which is not a promise."""
        return self.rule.stated if self.rule else False


def class_clock(
    policy: Policy,
    kind: str,
    record_class: str,
    anchors: Mapping[str, date],
    *,
    is_member: bool,
) -> tuple[RetentionRule | None, date | None]:
    """The rule whose clock a live record of a class obeys, and its last day; None while no end is known.

    The class's own rule, or a mandatory one over one of its items that ends later: the longest minimum wins.
    While a contract of use runs its end decides where the rule says so (MIK-5.2.4).
    Example: MIKMIK payment of a purchaser, paid and supplied on 22 November 2026: 22 November 2031.
    """
    home = home_rule(policy, record_class, kind)
    if home is None or home.period is None:
        return home, None
    others = [
        rule
        for rule in house_rules(policy, kind)
        if rule.mandatory and rule.period is not None and set(rule.items) & set(home.items)
    ]
    ends = [(rule, _end_here(rule, anchors, is_member)) for rule in (home, *others)]
    return max(ends, key=lambda end: end[1] or date.max)


def _end_here(rule: RetentionRule, anchors: Mapping[str, date], is_member: bool) -> date | None:
    return None if is_member and RUNNING in rule.blocked_by else last_day_kept(rule, anchors)


def explain(
    policy: Policy,
    kind: str,
    item: str,
    anchors: Mapping[str, date],
    on: date,
    *,
    record_class: str | None = None,
    held_items: Collection[str] = (),
    left_on: date | None = None,
    flags: Collection[str] = (),
    blocks: Collection[str] = (),
    fate: Fate | None = None,
) -> Explanation:
    """Explain the keeping of one item on any local day, before or after the person left.

    `record_class` is that of the record where it lies, else its home; `held_items` are the other items of the
    same record, which decide what travels along; `blocks` are the running holds; `fate` is that of
    `fates_of_person` where all records of the person were looked at, so that travels over records are known.
    Example: MIKMIK `password` is kept while a member; when leaving: destroyed at once.
    """
    home = record_class or home_class(policy, item, kind)
    asked = (item, *held_items)
    has_left = left_on is not None and left_on <= on
    leaves_on = left_on if left_on is not None and has_left else on
    if fate is None:
        found_fates = fates_on_leaving(
            policy, kind, asked, anchors, leaves_on, flags=flags, blocks=blocks
        )
        fate = found_fates[0]
    days = {**dict.fromkeys(LEAVING_EVENTS, leaves_on), **anchors} if has_left else anchors
    rules = [r for r in covering(policy, item, kind) if not needs_case(r) or r.code in flags]
    found = reasons(policy, rules, days, on, blocks)
    if has_left:
        return _of_leaver(policy, home, fate, leaves_on, on, found)
    return _of_present(policy, kind, home, fate, anchors, on, found, blocks)


def _of_leaver(
    policy: Policy,
    home: str | None,
    fate: Fate,
    left_on: date,
    on: date,
    found: tuple[Reason, ...],
) -> Explanation:
    rule = policy.retention_by_code.get(fate.rule_code)
    gone_on = left_on if fate.outcome == "destroy" else fate.last_day and fate.last_day + DAY
    is_gone = gone_on is not None and gone_on <= on
    is_held = rule is not None and fate.reason_code in rule.blocked_by
    state = "hold" if is_held else "apart" if fate.last_day else fate.reason_code
    return Explanation(
        item=fate.item,
        record_class=fate.record_class or home,
        state_code="gone" if is_gone else state,
        kept_until=fate.last_day,
        rule=rule,
        what_next=fate,
        since=_since(found, rule),
        next_on=gone_on,
        held_by=fate.reason_code if is_held else "",
        reasons=found,
        conflicts=() if is_gone else conflicts_of(found, fate.rule_code, fate.last_day),
    )


def _of_present(
    policy: Policy,
    kind: str,
    home: str | None,
    fate: Fate,
    anchors: Mapping[str, date],
    on: date,
    found: tuple[Reason, ...],
    blocks: Collection[str],
) -> Explanation:
    is_member = kind in MEMBERSHIP_KINDS
    rule, last = None, None
    if home:
        rule, last = class_clock(policy, kind, home, anchors, is_member=is_member)
    held_by = hold_of(blocks)
    started = last_day_kept(rule, anchors) if rule else None
    return Explanation(
        item=fate.item,
        record_class=home,
        state_code="hold" if held_by else _state(rule, is_member, started),
        kept_until=started,
        rule=rule,
        what_next=fate,
        since=_since(found, rule),
        next_on=last + DAY if last and not held_by else None,
        held_by=held_by,
        reasons=found,
        conflicts=_conflicts_here(rule, started, on, held_by, found),
    )


def hold_of(blocks: Collection[str]) -> str:
    """The hold that a sentence names, of several the first by name; a running contract is no hold."""
    return next(iter(sorted(set(blocks) - {RUNNING})), "")


def _since(found: tuple[Reason, ...], rule: RetentionRule | None) -> date | None:
    return next((reason.since for reason in found if rule and reason.rule.code == rule.code), None)


def _state(rule: RetentionRule | None, is_member: bool, started: date | None) -> str:
    if rule is None:
        return "no_rule"
    if rule.period is None:
        return "period_missing"
    if rule.trigger not in RECORD_EVENTS and started is None:
        return "while_member" if is_member else "while_needed"
    if started is None:
        return "clock_not_started"
    return "until_and_while_member" if is_member and RUNNING in rule.blocked_by else "until"


def _conflicts_here(
    rule: RetentionRule | None,
    started: date | None,
    on: date,
    held_by: str,
    found: tuple[Reason, ...],
) -> tuple[Conflict, ...]:
    if rule is None or rule.period is None:
        return ()
    found_ones = conflicts_of(found, rule.code, started)
    is_past = held_by and held_by not in rule.blocked_by and started is not None and started < on
    if is_past and started and rule.stated and rule.rule in LIMITS:
        return (Conflict("past_maximum", rule, started), *found_ones)
    return found_ones


def conflicts_of(
    found: tuple[Reason, ...], winner: str, until: date | None
) -> tuple[Conflict, ...]:
    """Stated figures of other rules that the winner's end contradicts; "at once" is no figure but the rest."""
    made = {}
    for reason in found:
        rule, ends = reason.rule, reason.until
        if rule.code == winner or ends is None or rule.period is None or rule.period.is_zero:
            continue
        if not rule.stated:
            continue
        if rule.rule in LIMITS and ends < (until or date.max):
            made[rule.code] = Conflict("past_maximum", rule, ends)
        elif rule.rule in MINIMUMS and until is not None and until < ends:
            made[rule.code] = Conflict("cut_short", rule, ends)
    return tuple(made.values())

"""The story of a record that lies apart: of somebody who left, or of somebody dormant.

What was noted when the record was set apart decides, not a new reckoning: its rule and its last day are what the
sweep destroys by. Source: X-ALL-2, X-ALL-3, MIK-5.5b, MIK-5.5c, X-MIK-9.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention_classes import covering, needs_case
from compliance.rules.retention_leaving import Fate
from compliance.rules.retention_reasons import reasons
from compliance.rules.retention_story import DAY, Dormant, Explanation, conflicts_of, hold_of


@dataclass(frozen=True, slots=True)
class Kept:
    """A record apart: its class, the rule and last local day (None: no end known) noted on it, its clock starts."""

    record_class: str
    rule_code: str
    last_day: date | None
    anchors: Mapping[str, date]


def explain_apart(
    policy: Policy,
    kind: str,
    item: str,
    kept: Kept,
    on: date,
    *,
    dormant: Dormant | None = None,
    blocks: Collection[str] = (),
) -> Explanation:
    """Explain the keeping of one item of a record apart on a local day; `blocks` are the running holds.

    States: `hold`, `dormant` (nothing but dormancy holds it there), `apart`, `gone`, `clock_not_started`,
    `period_missing`, `no_rule`.
    Example: MIKMIK payment of a dormant member: apart until the last day of its own five years.
    """
    rule = policy.retention_by_code.get(kept.rule_code)
    found = reasons(policy, _speaking(policy, kind, item, rule), kept.anchors, on, blocks)
    held_by = hold_of(blocks)
    gone_on = kept.last_day + DAY if kept.last_day else None
    return Explanation(
        item=item,
        record_class=kept.record_class,
        state_code="hold" if held_by else _state(rule, gone_on, on),
        kept_until=kept.last_day,
        rule=rule,
        what_next=Fate(item, "segregate", held_by or "period_runs", kept.rule_code),
        since=next((one.since for one in found if rule and one.rule.code == rule.code), None),
        next_on=_next_on(rule, gone_on, dormant),
        held_by=held_by,
        reasons=found,
        conflicts=conflicts_of(found, kept.rule_code, kept.last_day),
        dormant=dormant,
    )


def _speaking(
    policy: Policy, kind: str, item: str, rule: RetentionRule | None
) -> tuple[RetentionRule, ...]:
    """The noted rule and the others for the item: no digest, which ends by itself, and no case but the noted one."""
    others = [
        one for one in covering(policy, item, kind) if one.storage != "hold" and not needs_case(one)
    ]
    return tuple(dict.fromkeys((rule, *others) if rule else others))


def _state(rule: RetentionRule | None, gone_on: date | None, on: date) -> str:
    if rule is None:
        return "no_rule"
    if rule.action == "separate":
        return "dormant"
    if gone_on:
        return "gone" if gone_on <= on else "apart"
    return "clock_not_started" if rule.period else "period_missing"


def _next_on(
    rule: RetentionRule | None, gone_on: date | None, dormant: Dormant | None
) -> date | None:
    is_asleep = rule is not None and rule.action == "separate"
    return dormant.ends_on if is_asleep and dormant else gone_on

"""Record classes: which retention rules cover an item, and in which class it lives.

Source: the `retention` rows of the policy; reading rule 2 (retention works per item).
"""

from __future__ import annotations

from collections.abc import Collection

from compliance.rules.policy_values import Policy, RetentionRule

ILLEGAL_USE = "illegal_use_found_or_left"
FOUND = "illegal_use_found"
RECORD_EVENTS = frozenset(
    {
        "contract_or_withdrawal",
        "payment_or_supply_later",
        "case_closed",
        "record_created",
        "check_completed",
        "session_ended",
    }
)


def covering(policy: Policy, item: str, kind: str) -> tuple[RetentionRule, ...]:
    """The rules that end in destruction here and name the item for this kind of person.

    Left out: rules that only move data (dormancy) and rules about copies at recipients.
    """
    return tuple(rule for rule in house_rules(policy, kind) if item in rule.items)


def house_rules(policy: Policy, kind: str) -> tuple[RetentionRule, ...]:
    """The rules for a kind of person that end in destruction in this house."""
    return tuple(
        rule
        for rule in policy.retention
        if rule.action == "destroy" and rule.storage != "at_recipient" and kind in rule.subjects
    )


def home_class(policy: Policy, item: str, kind: str) -> str | None:
    """The record class an item lives in while the person is active; None without any rule.

    A mandatory rule or one that starts at the record's own event comes first, then the rule for
    the end of the purpose, then the first rule that covers the item.
    Example: MIKMIK `payment_records` lives in `payment_records`, `name` in `account_data`.
    """
    rules = covering(policy, item, kind)
    by_event = [rule for rule in rules if rule.mandatory or rule.trigger in RECORD_EVENTS]
    at_purpose_end = [rule for rule in rules if rule.trigger == "purpose_achieved"]
    homes = (*by_event, *at_purpose_end, *rules)
    return homes[0].record_class if homes else None


def home_rule(policy: Policy, record_class: str, kind: str) -> RetentionRule | None:
    """The rule whose clock a record of a class obeys while the person is active.

    Example: MIKMIK class `payment_records` obeys `payment_5y`.
    """
    rules = (rule for rule in house_rules(policy, kind) if rule.record_class == record_class)
    return next(rules, None)


def group_by_class(
    policy: Policy, kind: str, items: Collection[str]
) -> dict[str | None, tuple[str, ...]]:
    """Items grouped by home class, in their given order; None holds items without any rule."""
    groups: dict[str | None, tuple[str, ...]] = {}
    for item in items:
        home = home_class(policy, item, kind)
        groups[home] = (*groups.get(home, ()), item)
    return groups


def needs_case(rule: RetentionRule) -> bool:
    """True for a holding that applies only to a flagged case, never to every leaver.

    Source: X-LEJ-1 (a ceiling of an internal policy is no default) and MIK-8.3 (illegal use).
    Example: LEJE's ten-year hold needs a case, MIKMIK's rejoin hold of one month does not.
    """
    is_ceiling = rule.basis == "internal" and rule.rule == "maximum" and rule.storage != "active"
    return is_ceiling or rule.trigger == ILLEGAL_USE


def is_somebody_elses(anchors: Collection[str]) -> bool:
    """True for what a member joined with and is another person's, from the finding on (X-MIK-2)."""
    return FOUND in anchors

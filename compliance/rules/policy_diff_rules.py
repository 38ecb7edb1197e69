"""What makes a change of a policy important: the rules of the comparison, as data.

Source: X-MIK-13 (important when items, purposes, recipients, retention, rights, operator or
transfer abroad change to the person's disadvantage, and at all for recipients and operator);
part of a protection or a notice that shrinks counts as a disadvantage too. Whatever no rule
names is general. A judge takes the value before and after; the first that is true gives the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from compliance.rules.calendar import Period, longer_than
from compliance.rules.policy_values import RetentionRule

Judge = Callable[[Any, Any], bool]
Judged = tuple[tuple[Judge, str], ...]

GENERAL, IMPORTANT = "general", "important"
WORDING = "wording"
GENERAL_REASONS = frozenset(
    {
        WORDING,
        "item_removed",
        "purpose_removed",
        "use_narrowed",
        "use_consent_introduced",
        "retention_shorter",
        "right_widened",
        "row_added",
        "row_removed",
    }
)
STRICTNESS = {"optional": 0, "conditional": 1, "required": 2, "automatic": 2}


def importance_of(reason: str) -> str:
    """`general` or `important` for a reason code. Example: `item_added` is important."""
    return GENERAL if reason in GENERAL_REASONS else IMPORTANT


def differs(before: Any, after: Any) -> bool:
    """True for any change."""
    return bool(before != after)


def grew(before: Any, after: Any) -> bool:
    """True when the list has a member it had not before."""
    return bool(set(after) - set(before))


def shrank(before: Any, after: Any) -> bool:
    """True when the list has lost a member."""
    return bool(set(before) - set(after))


def gained(before: Any, after: Any) -> bool:
    """True when a switch went on."""
    return bool(after) and not before


def lost(before: Any, after: Any) -> bool:
    """True when a switch went off."""
    return bool(before) and not after


def later(before: Period | None, after: Period | None) -> bool:
    """True when a deadline or a figure got longer, or is gone. Example: `P5D` to `P1M`."""
    if before is None:
        return False
    return after is None or longer_than(after, before)


def sooner(before: Period | None, after: Period | None) -> bool:
    """True when a lead or a duration got shorter, or is gone. Example: `P30D` to `P7D`."""
    if before is None:
        return False
    return after is None or longer_than(before, after)


def keeps_longer(before: Period | None, after: Period | None) -> bool:
    """True when a holding got longer or got a first figure; a lost figure is `later`."""
    if after is None:
        return False
    return before is None or longer_than(after, before)


def less(before: int | None, after: int | None) -> bool:
    """True when a threshold fell or is gone."""
    return before is not None and (after is None or after < before)


def no_longer_binding(before: str, after: str) -> bool:
    """True when a binding answer time became a target or was dropped."""
    return before == "binding" and after != "binding"


def lives_longer(before: str, after: str) -> bool:
    """True when a cookie's lifetime grew: session, then durations, then unspecified."""
    return _lifetime(after) > _lifetime(before) or (
        before != after
        and _lifetime(before) == _lifetime(after) == 1
        and longer_than(Period.parse(after), Period.parse(before))
    )


def _lifetime(text: str) -> int:
    return {"session": 0, "unspecified": 2}.get(text, 1)


def reaches_more_kinds(before: Any, after: Any) -> bool:
    """True when an item is collected from a kind of person it was not collected from."""
    return grew([row.kind for row in before], [row.kind for row in after])


def asks_more_bindingly(before: Any, after: Any) -> bool:
    """True when an item became required, conditional or automatic for some kind of person."""
    was = {row.kind: STRICTNESS[row.requirement] for row in before}
    return any(STRICTNESS[row.requirement] > was.get(row.kind, 2) for row in after)


_RECIPIENT: Judged = ((differs, "recipient_changed"),)
_CONSENT: Judged = ((lost, "consent_dropped"),)

FIELDS: Mapping[tuple[str, str], Judged] = {
    ("service", "operator"): ((differs, "operator_changed"),),
    ("service", "operator_country"): ((differs, "cross_border"),),
    ("service", "market_country"): ((differs, "cross_border"),),
    ("service", "precedence"): ((differs, "retention_changed"),),
    ("service", "age_threshold"): ((less, "protection_lowered"),),
    ("service", "min_group_size"): ((less, "protection_lowered"),),
    ("never_collect", "categories"): ((shrank, "never_collect_narrowed"),),
    ("contacts", "answer_within"): ((later, "right_narrowed"),),
    ("contacts", "answer_kind"): ((no_longer_binding, "right_narrowed"),),
    ("notices", "lead"): ((sooner, "notice_shortened"),),
    ("notices", "duration"): ((sooner, "notice_shortened"),),
    ("notices", "more_than"): ((lost, "notice_shortened"),),
    ("notices", "places"): ((shrank, "notice_narrowed"),),
    ("notices", "individual"): ((lost, "notice_narrowed"),),
    ("notices", "individual_channels"): ((shrank, "notice_narrowed"),),
    ("notices", "event"): ((differs, "notice_narrowed"),),
    ("items", "subjects"): (
        (reaches_more_kinds, "item_widened"),
        (asks_more_bindingly, "item_required"),
    ),
    ("items", "auto"): ((gained, "item_widened"),),
    ("items", "sensitive"): ((gained, "item_widened"),),
    ("items", "encrypt"): ((lost, "protection_lowered"),),
    ("purposes", "separate_consent"): _CONSENT,
    ("purposes", "basis"): ((differs, "basis_changed"),),
    ("recipients", "name"): _RECIPIENT,
    ("recipients", "kind"): _RECIPIENT,
    ("recipients", "named"): _RECIPIENT,
    ("recipients", "items"): _RECIPIENT,
    ("recipients", "purposes"): _RECIPIENT,
    ("recipients", "subjects"): _RECIPIENT,
    ("recipients", "basis"): _RECIPIENT,
    ("recipients", "separate_consent"): _RECIPIENT,
    ("recipients", "contract_required"): _RECIPIENT,
    ("recipients", "posted_list"): _RECIPIENT,
    ("recipients", "country"): ((differs, "cross_border"),),
    ("recipients", "period"): _RECIPIENT,
    ("recipients", "trigger"): _RECIPIENT,
    ("retention", "period"): ((keeps_longer, "retention_longer"), (later, "retention_changed")),
    ("retention", "trigger"): ((differs, "retention_changed"),),
    ("retention", "rule"): ((differs, "retention_changed"),),
    ("retention", "basis"): ((differs, "retention_changed"),),
    ("retention", "action"): ((differs, "retention_changed"),),
    ("retention", "storage"): ((differs, "retention_changed"),),
    ("retention", "mandatory"): ((gained, "right_narrowed"),),
    ("retention", "blocked_by"): ((grew, "retention_longer"),),
    ("retention", "allowed_purposes"): ((grew, "use_widened"),),
    ("destruction", "deadline"): ((later, "retention_longer"),),
    ("destruction", "methods"): ((shrank, "protection_lowered"),),
    ("cookies", "provider"): ((differs, "tracking_widened"),),
    ("cookies", "kind"): ((differs, "tracking_widened"),),
    ("cookies", "technology"): ((differs, "tracking_widened"),),
    ("cookies", "purposes"): ((grew, "tracking_widened"),),
    ("cookies", "subjects"): ((grew, "tracking_widened"),),
    ("cookies", "lifetime"): ((lives_longer, "tracking_widened"),),
    ("cookies", "strictly_needed"): ((gained, "tracking_widened"),),
    ("cookies", "consent"): ((differs, "tracking_widened"),),
    ("cookies", "refusal"): ((differs, "right_narrowed"),),
    ("cookies", "recipient"): ((differs, "recipient_changed"),),
    ("marketing", "consent"): ((differs, "marketing_widened"),),
    ("marketing", "purposes"): ((grew, "marketing_widened"),),
    ("marketing", "subjects"): ((grew, "marketing_widened"),),
    ("marketing", "exception"): ((differs, "marketing_widened"),),
    ("marketing", "period"): ((keeps_longer, "marketing_widened"), (later, "marketing_widened")),
    ("roles", "areas"): ((grew, "protection_lowered"),),
    ("roles", "consenting_only"): ((lost, "protection_lowered"),),
    ("controls", "interval"): ((later, "protection_lowered"),),
}

ADDED: Mapping[str, str] = {
    "items": "item_added",
    "purposes": "purpose_added",
    "recipients": "recipient_added",
    "collection_methods": "collection_widened",
    "cookies": "tracking_widened",
    "marketing": "marketing_widened",
}
REMOVED: Mapping[str, str] = {
    "items": "item_removed",
    "purposes": "purpose_removed",
    "recipients": "recipient_removed",
    "notices": "notice_narrowed",
    "controls": "protection_lowered",
    "destruction": "protection_lowered",
}


def field_reason(table: str, field: str, before: Any, after: Any) -> str:
    """The reason code of one changed field. Example: a longer `retention.period`."""
    judged = FIELDS.get((table, field), ())
    return next((reason for judge, reason in judged if judge(before, after)), WORDING)


def retention_reason(field: str, before: RetentionRule, after: RetentionRule) -> str:
    """As `field_reason`; lists of a rule that destroys at once read the other way round."""
    if field in {"items", "subjects", "identity_items"}:
        was, now = getattr(before, field), getattr(after, field)
        if keeps(after) and grew(was, now):
            return "retention_longer"
        return "retention_longer" if not keeps(before) and shrank(was, now) else WORDING
    return field_reason("retention", field, getattr(before, field), getattr(after, field))


def keeps(rule: RetentionRule) -> bool:
    """False for a rule that only ends a holding: destroy at once."""
    ends_at_once = rule.period is not None and rule.period.is_zero
    return not (ends_at_once and rule.action == "destroy")


def added_reason(table: str, row: Any) -> str:
    """The reason code of a new row. Example: a rule "destroy at once" is `retention_shorter`."""
    if isinstance(row, RetentionRule):
        return "retention_longer" if keeps(row) else "retention_shorter"
    return ADDED.get(table, "row_added")


def removed_reason(table: str, row: Any) -> str:
    """The reason code of a dropped row. Example: losing "destroy at once" is longer holding."""
    if isinstance(row, RetentionRule):
        if row.action == "separate":
            return "retention_changed"
        return "retention_shorter" if keeps(row) else "retention_longer"
    return REMOVED.get(table, "row_removed")

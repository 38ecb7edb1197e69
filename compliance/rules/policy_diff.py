"""The registry diff of two policies: what changed, how important it is, who has to be asked.

Source: X-MIK-13 and MIK-20b (the class is computed, not chosen), X-MIK-21 (changes that need
consent anew), X-ALL-5 (earliest effective day). Works over the fields of the policy's values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any

from compliance.rules.calendar import longer_than
from compliance.rules.notice_periods import Lead, earliest_effective_under
from compliance.rules.policy_diff_rules import (
    GENERAL,
    IMPORTANT,
    added_reason,
    field_reason,
    grew,
    importance_of,
    later,
    removed_reason,
    retention_reason,
)
from compliance.rules.policy_values import (
    TABLES,
    NoticeRule,
    Policy,
    Recipient,
    RetentionRule,
    Right,
)

REVISION_EVENTS = {
    GENERAL: ("policy_revision_general",),
    IMPORTANT: ("policy_revision_important", "policy_revision_general"),
}
NOT_COMPARED = frozenset({"version", "effective_from", "never_collect", *TABLES})
BY_PRODUCT = frozenset({"uses", "rights"})
ASKS_ANEW = "consent_change"  # The notice by which a policy promises to ask.
OWN_GROUND = frozenset({"processor", "authority", "aggregate_only"})
CONSENT_REASONS = frozenset(
    {
        "item_added",
        "item_widened",
        "purpose_added",
        "use_widened",
        "recipient_added",
        "recipient_changed",
        "collection_widened",
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind` is `added`, `removed` or `changed`; `row` names the row by its code,
    a use as `purpose/kind of person`, a right as `right/channel`; `field` is empty for whole rows.
    """

    table: str
    row: str
    kind: str
    field: str
    before: Any
    after: Any
    importance: str
    reason_code: str
    needs_consent: bool


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """All differences, the class of the revision, and the purposes that need consent anew."""

    changes: tuple[Change, ...]
    change_class: str
    consent_purposes: frozenset[str]

    @property
    def needs_consent(self) -> bool:
        """True when anybody has to be asked before the new scope holds for them."""
        return any(change.needs_consent for change in self.changes)

    def consent_rows(self, table: str) -> frozenset[str]:
        """Codes of the rows of a table that need consent anew. Example: `consent_rows("items")`."""
        return frozenset(
            change.row for change in self.changes if change.table == table and change.needs_consent
        )


def diff(old: Policy, new: Policy) -> PolicyDiff:
    """Compare two versions of one service's policy.

    The revision is important as soon as one change is.
    Example: a longer retention period gives class `important`, reason `retention_longer`.
    """
    asks = _promises_to_ask(old) or _promises_to_ask(new)
    changes = tuple(
        _with_consent(change, new, asks)
        for found in (
            _service_changes(old, new),
            _table_changes(old, new),
            _use_changes(old, new),
            _right_changes(old, new),
        )
        for change in found
    )
    important = any(change.importance == IMPORTANT for change in changes)
    return PolicyDiff(
        changes=changes,
        change_class=IMPORTANT if important else GENERAL,
        consent_purposes=frozenset(_consent_purposes(changes, new)),
    )


def _change(
    table: str, row: str, kind: str, reason: str, *, field: str = "", values: tuple[Any, Any]
) -> Change:
    return Change(
        table=table,
        row=row,
        kind=kind,
        field=field,
        before=values[0],
        after=values[1],
        importance=importance_of(reason),
        reason_code=reason,
        needs_consent=False,
    )


def _service_changes(old: Policy, new: Policy) -> Iterator[Change]:
    for spec in fields(Policy):
        if spec.name not in NOT_COMPARED:
            yield from _field_change("service", new.slug, spec.name, old, new)
    for spec in fields(new.never_collect):
        yield from _field_change(
            "never_collect", "never_collect", spec.name, old.never_collect, new.never_collect
        )


def _field_change(table: str, row: str, field: str, old: Any, new: Any) -> Iterator[Change]:
    before, after = getattr(old, field), getattr(new, field)
    if before == after:
        return
    if isinstance(old, RetentionRule):
        reason = retention_reason(field, old, new)
    else:
        reason = field_reason(table, field, before, after)
    yield _change(table, row, "changed", reason, field=field, values=(before, after))


def _table_changes(old: Policy, new: Policy) -> Iterator[Change]:
    for table in TABLES:
        if table not in BY_PRODUCT:
            yield from _row_changes(
                table, _by_key(getattr(old, table)), _by_key(getattr(new, table))
            )


def _row_changes(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        before, after = old.get(key), new.get(key)
        if before is None:
            reason = added_reason(table, after)
            yield _change(table, key, "added", reason, values=(None, after))
        elif after is None:
            reason = removed_reason(table, before)
            yield _change(table, key, "removed", reason, values=(before, None))
        else:
            for spec in fields(before):
                yield from _field_change(table, key, spec.name, before, after)


def _by_key(rows: Iterable[Any]) -> dict[str, Any]:
    """Rows by their name; rows of the same name are numbered in their order."""
    named: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for row in rows:
        name = _name(row)
        seen[name] = seen.get(name, 0) + 1
        named[name if seen[name] == 1 else f"{name}#{seen[name]}"] = row
    return named


def _name(row: Any) -> str:
    candidates = ("id", "code", "medium", "channel", "obligation")
    return str(next(getattr(row, name) for name in candidates if hasattr(row, name)))


def _use_changes(old: Policy, new: Policy) -> Iterator[Change]:
    was, now = _products(old), _products(new)
    for row in dict.fromkeys((*was, *now)):
        before, after = was.get(row, {}), now.get(row, {})
        if before == after:
            continue
        kind = "added" if not before else "changed" if after else "removed"
        values = (tuple(sorted(before.items())), tuple(sorted(after.items())))
        yield _change("uses", row, kind, _use_reason(before, after), field="items", values=values)


def _products(policy: Policy) -> dict[str, dict[str, bool]]:
    """`{purpose/kind: {item: needs consent}}`; consent only if every row permitting it asks."""
    permitted: dict[str, dict[str, bool]] = {}
    for use in policy.uses:
        for row in (f"{purpose}/{kind}" for purpose in use.purposes for kind in use.subjects):
            items = permitted.setdefault(row, {})
            for item in use.items:
                items[item] = items.get(item, True) and use.needs_consent
    return permitted


def _use_reason(before: Mapping[str, bool], after: Mapping[str, bool]) -> str:
    if any(item not in before or (before[item] and not asks) for item, asks in after.items()):
        return "use_widened"
    asked_now = any(asks and not before[item] for item, asks in after.items())
    return "use_consent_introduced" if asked_now else "use_narrowed"


def _right_changes(old: Policy, new: Policy) -> Iterator[Change]:
    was, now = _rights(old), _rights(new)
    for row in dict.fromkeys((*was, *now)):
        before, after = was.get(row), now.get(row)
        if before == after:
            continue
        if before is None or after is None:
            kind, reason = ("added", "right_widened") if after else ("removed", "right_narrowed")
        else:
            kind, reason = "changed", _right_reason(before, after)
        yield _change("rights", row, kind, reason, values=(before, after))


def _rights(policy: Policy) -> dict[str, Right]:
    """Rights by `right/channel`; the row of a channel is compared without its sister channels."""
    return {
        f"{right.right}/{channel}": replace(right, channels=(channel,))
        for right in policy.rights
        for channel in right.channels
    }


def _right_reason(before: Right, after: Right) -> str:
    narrowed = (
        later(before.deadline, after.deadline)
        or (before.representative and not after.representative)
        or grew(after.effects, before.effects)
    )
    return "right_narrowed" if narrowed else "right_widened"


def _promises_to_ask(policy: Policy) -> bool:
    """A policy that announces consent for additions asks for every one of them (X-MIK-21)."""
    return any(notice.event == ASKS_ANEW for notice in policy.notices)


def _with_consent(change: Change, new: Policy, asks: bool) -> Change:
    if not _needs_consent(change, new, asks):
        return change
    return replace(change, needs_consent=True)


def _needs_consent(change: Change, new: Policy, asks: bool) -> bool:
    reason = change.reason_code
    if change.table == "retention" and reason == "retention_longer":
        return not _is_statutory(new.retention_by_code.get(change.row))
    if reason == "use_consent_introduced":
        return True
    if reason not in CONSENT_REASONS:
        return False
    if change.table == "recipients":
        return _recipient_asks(new.recipients_by_code[change.row], asks)
    return asks or _is_flagged(change, new)


def _is_statutory(rule: RetentionRule | None) -> bool:
    return rule is not None and (rule.mandatory or rule.basis == "statutory")


def _recipient_asks(row: Recipient, asks: bool) -> bool:
    return row.separate_consent or (asks and row.kind not in OWN_GROUND)


def _is_flagged(change: Change, new: Policy) -> bool:
    """True when the new row itself asks for consent."""
    if change.table == "purposes":
        row = new.purposes_by_code[change.row]
        return row.separate_consent or row.basis == "consent"
    if change.table == "items":
        return any(change.row in use.items and use.needs_consent for use in new.uses)
    if change.table == "uses":
        before, after = dict(change.before), dict(change.after)
        return any(
            asked_now or item in before
            for item, asked_now in after.items()
            if before.get(item) != asked_now
        )
    return False


def _consent_purposes(changes: Iterable[Change], new: Policy) -> Iterator[str]:
    for change in changes:
        if not change.needs_consent:
            continue
        if change.table == "purposes":
            yield change.row
        elif change.table == "uses":
            yield change.row.partition("/")[0]
        elif change.table == "items":
            yield from _purposes_of(new, change.row)
        elif change.table == "recipients":
            yield from new.recipients_by_code[change.row].purposes


def _purposes_of(policy: Policy, item: str) -> Iterator[str]:
    return (purpose for use in policy.uses if item in use.items for purpose in use.purposes)


def lead_for(policy: Policy, change_class: str) -> NoticeRule | None:
    """The notice row with the longest lead for a class; None where the policy has none.

    An important change has to keep the general notice as well. Ask the policy in force: its
    promise is the one that people were given.
    Example: MIKMIK `important` gives the row `revision_important`, thirty days.
    """
    rows = [row for row in _revision_notices(policy, change_class) if row.lead is not None]
    longest: NoticeRule | None = None
    for row in rows:
        if longest is None or _outlasts(row, longest):
            longest = row
    return longest


def _revision_notices(policy: Policy, change_class: str) -> list[NoticeRule]:
    events = REVISION_EVENTS[change_class]
    return [row for event in events for row in policy.notices if row.event == event]


def _outlasts(row: NoticeRule, other: NoticeRule) -> bool:
    if row.lead is None or other.lead is None:
        return row.lead is not None
    return longer_than(row.lead, other.lead) or (row.lead == other.lead and row.more_than)


def earliest_effective_on(policy: Policy, change_class: str, announced_on: date) -> date:
    """The first local day a revision announced on a day may take effect (X-ALL-5).

    Every lead of the class counts and the longest wins; without any it is the day after.
    Example: MIKMIK, important, announced on 22 November 2026: 23 December 2026.
    """
    leads = [
        Lead(row.lead, more_than=row.more_than)
        for row in _revision_notices(policy, change_class)
        if row.lead is not None
    ]
    return earliest_effective_under(announced_on, leads)

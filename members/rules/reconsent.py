"""Which questions a new version of the policy puts to somebody: each addition on its own, with a yes and a no.

Source: KRN-4.3, MIK-11.1 and X-KRN-3 (asked anew, silence keeps the old scope), MIK-6.2 (each recipient by name),
X-ALL-12 (nothing bundled), MIK-5.1a (longer keeping is agreed to as well).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from compliance.rules.policy_diff import diff
from compliance.rules.policy_values import Policy
from compliance.rules.scope import LONGER, OF_ITEM, WIDER, Pending, of
from members.rules.choices import Choice, offered


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: the choice it is kept under, the purposes named in it, and the rule that keeps longer."""

    choice: Choice
    purposes: tuple[str, ...] = ()
    rule: str = ""


def questions(policy: Policy, kind: str, pending: Pending) -> tuple[Asked, ...]:
    """Return the questions about what is pending for one kind of person, in the order of the policy.

    A new item that serves new purposes only is part of their questions.
    Example: a new purpose `fitting` that uses `shoe_size` is one question, kept under `fitting::`.
    """
    return (
        *_about_purposes(policy, kind, pending),
        *_about_recipients(policy, kind, pending),
        *_about_items(policy, kind, pending),
    )


def longer(base: Policy, policy: Policy, kind: str) -> tuple[Asked, ...]:
    """Return the questions about longer keeping than the version that somebody is bound to (MIK-5.1a).

    How long a new item is kept belongs to the question about the item. Example: a period of one month that becomes
    two is one question, kept under `longer:rejoin_identity_1m::`.
    """
    rules = diff(base, _without_new_items(base, policy)).consent_rows("retention")
    return tuple(
        Asked(Choice(f"{LONGER}{row.code}", items=row.items, clause=row.clause), rule=row.code)
        for row in policy.retention
        if row.code in rules and kind in row.subjects
    )


def _without_new_items(base: Policy, policy: Policy) -> Policy:
    """The version as if its new items were not there: only what is held already can be kept longer."""
    rows = []
    for row in policy.retention:
        items = tuple(item for item in row.items if item in base.items_by_code)
        if items or not row.items:
            rows.append(replace(row, items=items))
    return replace(policy, retention=tuple(rows))


def _about_purposes(policy: Policy, kind: str, pending: Pending) -> Iterator[Asked]:
    for row in policy.purposes:
        items = _items(policy, kind, row.code, pending)
        if row.code in pending.purposes:
            if _concerns(policy, kind, row.code):
                yield from _about_new(policy, kind, row.code, items)
        elif items is not None:
            choice = Choice(f"{WIDER}{row.code}", items=items, clause=row.clause)
            yield Asked(choice, purposes=(row.code,))


def _about_new(
    policy: Policy, kind: str, purpose: str, items: tuple[str, ...] | None
) -> Iterator[Asked]:
    """The choices that the consent centre offers for a purpose, else the purpose as such."""
    choices = [choice for choice in offered(policy, kind) if choice.purpose == purpose]
    clause = policy.purposes_by_code[purpose].clause
    for choice in choices or [Choice(purpose, items=items or (), clause=clause)]:
        yield Asked(choice, purposes=(purpose,))


def _items(policy: Policy, kind: str, purpose: str, pending: Pending) -> tuple[str, ...] | None:
    """Items newly used for a purpose: all for a new one, for a known one those that are held; None: none."""
    pairs = {item for code, item in pending.uses if code == purpose}
    if purpose not in pending.purposes:
        pairs -= pending.items
    if not pairs:
        return None
    return tuple(row.code for row in policy.items if row.code in pairs)


def _concerns(policy: Policy, kind: str, purpose: str) -> bool:
    """Whether a purpose has to do with this kind of person: some row says so, or no row names anybody."""
    rows = [
        row
        for table in (policy.uses, policy.recipients, policy.marketing)
        for row in table
        if purpose in row.purposes
    ]
    return not rows or any(kind in row.subjects for row in rows)


def _about_recipients(policy: Policy, kind: str, pending: Pending) -> Iterator[Asked]:
    asked = {choice.key for choice in offered(policy, kind) if choice.purpose in pending.purposes}
    for row in policy.recipients:
        for purpose in row.purposes:
            passed = {one[2] for one in pending.passes if one[:2] == (row.code, purpose)}
            if not passed or Choice(purpose, recipient=row.code).key in asked:
                continue
            items = tuple(item for item in row.items if item in passed)
            choice = Choice(f"{WIDER}{purpose}", recipient=row.code, items=items, clause=row.clause)
            yield Asked(choice, purposes=(purpose,))


def _about_items(policy: Policy, kind: str, pending: Pending) -> Iterator[Asked]:
    uses = of(policy, kind).uses
    for row in policy.items:
        if row.code not in pending.items:
            continue
        purposes = tuple(one.code for one in policy.purposes if (one.code, row.code) in uses)
        if purposes and pending.purposes.issuperset(purposes):
            continue
        known = tuple(code for code in purposes if code not in pending.purposes)
        yield Asked(Choice(f"{OF_ITEM}{row.code}", items=(row.code,)), purposes=known)

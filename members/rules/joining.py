"""What joining asks for, by the policy: which kinds of people may join on the pages, and which items each gives.

Sources: MIK-3.1a and LEJ-1.1 (the listed items and no other), X-ENG-4 (an item without a purpose is not asked for),
MIK-3.2-R8 and X-MIK-27 (what an identity check brings is never typed), ENG-3.4 (extra questions are optional and
say what for), LEJ-2.4 (age).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from compliance.rules.policy_values import Item, Policy
from members.rules.import_columns import JOINING_MOMENTS, people_items

Requirement = Literal["required", "optional", "conditional"]
JOINING_KINDS = ("member", "business", "payee")
FROM_IDENTITY_CHECK = frozenset({"ci", "di"})
ADDRESSES = ("email", "business_contact", "contact_info")
PASSWORD_CATEGORY = "credential"

# How long a representative has for an answer. No policy says it: suggested, not promised. The Korean standard
# guidelines on personal information (art. 13) let the address be kept for five days without an answer.
ANSWER_WITHIN = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Asked:
    """One item of the form: how bindingly it is asked for, what for (purpose codes), and by which clause."""

    item: str
    category: str
    requirement: Requirement
    purposes: tuple[str, ...] = ()
    clause: str = ""


def kinds(policy: Policy) -> tuple[str, ...]:
    """Return the kinds of people who can join on the pages, the usual one first.

    A kind joins here if an e-mail address is asked for, and nothing that only an identity check brings.
    Example: MIKMIK lets a `member` join; a `business` needs CI and DI, so staff enter it after the check.
    """
    return tuple(kind for kind in JOINING_KINDS if _can_join(policy, kind))


def asked(policy: Policy, kind: str) -> tuple[Asked, ...]:
    """Return the items that somebody types to join, in the order of the policy, required ones first.

    The password is not among them (``asks_password``). Example: LEJE asks for name, login_id, mobile and email.
    """
    address = address_item(policy, kind)
    found = list(_asked(policy, kind, address))
    return tuple(sorted(found, key=lambda one: one.requirement != "required"))


def asks_password(policy: Policy, kind: str) -> bool:
    """Tell whether the policy lists a password for joining."""
    return any(
        item.category == PASSWORD_CATEGORY and _entry(item, kind) is not None
        for item in policy.items
    )


def address_item(policy: Policy, kind: str) -> str:
    """Return the item to whose value the code goes, empty where joining asks for no address."""
    listed = set(people_items(policy, kind))
    return next(
        (
            code
            for code in ADDRESSES
            if code in listed and _entry(policy.items_by_code[code], kind) is not None
        ),
        "",
    )


def is_under_age(policy: Policy, born: date | None, says_old_enough: bool, today: date) -> bool:
    """Tell whether a representative has to agree first; a date of birth in the form counts more than the answer.

    Example: with an age of 14, born on 1 December 2012, is under age on 30 November 2026 and not the day after.
    """
    limit = policy.age_threshold
    if limit is None:
        return False
    if born is None:
        return not says_old_enough
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not had_birthday) < limit


def _can_join(policy: Policy, kind: str) -> bool:
    needed = [
        item.code
        for item in policy.items
        if (entry := _entry(item, kind)) and entry[0] == "required" and not item.unused_reason
    ]
    return bool(address_item(policy, kind)) and not FROM_IDENTITY_CHECK.intersection(needed)


def _asked(policy: Policy, kind: str, address: str) -> Iterator[Asked]:
    for code in people_items(policy, kind):
        item = policy.items_by_code[code]
        entry = _entry(item, kind)
        if entry is None or code in FROM_IDENTITY_CHECK:
            continue
        requirement: Requirement = "required" if code == address else entry[0]
        is_required = requirement == "required"
        purposes = _purposes(policy, code, kind, without_asking=is_required)
        if is_required or purposes:
            yield Asked(code, item.category, requirement, purposes, entry[1])


def _entry(item: Item, kind: str) -> tuple[Requirement, str] | None:
    """How bindingly joining asks a kind of person for an item, and the clause; None if it does not."""
    for entry in item.subjects:
        if entry.kind == kind and entry.moment in JOINING_MOMENTS:
            if entry.requirement == "required":
                return "required", entry.clause
            if entry.requirement == "optional":
                return "optional", entry.clause
            if entry.requirement == "conditional":
                return "conditional", entry.clause
    return None


def _purposes(policy: Policy, code: str, kind: str, *, without_asking: bool) -> tuple[str, ...]:
    """What an item is used for; with ``without_asking`` only what needs no further question."""
    rows = (row for row in policy.uses if code in row.items and kind in row.subjects)
    free = (row for row in rows if not (without_asking and row.needs_consent))
    found = dict.fromkeys(purpose for row in free for purpose in row.purposes)
    known = policy.purposes_by_code
    return tuple(
        p for p in found if p in known and not (without_asking and known[p].separate_consent)
    )

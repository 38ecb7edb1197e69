"""What a leaver is told: what is destroyed today, what is kept, until when and why (MIK-8.1c, X-MIK-31)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import override

from compliance.models import Account
from compliance.register_words import said
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_values_by_id
from members import addresses, words
from members.actions import delivery
from members.contacts import language_of
from members.models import Delivery, RightsRequest, Withdrawal
from members.rules.leaving import MOVED, Part


def plan_confirmation(
    withdrawal: Withdrawal, *, parts: Sequence[Part], actor: Account | None, now: datetime
) -> Delivery:
    """Hand the confirmation to the outbox with its own sealed copy of the address; asking twice writes one."""
    policy = policy_values_by_id(withdrawal.version_id)
    language = language_of(withdrawal.subject, policy)
    try:
        address = delivery.address_of(withdrawal.subject, "confirmation", now=now)
    except addresses.NoAddress as problem:
        return delivery.note_unreachable(withdrawal, problem, now=now)
    with override(language):
        figures = figures_of(withdrawal, parts, policy)
    return delivery.plan_confirmation(
        withdrawal, address=address, figures=figures, actor=actor, now=now
    )


def figures_of(withdrawal: Withdrawal, parts: Sequence[Part], policy: Policy) -> dict[str, Any]:
    """Return labels, in the language in use, and dates for the message; no value of the person is among them."""
    stays = {item for part in parts if part.outcome in MOVED for item in part.items}
    gone = [item for part in parts if part.outcome not in MOVED for item in part.items]
    return {
        "reference": withdrawal.request.reference,
        "left_on": withdrawal.left_on.isoformat(),
        "unused": withdrawal.request.channel == RightsRequest.Channel.SYSTEM,
        "destroyed": words.items(policy, [item for item in gone if item not in stays]),
        "kept": [_line(policy, some) for some in _by_end(parts, ("segregate", "keep"))],
        "held": [_line(policy, some) for some in _by_end(parts, ("hold",))],
    }


def _by_end(parts: Sequence[Part], outcomes: Sequence[str]) -> list[list[Part]]:
    """Return the parts of each rule and each last day, the earliest first: every later end is named (X-MIK-31)."""
    ends: dict[tuple[date, str], list[Part]] = {}
    for part in parts:
        if part.outcome in outcomes:
            ends.setdefault((part.last_day or date.max, part.rule), []).append(part)
    return [ends[key] for key in sorted(ends) if any(part.record_id for part in ends[key])]


def _line(policy: Policy, parts: Sequence[Part]) -> dict[str, str]:
    """Items, purpose and period of what is held under one rule to one day (MIK-5.2b)."""
    part = next(one for one in parts if one.record_id)
    rule = policy.retention_by_code.get(part.rule)
    clause = f"{policy.name} {part.clause}".strip()
    items = words.items(policy, [item for one in parts for item in one.items])
    purposes = words.purposes(policy, rule.allowed_purposes) if rule else []
    return {
        "label": said(rule.label) if rule else ", ".join(items),
        "items": ", ".join(items),
        "purpose": ", ".join(purposes),
        "until": part.last_day.isoformat() if part.last_day else "",
        "why": f"{clause}: {said(rule.law)}" if rule and rule.law else clause,
    }

"""What a leaver is told: what is destroyed today, what is kept, until when and why (MIK-8.1c, X-MIK-31)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from compliance.models import Account
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_values_by_id
from members import addresses
from members.actions import delivery
from members.models import Delivery, Withdrawal
from members.rules.leaving import Part


def plan_confirmation(
    withdrawal: Withdrawal, *, parts: Sequence[Part], actor: Account | None, now: datetime
) -> Delivery:
    """Hand the confirmation to the outbox with its own sealed copy of the address; asking twice writes one."""
    policy = policy_values_by_id(withdrawal.version_id)
    try:
        address = delivery.address_of(withdrawal.subject, "confirmation", now=now)
    except addresses.NoAddress as problem:
        return delivery.note_unreachable(withdrawal, problem, now=now)
    figures = figures_of(withdrawal, parts, policy)
    return delivery.plan_confirmation(withdrawal, address=address, figures=figures, actor=actor, now=now)


def figures_of(withdrawal: Withdrawal, parts: Sequence[Part], policy: Policy) -> dict[str, Any]:
    """Return labels and dates for the message; no value of the person is among them."""
    return {
        "name": "",
        "reference": withdrawal.request.reference,
        "left_on": withdrawal.left_on.isoformat(),
        "destroyed": labels(policy, [part for part in parts if part.outcome == "destroy"]),
        "kept": [_line(policy, part) for part in _one_per_rule(parts, ("segregate", "keep"))],
        "held": [_line(policy, part) for part in _one_per_rule(parts, ("hold",))],
    }


def labels(policy: Policy, parts: Sequence[Part]) -> list[str]:
    """Return the labels of the items of some parts, each once, in the order of the policy."""
    wanted = {item for part in parts for item in part.items}
    return [row.label for row in policy.items if row.code in wanted]


def _one_per_rule(parts: Sequence[Part], outcomes: Sequence[str]) -> list[Part]:
    """Return the part with the latest end for each rule: what a person has to know is when the last of it goes."""
    latest: dict[str, Part] = {}
    for part in parts:
        if part.outcome not in outcomes or not part.record_id:
            continue
        known = latest.get(part.rule)
        if known is None or (known.last_day and (part.last_day is None or part.last_day > known.last_day)):
            latest[part.rule] = part
    return list(latest.values())


def _line(policy: Policy, part: Part) -> dict[str, str]:
    rule = policy.retention_by_code.get(part.rule)
    clause = f"{policy.name} {part.clause}".strip()
    return {
        "label": rule.label if rule else ", ".join(labels(policy, [part])),
        "until": part.last_day.isoformat() if part.last_day else "",
        "why": f"{clause}: {rule.law}" if rule and rule.law else clause,
    }

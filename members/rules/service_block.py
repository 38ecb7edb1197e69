"""Which items may tell whom a service is refused to, and on which grounds. Source: LMK-2j."""

from compliance.rules.policy_values import Policy

PURPOSE = "service_denial"


def items_for(policy: Policy, kind: str) -> tuple[str, ...]:
    """The items that the policy lets a block use; empty where it lets none. Example: LetsMasak `name`, `address`."""
    rows = (row for row in policy.uses if PURPOSE in row.purposes and kind in row.subjects)
    return tuple(dict.fromkeys(item for row in rows for item in row.items))

"""Which address of a person a message goes to, out of what the gate gave."""

from collections.abc import Mapping
from typing import Any

from compliance.mail import BadAddress, checked_address
from compliance.rules.gate import Decision
from compliance.rules.policy_values import Policy
from members.contacts import ADDRESS_ITEMS, address_items

SILENT = frozenset({"item_unknown", "kind_not_permitted", "not_permitted", "not_a_contact_item"})


class NoAddress(LookupError):
    """Nobody can be written to; ``reason`` is a code, ``refused`` tells whether the gate said no."""

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.refused = reason, refused


def kinds_with_address(policy: Policy) -> frozenset[str]:
    """Return the kinds of people of whom a policy collects an address for mail."""
    rows = (policy.items_by_code[code] for code in address_items(policy))
    return frozenset(entry.kind for row in rows for entry in row.subjects)


def pick(values: Mapping[str, Any], decision: Decision) -> str:
    """Return the first usable address among the values that the gate gave. Raises ``NoAddress``.

    Example: a business whose only contact is a telephone number gives ``NoAddress("bad_address")``.
    """
    held = [values[code] for code in ADDRESS_ITEMS if values.get(code)]
    for value in held:
        try:
            return checked_address(value)
        except BadAddress:
            continue
    reasons = {refusal.reason_code for refusal in decision.refused} - SILENT
    if reasons and not held:
        raise NoAddress(min(reasons), refused=True)
    raise NoAddress("bad_address" if held else "no_address")

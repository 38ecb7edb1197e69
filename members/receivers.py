"""Who may have an item of a person by the policy: companies by name, and other users where it is shown to them."""

from dataclasses import dataclass

from compliance.register_words import said
from compliance.rules.policy_values import Policy, Recipient
from members import words

OTHERS, TOTALS, AUTHORITY = "other_users", "aggregate_only", "authority"
COMPANIES = frozenset({"third_party", "processor", "tracker", "transaction_party"})


@dataclass(frozen=True)
class Receiver:
    """One row of the policy: its name and what kind of receiver that is."""

    name: str
    kind: str


def of_item(policy: Policy, kind: str, item: str) -> list[Receiver]:
    """Return who may be given an item of this kind of person; whoever gets totals only is left out.

    Example: MIKMIK, a receiver's address: the seller that sends the parcel.
    """
    return [
        Receiver(said(row.name), str(words.RECIPIENT_KINDS.get(row.kind, row.kind)))
        for row in _rows(policy, kind, item)
        if row.kind not in (OTHERS, TOTALS)
    ]


def companies(policy: Policy, kind: str, item: str) -> int:
    """How many companies may have an item, and so have to be told when it changes (MIK-7.3, LEJ-RGT-5)."""
    return sum(row.kind in COMPANIES for row in _rows(policy, kind, item))


def is_shown(policy: Policy, kind: str, item: str) -> bool:
    """Whether other users can see an item (LMK-1)."""
    return any(row.kind == OTHERS for row in _rows(policy, kind, item))


def _rows(policy: Policy, kind: str, item: str) -> list[Recipient]:
    return [row for row in policy.recipients if kind in row.subjects and item in row.items]

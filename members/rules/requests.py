"""Requests by their rules: until when the policy wants an answer, what a person changes alone, why one may be refused.

Sources: the `rights` rows of a policy and X-ALL-4 (a figure that is "at once" has none to add); MIK-7.1a,
LEJ-RGT-1 (view and change), MIK-7.2, LEJ-RGT-4 (disputed items are not used).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from compliance.rules.calendar import moment_after
from compliance.rules.policy_values import Policy, Right

RIGHTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "access": ("access",),
        "transaction_access": ("transaction_access", "access"),
        "rectification": ("correction",),
        "erasure": ("deletion",),
        "restriction": (),
        "objection": ("disclosure_refusal", "marketing_refusal"),
        "consent_withdrawal": ("withdrawal",),
        "membership_withdrawal": ("leave_membership",),
        "enquiry": ("enquiry",),
        "complaint": ("complaint", "enquiry"),
    }
)
CHANNELS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "web": ("self_service", "web_form", "service"),
        "email": ("email", "staff"),
        "phone": ("phone", "staff"),
        "fax": ("fax", "writing", "staff"),
        "writing": ("writing", "staff"),
    }
)
HOLD = "hold_until_corrected"
# Categories whose values somebody knows best about themselves; what happened or was measured is not among them.
OWN = frozenset({"identity", "contact", "profile", "business", "delivery", "payment"})
VERIFIED = "identity_verification"
EMAIL = "email"

REFUSALS = (
    "value_is_right",
    "not_shown_to_be_wrong",
    "law_keeps_it",
    "not_held",
    "identity_not_shown",
    "same_as_before",
)
EXTENSIONS = ("waits_for_proof", "waits_for_third_party", "many_items")


@dataclass(frozen=True, slots=True)
class Due:
    """Until when a request is to be answered: None where the policy gives no figure, with its clause and words."""

    at: datetime | None = None
    clause: str = ""
    words: str = ""


def due(policy: Policy, kind: str, channel: str, received_at: datetime) -> Due:
    """The due moment of a request by the figure of the policy itself.

    The row of the channel counts, else the soonest row of the right: whoever asks by fax waits no longer than by
    letter. A dispute takes the row that promises the hold. Rights are tried in the order of `RIGHTS`.
    Example: MIKMIK, correction by phone, P1D: one day after it was received.
    """
    for right in RIGHTS.get(kind, ()):
        rows = [row for row in policy.rights if row.right == right]
        row = _row(rows, kind, channel, received_at, policy.timezone)
        if row is not None:
            at = _end(row, received_at, policy.timezone)
            return Due(at, row.clause, row.deadline_words)
    return Due()


def _row(
    rows: list[Right], kind: str, channel: str, received_at: datetime, zone: str
) -> Right | None:
    if kind == "rectification":
        rows = [row for row in rows if HOLD in row.effects] or rows
    served = [row for row in rows if set(CHANNELS.get(channel, ())) & set(row.channels)] or rows
    dated = [row for row in served if row.deadline is not None]
    return min(
        dated,
        key=lambda row: _end(row, received_at, zone) or received_at,
        default=next(iter(served), None),
    )


def _end(row: Right, received_at: datetime, zone: str) -> datetime | None:
    return None if row.deadline is None else moment_after(received_at, row.deadline, zone)


def may_change(policy: Policy, kind: str, item: str) -> bool:
    """Whether a person of a kind changes this item alone, without an officer.

    Not what was checked against a proof, is kept encrypted as an identifier, was written by itself, or tells what
    happened: there the person says that it is wrong, and an officer looks.
    Example: MIKMIK, a member's `mobile` yes, `ci` and `payment_records` no.
    """
    row = policy.items_by_code.get(item)
    if row is None or row.auto or row.category not in OWN:
        return False
    mine = [entry for entry in row.subjects if entry.kind == kind]
    if not mine or any(entry.moment == VERIFIED for entry in mine):
        return False
    return not (row.encrypt and row.category == "identity" and not _is_told(mine))


def _is_told(entries: Iterable[object]) -> bool:
    return all(
        getattr(entry, "moment", "") in ("customs", "payment", "payout") for entry in entries
    )

"""The values the gate works on: facts of a person, the question, the decision.

Source: reading rule 1 of the policy schema, and the closed list of duty purposes, which may use
contact items in every service (in the states of a person listed with each).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.rules.policy_values import Policy, Purpose, Recipient, Use

Consent = tuple[str, str | None, str | None]

DUTY_PURPOSES: Mapping[str, frozenset[str]] = {
    "policy_notice": frozenset({"joining", "active", "restricted", "dormant"}),
    "sign_in_code": frozenset({"joining", "active", "restricted", "dormant"}),
    "request_answer": frozenset(
        {"joining", "active", "restricted", "dormant", "leaving", "withdrawn"}
    ),
    "confirmation": frozenset(
        {"joining", "active", "restricted", "dormant", "leaving", "withdrawn"}
    ),
}
DUTIES_UNDER_CORRECTION = frozenset({"sign_in_code", "request_answer"})
CONTACT_ITEMS = frozenset({"business_contact", "receiver_contact", "receiver_email"})
GONE = frozenset({"leaving", "withdrawn"})
CHOSEN_CHANNELS = frozenset({"opt_in", "subscription"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate has to know about one person.

    `consents` and `withdrawn` hold (purpose, channel or None, recipient or None); None means the
    answer was not tied to one. `restricted_items` are under correction. What is `pending` is new
    in the version in force and not yet agreed to by this person, who keeps the old scope until
    then: uses as (purpose, item), passes as (recipient, purpose, item), an empty item for all.
    """

    kind: str
    status: str = "active"
    consents: frozenset[Consent] = frozenset()
    withdrawn: frozenset[Consent] = frozenset()
    restricted_items: frozenset[str] = frozenset()
    segregated: bool = False
    agreed_version: int | None = None
    pending_purposes: frozenset[str] = frozenset()
    pending_items: frozenset[str] = frozenset()
    pending_uses: frozenset[tuple[str, str]] = frozenset()
    pending_passes: frozenset[tuple[str, str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one item may not be used, with the clause that says so (empty where none does)."""

    item: str
    reason_code: str
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer: `allowed` only when every item asked for is; `is_duty` marks duty purposes."""

    allowed: bool
    allowed_items: tuple[str, ...]
    refused: tuple[Refusal, ...]
    is_duty: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the gate with the rows that can answer it, gathered once."""

    policy: Policy
    purpose: str
    items: tuple[str, ...]
    channel: str | None
    recipient: str | None
    posted: frozenset[str]
    recipient_items: frozenset[str] | None
    rows: tuple[Use, ...]

    @property
    def purpose_row(self) -> Purpose | None:
        """The policy's row of the purpose asked for, None for an unknown or a duty purpose."""
        return self.policy.purposes_by_code.get(self.purpose)

    @property
    def recipient_row(self) -> Recipient | None:
        """The policy's row of the recipient; of `sellers:one` that of `sellers`."""
        code = (self.recipient or "").partition(":")[0]
        return self.policy.recipients_by_code.get(code)

    @property
    def is_duty(self) -> bool:
        """True for a purpose of the closed list of duties, which never reaches a recipient."""
        return self.purpose in DUTY_PURPOSES and self.recipient is None

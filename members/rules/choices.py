"""The questions that a policy puts to a person: what may be agreed to, and taken back, each on its own.

Source: X-ALL-12 (every optional purpose is a choice of its own; contract and law offer none), MIK-3.1b (tailoring),
MIK-6.2 (recipients), KRN-3.2 (advertising by channel). A question is asked only where its answer changes what the
gate says; cookies and trackers are asked about on a page of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from compliance.rules.gate_values import CHOSEN_CHANNELS
from compliance.rules.policy_values import Policy, Purpose, Recipient

ASKED_ELSEWHERE = frozenset({"tracker", "aggregate_only"})
COOKIES = frozenset({"cookie"})
REQUIRED_TO_JOIN = (
    "joining:required"  # The one question without whose yes nobody joins (MIK-1.1, KRN-3.1).
)
ADDRESSING = frozenset({"identity", "contact"})  # What a message needs anyway, on any channel.


@dataclass(frozen=True, slots=True)
class Choice:
    """One question: a purpose, where it applies on a channel or for a recipient, with the items concerned."""

    purpose: str
    channel: str = ""
    recipient: str = ""
    items: tuple[str, ...] = ()
    clause: str = ""

    @property
    def key(self) -> str:
        """Return the name of the question in forms. Example: ``advertising:email:``."""
        return f"{self.purpose}:{self.channel}:{self.recipient}"


def offered(policy: Policy, kind: str) -> tuple[Choice, ...]:
    """Return the questions for one kind of person, in the order of the policy's purposes.

    Example: MIKMIK asks a member about `advertising` by `email` and by `mobile`, and about `recommendations`.
    """
    return tuple(choice for purpose in policy.purposes for choice in _of(policy, purpose, kind))


def _of(policy: Policy, purpose: Purpose, kind: str) -> Iterator[Choice]:
    recipients = [row for row in policy.recipients if _is_asked(row, purpose)]
    channels = list(_by_channel(policy, purpose, kind))
    if not recipients:
        yield from _for_ourselves(policy, purpose, kind, by_channel=bool(channels))
    yield from channels
    yield from (_for(row, purpose) for row in recipients if kind in row.subjects)


def _for_ourselves(
    policy: Policy, purpose: Purpose, kind: str, *, by_channel: bool
) -> Iterator[Choice]:
    """The purpose as such; where each channel is asked about, only if more than addresses is used for it."""
    rows = [row for row in policy.uses if purpose.code in row.purposes and kind in row.subjects]
    asked = [row for row in rows if row.needs_consent]
    free = {item for row in rows if not row.needs_consent for item in row.items}
    items = tuple(dict.fromkeys(item for row in asked for item in row.items if item not in free))
    own = [policy.items_by_code[item] for item in items if item not in COOKIES]
    if own and not (by_channel and all(item.category in ADDRESSING for item in own)):
        yield Choice(purpose.code, items=items, clause=asked[0].clause)


def _by_channel(policy: Policy, purpose: Purpose, kind: str) -> Iterator[Choice]:
    for row in policy.marketing:
        if purpose.code in row.purposes and kind in row.subjects and row.consent in CHOSEN_CHANNELS:
            yield Choice(purpose.code, channel=row.channel, clause=row.clause)


def _for(row: Recipient, purpose: Purpose) -> Choice:
    return Choice(purpose.code, recipient=row.code, items=row.items, clause=row.clause)


def _is_asked(row: Recipient, purpose: Purpose) -> bool:
    asks = row.separate_consent and row.kind not in ASKED_ELSEWHERE
    return asks and purpose.code in row.purposes

"""The reasons that speak about one item on a local day: every rule, what it says, and which is the strongest.

Source: X-ALL-2 (order of reasons, item by item; of equals the longest), the `precedence` of the service.
Fates on leaving and the pages that explain are both made of these, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention_classes import ILLEGAL_USE, is_somebody_elses
from compliance.rules.retention_clocks import active_block, anchor_on, held_on, last_day_kept

DEFAULT_PRECEDENCE = (
    "legal_request",
    "statutory",
    "contract_running",
    "internal_hold",
    "consent_period",
    "destroy",
)
BLOCK_REASONS = {
    "legal_request": "legal_request",
    "open_dispute": "legal_request",
    "unpaid_claim": "contract_running",
    "contract_of_use_running": "contract_running",
}
STORAGE_OUTCOMES = {"separate": "segregate", "hold": "hold", "active": "keep"}


@dataclass(frozen=True, slots=True)
class Reason:
    """What one rule says about an item on a day.

    `code`: a block's name, `period_runs`, `period_elapsed`, `period_missing`, `clock_not_started`.
    `since` is the day its clock started, `until` the last local day it keeps the item (None: no end
    known), `inputs` the events it counted from; `holds` is False for a rule that keeps nothing then.
    """

    rule: RetentionRule
    code: str
    outcome: str
    rank: int
    holds: bool
    since: date | None
    until: date | None
    inputs: Mapping[str, date]

    @property
    def order(self) -> tuple[bool, int, bool, int]:
        """What holds first, by rank; of equals the one without a known end, then the longest."""
        ends = self.until
        return (not self.holds, self.rank, ends is not None, -ends.toordinal() if ends else 0)


def reasons(
    policy: Policy,
    rules: Iterable[RetentionRule],
    days: Mapping[str, date],
    on: date,
    blocks: Collection[str] = (),
) -> tuple[Reason, ...]:
    """Everything that rules say about an item on a local day, the strongest first.

    Example: a MIKMIK payment of 2026 under a legal request has two: the request, then five years.
    """
    found = (
        reason
        for rule in speaking(list(rules), days)
        for reason in _of_rule(policy, rule, days, on, blocks)
    )
    return tuple(sorted(found, key=lambda reason: reason.order))


def speaking(rules: list[RetentionRule], days: Mapping[str, date]) -> list[RetentionRule]:
    """A victim's data leave a month after the finding at the latest, so no rule about leavers holds them (X-MIK-2)."""
    of_the_case = [rule for rule in rules if rule.trigger == ILLEGAL_USE]
    return (is_somebody_elses(days) and of_the_case) or rules


def _of_rule(
    policy: Policy,
    rule: RetentionRule,
    days: Mapping[str, date],
    on: date,
    blocks: Collection[str],
) -> Iterator[Reason]:
    since, inputs = anchor_on(rule.trigger, days) or (None, {})
    block = active_block(rule, blocks)
    if block:
        rank = _rank(policy, BLOCK_REASONS[block])
        yield Reason(rule, block, "keep", rank, True, since, None, inputs)
    period = held_on(rule, days, on)
    yield Reason(
        rule=rule,
        code=period.reason_code,
        outcome=STORAGE_OUTCOMES.get(rule.storage, "keep"),
        rank=_rank(policy, _ground(rule)),
        holds=period.held and rule.period is not None and not rule.period.is_zero,
        since=since,
        until=last_day_kept(rule, days),
        inputs=inputs,
    )


def _rank(policy: Policy, reason: str) -> int:
    order = policy.precedence or DEFAULT_PRECEDENCE
    return order.index(reason) if reason in order else len(order)


def _ground(rule: RetentionRule) -> str:
    if rule.basis == "statutory" or rule.mandatory:
        return "statutory"
    return "internal_hold" if rule.basis == "internal" else "consent_period"

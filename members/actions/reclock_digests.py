"""Digests against rejoining follow a version that changes how long they are held (MIK-5.4a).

A digest belongs to somebody who has left and agrees to nothing new: its last day only comes nearer, unless a law
says otherwise. Digests are looked at by the day of leaving, so their number does not matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from compliance.rules.clock_change import Clock, Tally
from compliance.rules.policy_values import Policy
from members.archive.models import RejoinDigest
from members.rules.reclock import digest_clock

PAGE = 1_000


@dataclass(frozen=True)
class Digests:
    """Digests of one service that share everything their last day depends on."""

    rule_code: str
    clause: str
    held_since: date
    due_on: date

    @property
    def clock(self) -> Clock:
        """Return the last day they have and the rule that says so."""
        return Clock(self.due_on, self.rule_code)


def count(policy: Policy, tally: Tally) -> None:
    """Count the digests whose last day a version moves; one query."""
    for digests, number in _groups(policy):
        clock, clause = digest_clock(policy, digests.clock, digests.clause, digests.held_since)
        tally.count(clause, digests.clock, clock, number)


def move(policy: Policy) -> None:
    """Give all digests of a service the last day a version says; each statement is short, repeating is harmless."""
    for digests, _ in list(_groups(policy)):
        clock, clause = digest_clock(policy, digests.clock, digests.clause, digests.held_since)
        if (clock, clause) != (digests.clock, digests.clause):
            _move(policy, digests, due_on=clock.last_day, rule_code=clock.rule, clause=clause)


def _move(policy: Policy, digests: Digests, **values: Any) -> None:
    mine = RejoinDigest.objects.filter(service_slug=policy.slug, **digests.__dict__)
    while page := list(mine.order_by("pk").values_list("pk", flat=True)[:PAGE]):
        RejoinDigest.objects.filter(pk__in=page).update(**values)


def _groups(policy: Policy) -> Iterator[tuple[Digests, int]]:
    rows = RejoinDigest.objects.filter(service_slug=policy.slug).order_by()
    columns = rows.values_list("rule_code", "clause", "held_since", "due_on")
    for *group, number in columns.annotate(number=Count("pk")):
        yield Digests(*group), number

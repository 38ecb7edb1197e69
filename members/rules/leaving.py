"""What happens to everything held about a person who leaves, record by record and item by item.

Source: X-ALL-2 (a rule keeps only its own items), X-MIK-3, X-MIK-31 (every later end date is named at once).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from compliance.rules.clock_change import counts_for_all
from compliance.rules.policy_values import Policy
from compliance.rules.retention import Fate, fates_on_leaving
from compliance.rules.retention_classes import is_somebody_elses

MOVED = frozenset({"segregate", "keep"})
COPY = "travels_along"


@dataclass(frozen=True)
class Held:
    """A record as the plan needs it: opaque id, class, item codes, and its clock starts as local days."""

    record_id: str
    record_class: str
    items: tuple[str, ...]
    anchors: Mapping[str, date]


@dataclass(frozen=True)
class Hold:
    """A reason not to destroy: its ground, and the items it binds; none named means all of them."""

    ground: str
    items: frozenset[str] = frozenset()

    def binds(self, item: str) -> bool:
        """Tell whether an item is under this hold."""
        return not self.items or item in self.items


@dataclass(frozen=True)
class Part:
    """Items of one record that share a fate: ``destroy``, ``segregate``, ``keep`` or ``hold``.

    ``last_day`` is the last local day of keeping; None for destruction now and for an end not known yet.
    ``record_id`` is empty for the identity items that travel along with records of a class.
    """

    record_id: str
    outcome: str
    items: tuple[str, ...]
    reason: str
    rule: str = ""
    record_class: str = ""
    last_day: date | None = None
    clause: str = ""
    stated: bool = False
    whole: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the part as plain values for storage."""
        last_day = self.last_day.isoformat() if self.last_day else None
        return {**self.__dict__, "items": list(self.items), "last_day": last_day}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "Part":
        """Read back what ``as_json`` wrote."""
        last_day = date.fromisoformat(row["last_day"]) if row["last_day"] else None
        return cls(**{**row, "items": tuple(row["items"]), "last_day": last_day})


def plan(
    policy: Policy,
    kind: str,
    records: Sequence[Held],
    left_on: date,
    *,
    flags: Collection[str] = (),
    holds: Sequence[Hold] = (),
    earlier: Sequence[Policy] = (),
) -> tuple[Part, ...]:
    """Return the parts of every record, then the identity copies that travel along.

    ``earlier`` are the versions before it since the one agreed to: a longer keeping that no law asks for does
    not apply to who has not agreed to it (MIK-5.1a).
    Example: leaving MIKMIK, ``account_data`` parts into what is held for a month, what is destroyed now and
    the log-in records kept for twelve months; payment records move as they are, with name and log-in ID.
    """
    parts = [
        part
        for held in records
        for part in _parts(held, _fates((*earlier, policy), kind, held, left_on, flags, holds))
    ]
    return (*parts, *_companions(policy, kind, records, parts))


def _fates(
    policies: Sequence[Policy],
    kind: str,
    held: Held,
    left_on: date,
    flags: Collection[str],
    holds: Sequence[Hold],
) -> Iterator[Fate]:
    """Ask for the items that are under the same holds together: a hold binds its own items only."""
    groups: dict[frozenset[str], list[str]] = {}
    for item in held.items:
        grounds = frozenset(hold.ground for hold in holds if hold.binds(item))
        groups.setdefault(grounds, []).append(item)
    for blocks, items in groups.items():
        ask = partial(fates_on_leaving, flags=flags, blocks=blocks)
        said = [ask(policy, kind, items, held.anchors, left_on) for policy in policies]
        for fates in zip(*said, strict=True):
            yield _bound(policies[-1], fates)


def _bound(policy: Policy, fates: Sequence[Fate]) -> Fate:
    """The fate by the version that applies, not later than by the ones before; a law, a hold or a case stays."""
    fate = fates[-1]
    rule = policy.retention_by_code.get(fate.rule_code)
    if rule is None or counts_for_all(rule) or fate.for_case or fate.reason_code in rule.blocked_by:
        return fate
    first = min(reversed(fates), key=_end)
    if first.outcome == "destroy" or first is fate:
        return first
    return replace(fate, last_day=first.last_day)


def _end(fate: Fate) -> date:
    return date.min if fate.outcome == "destroy" else fate.last_day or date.max


def _parts(held: Held, fates: Iterable[Fate]) -> list[Part]:
    groups: dict[tuple[Any, ...], list[str]] = {}
    for fate in fates:
        outcome = (
            "destroy" if fate.reason_code == COPY else fate.outcome
        )  # The copy is a part of its own.
        end = fate.last_day if outcome != "destroy" else None
        key = (
            outcome,
            fate.rule_code,
            fate.record_class,
            end,
            fate.clause,
            fate.stated,
            fate.reason_code,
        )
        groups.setdefault(key, []).append(fate.item)
    return [_part(held, key, items, alone=len(groups) == 1) for key, items in groups.items()]


def _part(held: Held, key: tuple[Any, ...], items: list[str], *, alone: bool) -> Part:
    outcome, rule, record_class, last_day, clause, stated, reason = key
    return Part(
        record_id=held.record_id,
        outcome=outcome,
        items=tuple(items),
        reason=reason,
        rule=rule,
        record_class=record_class,
        last_day=last_day,
        clause=clause,
        stated=stated,
        whole=alone and outcome in MOVED and record_class == held.record_class,
    )


def _companions(
    policy: Policy, kind: str, records: Sequence[Held], parts: Sequence[Part]
) -> list[Part]:
    """One copy of the identity items for each kept class whose rule lets them travel along, kept to its last end.

    A victim's identity travels with nothing (X-MIK-2).
    """
    own = [held for held in records if not is_somebody_elses(held.anchors)]
    present = {item for held in own for item in held.items}
    found = []
    for code in dict.fromkeys(part.rule for part in parts if part.outcome in MOVED):
        rule = policy.retention_by_code[code]
        items = tuple(item for item in rule.identity_items if item in present)
        if items and kind in rule.subjects:
            found.append(_companion(code, items, [part for part in parts if part.rule == code]))
    return found


def _companion(code: str, items: tuple[str, ...], kept: Sequence[Part]) -> Part:
    ends = [part.last_day for part in kept]
    known = [end for end in ends if end is not None]
    return Part(
        record_id="",
        outcome="segregate",
        items=items,
        reason=COPY,
        rule=code,
        record_class=kept[0].record_class,
        last_day=max(known) if len(known) == len(ends) else None,
        clause=kept[0].clause,
        stated=False,
    )

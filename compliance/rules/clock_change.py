"""What new rules do to the last days of records: counted by clause, before it happens and while it does.

Source: X-MIK-21 and MIK-5.1a (longer holding needs consent), X-ALL-2 (statutory classes come first).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

from compliance.rules.policy_values import RetentionRule
from compliance.rules.retention_classes import needs_case

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The last local day of keeping (None: no end known) and the code of the rule that says so."""

    last_day: date | None
    rule: str


def settle(stored: Clock, fresh: Clock, rule: RetentionRule | None, *, agreed: bool) -> Clock:
    """Return the clock that counts when a new version says ``fresh`` by ``rule``.

    A statutory rule counts for everybody; any other one only shortens, unless the person agreed to the
    version; a rule for flagged cases never lengthens (X-LEJ-1). Without a rule or a figure nothing moves.
    Repeating gives the same. Example: one year becomes two, not agreed to: the one year stays.
    """
    if rule is None or rule.period is None:
        return stored
    if counts_for_all(rule) or (agreed and not needs_case(rule)):
        return fresh
    return stored if _is_later(fresh.last_day, stored.last_day) else fresh


def counts_for_all(rule: RetentionRule) -> bool:
    """Tell whether a rule binds people whatever they agreed to: a law's, unless it is for flagged cases."""
    return (rule.basis == "statutory" or rule.mandatory) and not needs_case(rule)


def shortest(clocks: Sequence[Clock]) -> Clock:
    """Return the clock that ends first, of several the last in order; one without an end ends last."""
    return min(reversed(clocks), key=lambda clock: clock.last_day or date.max)


def _is_later(one: date | None, other: date | None) -> bool:
    return (one or date.max) > (other or date.max)


@dataclass(slots=True)
class Line:
    """How many records of a rule end earlier or later, get an end or lose it.

    ``at_once`` are those among them that become due on the effective day only because of the change;
    ``first`` is the earliest day on which one of them is destroyed.
    """

    clause: str
    rule: str
    earlier: int = 0
    later: int = 0
    gains: int = 0
    loses: int = 0
    at_once: int = 0
    first: date | None = None

    @property
    def records(self) -> int:
        """Return how many records get another last day."""
        return self.earlier + self.later + self.gains + self.loses


@dataclass
class Tally:
    """Lines by clause and rule for a version that takes effect on ``on``, a local day."""

    on: date
    _lines: dict[tuple[str, str], Line] = field(default_factory=dict)

    @property
    def lines(self) -> list[Line]:
        """Return the lines in the order of clause and rule."""
        return [self._lines[key] for key in sorted(self._lines)]

    @property
    def total(self) -> Line:
        """Return the sum of all lines."""
        whole = Line("", "")
        for line in self._lines.values():
            _add(whole, line)
        return whole

    def count(self, clause: str, was: Clock, now: Clock, records: int = 1) -> None:
        """Count records whose last day moves; equal days count nothing."""
        if was.last_day == now.last_day:
            return
        one = Line(clause, now.rule)
        setattr(one, _direction(was.last_day, now.last_day), records)
        if now.last_day:
            one.first = max(now.last_day + DAY, self.on)
            due_before = was.last_day is not None and was.last_day < self.on
            one.at_once = records if now.last_day < self.on and not due_before else 0
        self.add([one])

    def add(self, lines: Iterable[Line]) -> None:
        """Add the figures of other lines."""
        for line in lines:
            own = self._lines.setdefault((line.clause, line.rule), Line(line.clause, line.rule))
            _add(own, line)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the lines as plain values for storage."""
        return [
            {**asdict(line), "first": line.first.isoformat() if line.first else None}
            for line in self.lines
        ]


def lines_from_json(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Read back what ``Tally.as_json`` wrote."""
    return [
        Line(**{**row, "first": date.fromisoformat(row["first"]) if row["first"] else None})
        for row in rows
    ]


def _direction(was: date | None, now: date | None) -> str:
    if was is None:
        return "gains"
    if now is None:
        return "loses"
    return "earlier" if now < was else "later"


def _add(own: Line, other: Line) -> None:
    for name in ("earlier", "later", "gains", "loses", "at_once"):
        setattr(own, name, getattr(own, name) + getattr(other, name))
    own.first = min((day for day in (own.first, other.first) if day), default=None)

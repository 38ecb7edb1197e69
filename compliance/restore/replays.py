"""Who repeats, after a restore, what the tail knows and the restored database does not.

Other apps register a function in ``AppConfig.ready()``; this app knows nothing about people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from compliance.restore.findings import Finding


@dataclass(frozen=True)
class ReplayReport:
    """What was repeated, by code, and what nobody but a person can repeat, by code."""

    counts: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)


class Replay(Protocol):
    """Repeats what the findings say is missing; may be stopped anywhere and called again."""

    def __call__(
        self, found: list[Finding], *, now: datetime, dry_run: bool
    ) -> ReplayReport:  # pragma: no cover
        """Return what was done, or would be done in a dry run."""


class NoReplay(RuntimeError):
    """Nothing is registered: a report that says "nothing to repeat" would be a lie."""


_replays: list[Replay] = []


def register(function: Replay) -> Replay:
    """Add a replay once; they run in the order of registration."""
    if function not in _replays:
        _replays.append(function)
    return function


def run(found: list[Finding], *, now: datetime, dry_run: bool = False) -> ReplayReport:
    """Run every registered replay and return the sums. Raises ``NoReplay`` if there is none."""
    if not _replays:
        raise NoReplay("no replay is registered")
    reports = [one(found, now=now, dry_run=dry_run) for one in _replays]
    return ReplayReport(
        _sum([report.counts for report in reports]), _sum([report.left for report in reports])
    )


def _sum(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    codes = sorted({code for part in parts for code in part})
    return {code: sum(part.get(code, 0) for part in parts) for code in codes}

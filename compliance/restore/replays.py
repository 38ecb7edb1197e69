"""Who repeats, after a restore, what the tail knows and the restored database does not.

Other apps register a function in ``AppConfig.ready()``; this app knows nothing about people.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from compliance.restore.findings import Finding

LEFT = "left:"


@dataclass(frozen=True)
class Task:
    """One thing that a person has to do by hand: what (a code), about whom and what, when it was done, and by whom.

    People are pseudonyms, ``actor`` is the opaque name of an account; ``count`` says how many, where one line
    stands for a batch.
    """

    code: str
    at: datetime
    service: str = ""
    subject_key: str = ""
    ref: str = ""
    actor: str = ""
    count: int = 1
    person: str = ""  # Public id, where the person is known here; never in the tail.


class Tally(Counter[str]):
    """Counts what a replay did by code; under ``left:`` what a person has to do, with the lines of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: list[Task] = []

    def leave(self, task: Task) -> None:
        """Leave one thing for a person."""
        self.tasks.append(task)
        self[f"{LEFT}{task.code}"] += task.count


@dataclass(frozen=True)
class ReplayReport:
    """What was repeated, by code, and what nobody but a person can repeat, by code and line by line."""

    counts: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)
    tasks: Sequence[Task] = ()


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
        _sum([report.counts for report in reports]),
        _sum([report.left for report in reports]),
        [task for report in reports for task in report.tasks],
    )


def _sum(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    codes = sorted({code for part in parts for code in part})
    return {code: sum(part.get(code, 0) for part in parts) for code in codes}

"""Which database was put back from a backup, judged from a few numbers.

Every number is read in the order in which the fields stand; each later one may only have grown meanwhile, so that
work that goes on beside the reading is never taken for a restore.
"""

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT, TAIL = "default", "tail"
AHEAD, FORKED, MARK_AHEAD, MARK_BEHIND, LOST = (
    "tail-ahead",
    "forked",
    "mark-ahead",
    "mark-behind",
    "lost",
)


@dataclass(frozen=True)
class State:
    """What the databases and the tail say. Numbers are ledger numbers, 0 for none."""

    has_tail: bool
    tail_head: tuple[int, str]
    completed: int  # Intent of the newest completed destruction that ``default`` knows.
    marks: Mapping[str, int]
    ledger_head: int
    hash_at_tail_head: str  # Of the ledger entry with the number of the tail's head; "" without it.


@dataclass(frozen=True)
class Finding:
    """A database (or the tail) that was put back, why we think so, and the last number that it knows."""

    name: str
    why: str
    knows: int
    expected: int


def find(state: State) -> list[Finding]:
    """Return what was put back or lost; nothing in normal running.

    >>> find(State(True, (9, "h"), 4, {"archive": 4, "keyring": 2}, 9, "h"))
    [Finding(name='keyring', why='mark-behind', knows=2, expected=4)]
    """
    main = _main(state)
    lost = state.completed and not state.has_tail
    behind = [
        Finding(alias, MARK_BEHIND, mark, state.completed)
        for alias, mark in sorted(state.marks.items())
        if mark < state.completed
    ]
    return [
        *([main] if main else []),
        *behind,
        *([Finding(TAIL, LOST, 0, state.completed)] if lost else []),
    ]


def _main(state: State) -> Finding | None:
    seq, digest = state.tail_head
    if seq > state.ledger_head:
        return Finding(DEFAULT, AHEAD, state.ledger_head, seq)
    if seq and digest != state.hash_at_tail_head:
        return Finding(DEFAULT, FORKED, state.ledger_head, seq)
    furthest = max(state.marks.values(), default=0)
    if furthest > state.ledger_head:
        return Finding(DEFAULT, MARK_AHEAD, state.ledger_head, furthest)
    return None

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
    tail_effect: int  # Newest intent in the tail.
    knows_tail_effect: bool  # ``default`` has it, or there is none.
    completed: int  # Intent of the newest completed effect whose marks are known to be set.
    destroyed: bool  # ``default`` knows a completed destruction.
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

    When ``default`` does not know the newest effect of the tail, nobody knows whether it was completed: the other
    databases are then named as well if they are older than it.

    >>> find(State(True, (9, "h"), 4, True, 4, True, {"archive": 4, "keyring": 2}, 9, "h"))
    [Finding(name='keyring', why='mark-behind', knows=2, expected=4)]
    """
    main = _main(state)
    due = state.completed if state.knows_tail_effect else max(state.completed, state.tail_effect)
    behind = [
        Finding(alias, MARK_BEHIND, mark, due)
        for alias, mark in sorted(state.marks.items())
        if mark < due
    ]
    lost = state.destroyed and not state.has_tail
    return [
        *([main] if main else []),
        *behind,
        *([Finding(TAIL, LOST, 0, state.completed)] if lost else []),
    ]


def _main(state: State) -> Finding | None:
    seq, digest = state.tail_head
    told = max(seq, state.tail_effect)
    furthest = max(state.marks.values(), default=0)
    if told > state.ledger_head:
        return Finding(DEFAULT, AHEAD, state.ledger_head, told)
    if (seq and digest != state.hash_at_tail_head) or not state.knows_tail_effect:
        return Finding(DEFAULT, FORKED, state.ledger_head, told)
    if furthest > state.ledger_head:
        return Finding(DEFAULT, MARK_AHEAD, state.ledger_head, furthest)
    return None

"""The tail: what a restored database cannot know, kept in files outside of every database.

It holds every ledger entry in order, the record ids of every effect that was begun, and signed checkpoints. No
personal data and no number of a person: people are keyed pseudonyms, as in the ledger.
"""

import json
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import connection

from compliance import ledger_reading, tail_files

log = logging.getLogger(__name__)
CHUNK = 50
_written: deque[tuple[dict[str, Any], Sequence[tuple[str, ...]]]] = deque(maxlen=24)


class TailDiffers(RuntimeError):
    """The ledger does not continue what the tail holds: a database was put back, or one of them was altered."""

    def __init__(self, seq: int) -> None:
        super().__init__(f"the ledger differs from its tail at entry {seq}")
        self.seq = seq


def newest() -> tuple[int, str]:
    """Return number and hash of the last ledger entry in the tail; (0, zeros) without a file."""
    return tail_files.end().head


def catch_up() -> int:
    """Append every committed ledger entry that is not there yet, in order; return how many there were.

    Outside of a transaction. Raises ``TailDiffers``, or ``OSError`` when the files cannot be written.
    """
    blocks = connection.atomic_blocks
    if blocks and not blocks[-1]._from_testcase:  # type: ignore[attr-defined]
        raise RuntimeError("the tail takes committed entries only")
    if newest() == ledger_reading.head():
        return 0
    with tail_files.locked() as end:
        known = ledger_reading.head()
        if known[0] < end.head[0]:
            raise TailDiffers(known[0] + 1)
        remembered = _remembered(end.head, known)
        return _append(remembered, end) if remembered else _append_from(end)


def keep_up() -> None:
    """Catch up, or say in the log why not: a tail that is behind is a fault to be seen, not a stop."""
    try:
        catch_up()
    except (OSError, TailDiffers) as error:
        log.error("the tail is behind: %s", type(error).__name__)


def append(kind: str, body: Mapping[str, Any], *, sync: bool = True) -> None:
    """Append one line of a kind (``effect``, ``checkpoint``, ...). Raises ``OSError``: nothing was added."""
    with tail_files.locked() as end:
        tail_files.write([{**body, "line": kind}], end, sync=sync)


def remember(row: dict[str, Any], leaves: Sequence[tuple[str, ...]]) -> None:
    """Keep an entry at hand that this process is about to commit, so that it need not be read back."""
    _written.append((row, leaves))


def restart(head: tuple[int, str], body: Mapping[str, Any]) -> None:
    """Note that the ledger goes on from an older entry, after a restore that a person signed off."""
    append("restart", {**body, "seq": head[0], "hash": head[1]})


def lines(after: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the lines about ledger numbers above ``after``, in the order in which they were written."""
    for file in tail_files.files():
        for raw in tail_files.read(file):
            line = json.loads(raw)
            if line.get("seq", after + 1) > after:
                yield line


def _append_from(end: tail_files.End) -> int:
    rows = ledger_reading.rows(max(end.head[0], 1))
    if end.head[0] and next(rows)["hash"] != end.head[1]:
        raise TailDiffers(end.head[0])
    return _append(rows, end)


def _append(rows: Iterable[dict[str, Any]], end: tail_files.End) -> int:
    count, rows = 0, iter(rows)
    while part := list(islice(rows, CHUNK)):
        for row, (seq, digest) in zip(part, _expected(end.head, part), strict=True):
            if (row["seq"] - 1, row["prev_hash"]) != (seq, digest):
                raise TailDiffers(seq + 1)
        end = tail_files.write([{**row, "line": "entry"} for row in part], end)
        count += len(part)
    return count


def _remembered(start: tuple[int, str], head: tuple[int, str]) -> list[dict[str, Any]]:
    """Return the entries after ``start`` up to the committed ``head`` if this process wrote every one, else none.

    The hashes prove it: each entry at hand is taken only where the chain leads from the head back to it.
    """
    known = {(row["seq"], row["hash"]): (row, leaves) for row, leaves in list(_written)}
    found = []
    while head != start:
        if head not in known:
            return []
        row, leaves = known[head]
        found.append({**row, "items": _items(leaves)})
        head = row["seq"] - 1, row["prev_hash"]
    return found[::-1]


def _items(leaves: Sequence[tuple[str, ...]]) -> list[dict[str, Any]]:
    return [
        {"position": place, **dict(zip(ledger_reading.ITEM_TEXTS, texts, strict=True))}
        for place, texts in enumerate(leaves)
    ]


def _expected(head: tuple[int, str], rows: Any) -> list[tuple[int, str]]:
    return [head, *((row["seq"], row["hash"]) for row in rows[:-1])]

"""Is the tail whole, and does the ledger of the database continue it? Reads only.

Finds what a chain cannot tell of itself: a shortened ledger, one whose hashes were all computed anew, and one that
went on from an older backup.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from compliance import ledger_reading, tail_files
from compliance.ledger_verifier import GENESIS, verify_rows


@dataclass(frozen=True)
class TailResult:
    """How many lines and entries were compared, and the first place that is wrong.

    ``reason``: ``line`` (the tail itself was altered, ``place`` is file and line), else ``place`` is the number of
    an entry: ``tail-entry`` (altered in the tail), ``shortened`` (the tail knows more), ``tail`` (they differ).
    """

    lines: int
    entries: int
    reason: str = ""
    place: str = ""
    only_here: int = (
        0  # Entries that signed-off restores have set aside; no database has them any more.
    )
    only_here_since: str = ""  # Moment of the oldest of them, as the entry has it.

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.reason


class _Altered(Exception):
    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


def verify() -> TailResult:
    """Check every line of the tail, then the ledger against the entries that count after signed-off restores."""
    restarts, lines = [], 0
    try:
        for number, line in enumerate(_chained()):
            lines += 1
            if line["line"] == "restart":
                restarts.append((number, line["seq"]))
    except _Altered as altered:
        return TailResult(lines, 0, "line", altered.place)
    found = _compare(_entries(restarts, counting=True), lines)
    aside = [line["at"] for line in _entries(restarts, counting=False)] if restarts else []
    return replace(found, only_here=len(aside), only_here_since=min(aside, default=""))


def _chained() -> Iterator[dict[str, Any]]:
    """Yield the lines of the tail in order, each checked against the one before."""
    before = GENESIS
    for file in tail_files.files():
        for number, raw in enumerate(tail_files.read(file), start=1):
            try:
                line = json.loads(raw)
                if line["before"] != before or "line" not in line or "head" not in line:
                    raise ValueError("out of order")
            except (ValueError, TypeError, KeyError):
                raise _Altered(f"{file.name}:{number}") from None
            before = sha256(raw).hexdigest()
            yield line


def _entries(restarts: list[tuple[int, int]], *, counting: bool) -> Iterator[dict[str, Any]]:
    """Yield the entries that count, or those that a later restart has set aside."""
    for number, line in enumerate(_chained()):
        if line["line"] != "entry":
            continue
        is_aside = any(at > number and line["seq"] > seq for at, seq in restarts)
        if is_aside != counting:
            yield line


def _compare(entries: Iterator[dict[str, Any]], lines: int) -> TailResult:
    count, before = 0, GENESIS
    rows = ledger_reading.rows()
    for entry in entries:
        found = verify_rows([entry], start=count + 1, prev_hash=before)
        if not found.ok:
            return TailResult(lines, count, "tail-entry", str(found.first_bad_seq))
        row = next(rows, None)
        if row is None:
            return TailResult(lines, count, "shortened", str(entry["seq"]))
        if {name: entry[name] for name in row} != row:
            return TailResult(lines, count, "tail", str(entry["seq"]))
        count, before = count + 1, found.head_hash
    return TailResult(lines, count)

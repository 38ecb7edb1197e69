"""Files that only grow: one JSON line per item, each with the hash of the line before it.

Invariants: one writer at a time (an exclusive lock that the kernel gives back when its owner is killed); a batch
of lines is one write and is on the disk when the writer returns; a torn last line of a killed writer is moved
aside before anything follows it.
"""

import fcntl
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings

from compliance.ledger_verifier import GENESIS, canonical, parse_head

FILE = re.compile(r"tail-\d{6}\.jsonl")
MONTH = re.compile(r"(\d{4})-(\d\d)")
HEAD = re.compile(rb'"head":"(\d+:[0-9a-f]{64})"')  # Quotes inside of a text are escaped.
BLOCK = 65_536


@dataclass(frozen=True)
class End:
    """Where the tail stands: its newest file, the hash of its last line, the newest ledger entry in it."""

    file: str = ""
    line_hash: str = GENESIS
    head: tuple[int, str] = (0, GENESIS)


def files() -> list[Path]:
    """Return the files, oldest first."""
    folder = Path(settings.TAIL_DIR)
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if FILE.fullmatch(file.name))


def end() -> End:
    """Return where the tail stands, from the last whole line; a line being written does not count."""
    for file in reversed(files()):
        last = _last_line(file)
        if last:
            return End(file.name, sha256(last).hexdigest(), _head_in(last))
    return End()


def read(file: Path) -> Iterator[bytes]:
    """Yield the whole lines of a file, without their line ends."""
    with file.open("rb") as source:
        for line in source:
            if line.endswith(b"\n"):
                yield line[:-1]


@contextmanager
def locked() -> Iterator[End]:
    """Hold the one right to write, with what a killed writer left repaired; yields where the tail stands."""
    folder = Path(settings.TAIL_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for file in files()[-1:]:
            _move_torn_line_aside(file)
        yield end()
    finally:
        os.close(descriptor)


def write(bodies: Iterable[Mapping[str, Any]], at: End, *, sync: bool = True) -> End:
    """Append lines under the lock and return where the tail stands then. Raises ``OSError``: nothing was added.

    A body with ``line`` = ``entry`` or ``restart`` moves the newest ledger entry to its ``seq`` and ``hash``.
    """
    for name, part in groupby(bodies, key=lambda body: _file_of(body, at)):
        lines = []
        for body in part:
            line, at = _line(body, replace(at, file=name))
            lines.append(line)
        _append(Path(settings.TAIL_DIR) / name, b"".join(lines), sync=sync)
    return at


def _file_of(body: Mapping[str, Any], at: End) -> str:
    """Return the file of the month of an item, never an older one than the newest there is."""
    month = MONTH.match(str(body.get("at", "")))
    wanted = f"tail-{month[1]}{month[2]}.jsonl" if month else ""
    return max(wanted, at.file) or "tail-197001.jsonl"


def _line(body: Mapping[str, Any], at: End) -> tuple[bytes, End]:
    head = (body["seq"], body["hash"]) if body["line"] in ("entry", "restart") else at.head
    text = canonical({**body, "before": at.line_hash, "head": f"{head[0]}:{head[1]}"}).encode()
    return text + b"\n", End(at.file, sha256(text).hexdigest(), head)


def _append(file: Path, content: bytes, *, sync: bool) -> None:
    is_new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        before = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, content) != len(content):
                raise OSError("the tail took only a part of what was written")
            if sync:
                os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, before)
            raise
    finally:
        os.close(descriptor)
    if is_new and sync:
        _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _head_in(line: bytes) -> tuple[int, str]:
    """Return the newest entry that a line names, without reading the whole of it: a batch has 1,000 items."""
    found = HEAD.search(line)
    if not found:
        raise ValueError("no line of the tail")
    return parse_head(found[1].decode())


def _last_line(file: Path) -> bytes:
    with file.open("rb") as source:
        place = source.seek(0, os.SEEK_END)
        content = b""
        while place and content.count(b"\n") < 2:
            step = min(BLOCK, place)
            place -= step
            source.seek(place)
            content = source.read(step) + content
    whole, _, _ = content.rpartition(b"\n")
    return whole.rpartition(b"\n")[2]


def _move_torn_line_aside(file: Path) -> None:
    whole = file.read_bytes() if not _ends_whole(file) else b""
    if not whole:
        return
    kept = whole.rfind(b"\n") + 1
    aside = file.with_suffix(f".torn-{kept}")
    aside.touch(mode=0o600)
    aside.write_bytes(whole[kept:])
    os.truncate(file, kept)


def _ends_whole(file: Path) -> bool:
    with file.open("rb") as source:
        if not source.seek(0, os.SEEK_END):
            return True
        source.seek(-1, os.SEEK_END)
        return source.read(1) == b"\n"

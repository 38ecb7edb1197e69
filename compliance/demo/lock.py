"""One demo per folder: two workers on one folder broker would steal each other's messages."""

import fcntl
from pathlib import Path
from typing import TextIO


class AlreadyRunning(RuntimeError):
    """Another demo, or a process that one left behind, uses the folder; the message names its processes."""


def take(file: Path) -> TextIO:
    """Lock the folder until every process that inherited the lock has ended; return the open lock."""
    lock = file.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        lock.seek(0)
        with lock:
            raise AlreadyRunning(lock.read().strip()) from problem
    return lock


def name_holders(lock: TextIO, pids: list[int]) -> None:
    """Write down who holds the lock, so that a refusal can say whom to stop."""
    lock.truncate(0)
    lock.write(" ".join(str(pid) for pid in pids))
    lock.flush()

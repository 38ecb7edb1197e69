"""Work done in a forked process that ends before a given line of given files, as by SIGKILL."""

import os
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from django.db import connections

KILLED, FAILED = 9, 1


def in_a_child(
    work: Callable[[], object], files: Collection[str], *, kill_before: int | None = None
) -> int | None:
    """Work in a child that ends before its n-th new line of ``files`` (names); nothing is cleaned up.

    Returns how many lines it saw, None if killed. Raises ``RuntimeError`` if the work itself failed.
    """
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(work, files, kill_before, writing)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as said:
        text = said.read()
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, KILLED):
        raise RuntimeError("the work in the child failed")
    return None if code == KILLED else int(text)


def _child(
    work: Callable[[], object], files: Collection[str], kill_before: int | None, writing: int
) -> None:
    """Never returns: an exception of the work must not come back into the test's own copy."""
    seen: set[tuple[str, int]] = set()

    def watch(frame: Any, event: str, _: object) -> Any:
        file, line = frame.f_code.co_filename, frame.f_lineno
        if Path(file).name not in files:
            return None
        if event == "line" and (file, line) not in seen:
            if len(seen) == kill_before:
                os._exit(KILLED)
            seen.add((file, line))
        return watch

    code = FAILED
    try:
        sys.settrace(watch)
        work()
        sys.settrace(None)
        os.write(writing, str(len(seen)).encode())
        code = 0
    finally:
        os._exit(code)

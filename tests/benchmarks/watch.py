"""A stop watch for wall time and for the time that this process spent computing."""

import time
from typing import Any, Self


class Watch:
    """Adds up every ``with`` block; seconds of wall time, and of CPU of this process (no database server)."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0

    def __enter__(self) -> Self:
        self._began, self._cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._began
        self.cpu_seconds += time.process_time() - self._cpu

    def of(self, units: int) -> dict[str, Any]:
        """Return the figures that every job prints."""
        return {"units": units, "seconds": self.seconds, "cpu_seconds": self.cpu_seconds}

"""The newest effect that the tail knows of; a look costs what was appended since the last one."""

import json
from dataclasses import dataclass
from pathlib import Path

from compliance import tail_files

WINDOW = 1 << 20  # Bytes read first from the end of a tail that this process has not seen yet.
EFFECT, RESTART = b'"line":"effect"', b'"line":"restart"'


@dataclass(frozen=True)
class _Place:
    """Whole lines of a file were read up to ``offset``; ``newest`` is None before the first effect."""

    file: Path | None = None
    offset: int = 0
    newest: int | None = None


_place = _Place()


def newest() -> int:
    """Return the ledger number of the newest intent in the tail since its last restart, 0 without one.

    Raises ``OSError`` if the files cannot be read.
    """
    global _place
    files = tail_files.files()
    place = _place
    if not _goes_on(place, files):
        place = _from_the_end(files)
    for file in files:
        if place.file and file > place.file:
            place = _read(_Place(file, 0, place.newest))
        elif file == place.file:
            place = _read(place)
    _place = place
    return place.newest or 0


def _goes_on(place: _Place, files: list[Path]) -> bool:
    return place.file in files and place.file.stat().st_size >= place.offset  # type: ignore[union-attr]


def _from_the_end(files: list[Path]) -> _Place:
    """Read backwards until something tells: the end of the newest file, then whole files."""
    last = _Place()
    for file in reversed(files):
        size = file.stat().st_size
        for start in dict.fromkeys((max(0, size - WINDOW), 0)):
            found = _read(_Place(file, start, None), skip=start > 0)
            last = last if last.file else found
            if found.newest is not None:
                return _Place(last.file, last.offset, found.newest)
    return last


def _read(place: _Place, *, skip: bool = False) -> _Place:
    """Read on to the last whole line; ``skip`` leaves out the rest of a line begun before."""
    if place.file is None:
        return place
    offset, found = place.offset, place.newest
    with place.file.open("rb") as source:
        source.seek(offset)
        for line in source:
            if not line.endswith(b"\n"):
                break
            offset += len(line)
            found = found if skip else _after(found, line)
            skip = False
    return _Place(place.file, offset, found)


def _after(newest: int | None, line: bytes) -> int | None:
    if RESTART in line:
        return 0
    if EFFECT in line:
        return max(newest or 0, int(json.loads(line)["seq"]))
    return newest

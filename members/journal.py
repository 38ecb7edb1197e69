"""Local append-only journals: what a mail server has accepted, known before the database knows it.

A process that sends takes the first free slot of this host (an exclusive file lock, which the kernel gives
back when the process is killed) and writes one line after each 250. A line handed to the operating system
survives ``kill -9``. Whoever gets the lock of a slot knows that its last owner is gone, so what the owner left
can be settled at once: journaled messages are sent, the others were not. After the states of a window are
written the journal is emptied.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.conf import settings

ACCEPTED, BEGUN = "250", "BEGUN"
HOST_FILE = "host"
SLOT_FILE = re.compile(r"([0-9a-f]{8})-(\d{3})\.log")
MAX_SLOTS = 999


@dataclass(frozen=True)
class Line:
    """One line: which message, under which Message-ID, and the reply code (or ``BEGUN``)."""

    delivery_id: UUID
    message_id: str
    code: str


class Journal:
    """The journal of one slot, locked for as long as it is open."""

    def __init__(self, file: Path, slot: str) -> None:
        self.file, self.slot = file, slot
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise

    def write(self, delivery_id: UUID, message_id: str, code: str = ACCEPTED) -> None:
        """Append one line; it is with the operating system when this returns."""
        os.write(self._descriptor, f"{delivery_id.hex} {message_id} {code}\n".encode())

    def lines(self) -> list[Line]:
        """Return the complete lines; a torn last one is ignored, its message counts as unknown."""
        size = os.fstat(self._descriptor).st_size
        whole, _, _ = os.pread(self._descriptor, size, 0).decode().rpartition("\n")
        return [_parsed(text) for text in whole.splitlines()]

    def clear(self) -> None:
        """Empty the journal, after the states are written."""
        os.ftruncate(self._descriptor, 0)

    def new_token(self) -> str:
        """Return a lease token of 32 characters that names host and slot.

        Example: ``5f0c1a9e0019f2b4c6d8e0a1b3c5d7e9``: host ``5f0c1a9e``, slot ``001``.
        """
        return f"{self.slot}{secrets.token_hex(11)}"[:32]

    def close(self) -> None:
        """Give the slot back."""
        os.close(self._descriptor)


def take_slot() -> Journal:
    """Lock and return the first free slot of this host."""
    for number in range(1, MAX_SLOTS + 1):
        journal = _try_slot(f"{host()}{number:03d}")
        if journal:
            return journal
    raise RuntimeError("every journal slot of this host is taken")


@contextmanager
def slot_of_the_dead(slot: str) -> Iterator[Journal | None]:
    """Yield the journal of a slot whose owner is gone, ``None`` while its owner lives."""
    journal = _try_slot(slot)
    try:
        yield journal
    finally:
        if journal:
            journal.close()


def leftover_slots() -> list[str]:
    """Return the slots of this host whose journal still holds lines, of the living and of the dead."""
    found = (SLOT_FILE.fullmatch(file.name) for file in _folder().iterdir() if file.stat().st_size)
    return sorted(f"{match[1]}{match[2]}" for match in found if match and match[1] == host())


def slot_of_token(token: str) -> str:
    """Return the slot that a lease token names."""
    return token[:11]


def host() -> str:
    """Return the id of this host: eight random hexadecimal digits kept beside the journals."""
    file = _folder() / HOST_FILE
    if not file.exists():
        _write_host(file)
    return file.read_text().strip()


def _write_host(file: Path) -> None:
    """Write the id under another name first: whoever links it into place first wins."""
    draft = file.with_suffix(f".{secrets.token_hex(4)}")
    draft.write_text(secrets.token_hex(4))
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _folder() -> Path:
    folder = Path(settings.JOURNAL_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _try_slot(slot: str) -> Journal | None:
    try:
        return Journal(_folder() / f"{slot[:8]}-{slot[8:]}.log", slot)
    except BlockingIOError:
        return None


def _parsed(text: str) -> Line:
    delivery_id, message_id, code = text.split(" ")
    return Line(UUID(delivery_id), message_id, code)

"""The key-encryption keys themselves, one per epoch: a file of 32 random bytes that no backup may hold.

Files are ``settings.KEK_DIR/epoch-0001.key``, mode 0400. ``KEK_HEX`` in the environment (64 hex digits) stands in
for the file of epoch 1 in trials; such a key cannot be erased, so nothing destroyed under it becomes final.
"""

import contextlib
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

from compliance.keyring.envelope import KEY_BYTES, derive

FIRST = 1
DRAFT = ".epoch-"
FILE = re.compile(r"epoch-(\d{4,})\.key")


class KeyringRefused(Exception):
    """The key-encryption key is missing, damaged or not the one the keyring was written with."""


def path(epoch: int) -> Path:
    """Return where the key of an epoch lies. Example: epoch 1 is ``epoch-0001.key``."""
    return Path(settings.KEK_DIR) / f"epoch-{epoch:04d}.key"


def read(epoch: int) -> bytes:
    """Return the 32 bytes of an epoch's key; raises ``KeyringRefused`` with one sentence for the operator."""
    text = environment_key() if epoch == FIRST else ""
    key = _from_environment(text) if text else _from_file(path(epoch))
    if len(key) != KEY_BYTES:
        raise KeyringRefused(
            f"The key-encryption key of epoch {epoch} has {len(key)} bytes instead of {KEY_BYTES}; "
            "put the saved key back."
        )
    return key


def purpose_key(epoch: int, purpose: str) -> bytes:
    """Return the key of an epoch for one purpose (``data-key``, ``index-key``, ``inner``, ``secret``)."""
    return derive(read(epoch), "kek", purpose)


def fingerprint(epoch: int) -> str:
    """Return the 64 hex digits that tell an epoch's key from any other without giving it away."""
    return fingerprint_of(read(epoch))


def fingerprint_of(key: bytes) -> str:
    """Return the fingerprint of a key that is in no file yet."""
    return derive(key, "kek", "fingerprint").hex()


def epochs() -> list[int]:
    """Return the numbers of the epochs whose keys are here, oldest first."""
    names = (FILE.fullmatch(file.name) for file in _folder_entries())
    numbers = {int(name[1]) for name in names if name}
    return sorted(numbers | ({FIRST} if environment_key() else set()))


def erasable(epoch: int) -> bool:
    """Say whether forgetting the key is in our hands; without that no certificate may become final."""
    return not (epoch == FIRST and environment_key())


def environment_key() -> str:
    """Return the key given by the environment in hex, empty if there is none."""
    return str(getattr(settings, "KEK_HEX", ""))


def create_file(epoch: int) -> bool:
    """Write a new random key for an epoch and say whether it was written; an existing key always stays."""
    return put_back(epoch, os.urandom(KEY_BYTES))


def put_back(epoch: int, key: bytes) -> bool:
    """Write a known key for an epoch and say whether it was written; an existing key always stays."""
    target = path(epoch)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=DRAFT)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fchmod(file.fileno(), 0o400)
            os.fsync(file.fileno())
        os.link(draft, target)
    except FileExistsError:
        return False
    finally:
        os.unlink(draft)
    sync_folder(target.parent)
    return True


def erase(epoch: int) -> None:
    """Overwrite and delete the key file of an epoch, and drafts that a killed process left; safe to repeat."""
    folder = Path(settings.KEK_DIR)
    for file in (path(epoch), *folder.glob(f"{DRAFT}*")):
        with contextlib.suppress(FileNotFoundError):
            # A draft may be a second name of a living key, whose bytes have to stay.
            if file == path(epoch) or file.stat().st_nlink == 1:
                file.chmod(0o600)
                with file.open("r+b") as body:
                    overwrite(body)
            file.unlink()
    sync_folder(folder)


def overwrite(file: IO[bytes]) -> None:
    """Put random bytes in the place of those that an open file holds."""
    file.seek(0)
    file.write(os.urandom(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make sure that names that came into a folder, or left it, survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def alone() -> Iterator[bool]:
    """Say whether nobody else is rolling keys of this folder; a killed holder lets go by itself."""
    folder = Path(settings.KEK_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder / ".roll.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _locked(handle)
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_to_others(epoch: int) -> bool:
    """Say whether anybody but the owner may touch the key file."""
    file = path(epoch)
    return file.exists() and bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


def _folder_entries() -> list[Path]:
    folder = Path(settings.KEK_DIR)
    return list(folder.iterdir()) if folder.is_dir() else []


def _from_environment(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise KeyringRefused(
            "KEK_HEX has to be 64 hexadecimal digits; put the saved key back."
        ) from None


def _from_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise KeyringRefused(
            f"The key-encryption key {file} is missing; put the saved key back, "
            "or run 'manage.py init_keys' if this is a new installation."
        ) from None
    except OSError as error:
        raise KeyringRefused(
            f"The key-encryption key {file} cannot be read ({error.strerror})."
        ) from None

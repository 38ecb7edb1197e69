"""The recovery copy: the living keys, sealed to a public key whose private half lies in a safe, off line.

HPKE (RFC 9180): X25519, HKDF-SHA256, AES-256-GCM. One file ``recovery.sealed`` in each folder of
``RECOVERY_DIRS``, replaced at every roll and never kept beside its successor: an old copy, the private key and
old backups could undo a destruction. Anybody can seal to a public key, so nothing from a copy is believed
before it matches the fingerprints of the keyring.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from django.conf import settings

from compliance.keyring import epochs, key_files
from compliance.keyring.envelope import KEY_BYTES

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
MAGIC = b"privacy-back-office recovery 1\n"
NAME, DRAFT = "recovery.sealed", ".recovery-"
LARGEST = 1_000_000
KEY_HEX = re.compile(rf"[0-9a-f]{{{2 * KEY_BYTES}}}")


class RecoveryRefused(Exception):
    """No recovery copy can be written, or the one at hand is not to be believed; one sentence for the operator."""


def public_key_file() -> Path:
    """Return where the public key lies: with the keys, where whoever could replace it has them anyway."""
    return Path(settings.KEK_DIR) / "recovery.pub"


def is_set_up() -> bool:
    """Say whether rolls write recovery copies."""
    return bool(settings.RECOVERY_DIRS) and public_key_file().exists()


def make_pair(private_file: Path) -> None:
    """Write a new private key for the operator to take away, keep the public one, and write the first copies."""
    if public_key_file().exists():
        raise RecoveryRefused(
            f"There is a recovery key already; delete {public_key_file()} first if its private half is lost."
        )
    private = X25519PrivateKey.generate()
    _write_new(
        private_file,
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    _write_new(
        public_key_file(),
        private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )
    write_copies(epochs.numbers())


def write_copies(numbers: Iterable[int]) -> int:
    """Replace the copy in every recovery folder by one of these epochs and return how many folders there are.

    Raises ``RecoveryRefused`` if a folder cannot be written: a roll must then not go on.
    """
    if not is_set_up():
        return 0
    sealed = seal({number: key_files.read(number) for number in numbers})
    for folder in settings.RECOVERY_DIRS:
        try:
            _replace(Path(folder) / NAME, sealed)
        except OSError as error:
            raise RecoveryRefused(
                f"The recovery folder {folder} cannot be written ({error.strerror}); make it writable."
            ) from None
    return len(settings.RECOVERY_DIRS)


def seal(keys: dict[int, bytes]) -> bytes:
    """Return keys by epoch sealed to the public key of this installation."""
    try:
        public = serialization.load_pem_public_key(public_key_file().read_bytes())
    except (OSError, ValueError):
        public = None
    if not isinstance(public, X25519PublicKey):
        raise RecoveryRefused(f"{public_key_file()} is no recovery key; put the saved file back.")
    text = json.dumps({str(number): key.hex() for number, key in sorted(keys.items())})
    return MAGIC + SUITE.encrypt(text.encode(), public, MAGIC)


def open_copy(sealed: bytes, private_pem: bytes) -> dict[int, bytes]:
    """Return the keys by epoch of a recovery copy; raises ``RecoveryRefused`` for anything else."""
    try:
        private = serialization.load_pem_private_key(private_pem, password=None)
    except (ValueError, TypeError):
        raise RecoveryRefused("This is no private recovery key.") from None
    if not isinstance(private, X25519PrivateKey):
        raise RecoveryRefused("This is no private recovery key.")
    if not sealed.startswith(MAGIC) or len(sealed) > LARGEST:
        raise RecoveryRefused("This is no recovery copy.")
    try:
        text = SUITE.decrypt(sealed[len(MAGIC) :], private, MAGIC)
    except (InvalidTag, ValueError):
        raise RecoveryRefused(
            "The recovery copy was altered, or sealed to another recovery key."
        ) from None
    return _parsed(text)


def put_back(sealed: bytes, private_pem: bytes) -> list[int]:
    """Write the missing key files of the living epochs and return their numbers; an existing file always stays.

    Everything is checked against the fingerprints of the keyring before anything is written.
    """
    saved = open_copy(sealed, private_pem)
    living = epochs.living()
    if not living:
        raise RecoveryRefused(
            "The keyring has no epoch; restore its database first, then run this again."
        )
    for epoch in living:
        key = saved.get(epoch.number)
        if key is None:
            raise RecoveryRefused(
                f"Epoch {epoch.number} is not in this recovery copy; look for the newest copy."
            )
        if key_files.fingerprint_of(key) != epoch.fingerprint:
            raise RecoveryRefused(
                f"The key of epoch {epoch.number} in this recovery copy is not the one the keyring was "
                "written with; nothing was changed."
            )
    return [e.number for e in living if key_files.put_back(e.number, saved[e.number])]


def _parsed(text: bytes) -> dict[int, bytes]:
    try:
        found = json.loads(text)
        pairs = list(found.items())
        if all(name.isascii() and name.isdigit() and KEY_HEX.fullmatch(key) for name, key in pairs):
            return {int(name): bytes.fromhex(key) for name, key in pairs}
    except (ValueError, AttributeError, TypeError, RecursionError):
        pass
    raise RecoveryRefused("The recovery copy holds something other than keys.")


def _write_new(file: Path, content: bytes) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    except OSError as error:
        raise RecoveryRefused(f"{file} cannot be written ({error.strerror}).") from None
    with os.fdopen(handle, "wb") as body:
        body.write(content)
        body.flush()
        os.fsync(body.fileno())
    key_files.sync_folder(file.parent)


def _replace(target: Path, content: bytes) -> None:
    """Put a new file in the place of the old one, then wipe the bytes of the old one."""
    handle, draft = tempfile.mkstemp(dir=target.parent, prefix=DRAFT)
    try:
        with os.fdopen(handle, "wb") as body:
            body.write(content)
            body.flush()
            os.fsync(body.fileno())
        old = os.open(target, os.O_RDWR) if target.exists() else None
        os.replace(draft, target)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
    if old is not None:
        with os.fdopen(old, "r+b") as body:
            key_files.overwrite(body)
    for left in target.parent.glob(f"{DRAFT}*"):  # By a process that was killed.
        left.unlink(missing_ok=True)
    key_files.sync_folder(target.parent)

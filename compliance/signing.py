"""The key that signs checkpoints of the ledger and consent receipts: Ed25519, in a file that only the worker reads.

``CHECKPOINT_KEY_FILE`` (mode 0400) has its public half beside it, as 64 hex digits in ``*.public``: that one goes to
whoever wants to check, on paper as well. The web server never signs.
"""

import os
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings

from compliance import ledger_verifier


def key_file() -> Path:
    """Return where the private key lies."""
    return Path(settings.CHECKPOINT_KEY_FILE)


def public_file() -> Path:
    """Return where the public key lies."""
    return key_file().with_suffix(".public")


def ensure_key() -> bool:
    """Write a new key unless there is one, and its public half; say whether a key was written."""
    file = key_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    is_new = _write_once(file, pem, 0o400)
    _write_once(public_file(), f"{public_key()}\n".encode(), 0o444)
    return is_new


def public_key() -> str:
    """Return the public key of the key in use, as 64 hex digits."""
    return _private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def fingerprint() -> str:
    """Return the SHA-256 of the public key, which names it in a checkpoint."""
    return sha256(bytes.fromhex(public_key())).hexdigest()


def sign(seq: int, digest: str, at: str) -> dict[str, str | int]:
    """Return a checkpoint: number, hash and moment of the newest ledger entry, and the signature over them."""
    body: dict[str, str | int] = {"seq": seq, "hash": digest, "at": at, "key": fingerprint()}
    message = ledger_verifier.checkpoint_message(body)
    return {**body, "signature": _private().sign(message).hex()}


def sign_text(kind: str, text: str) -> str:
    """Return the signature of a text as hex; ``kind`` keeps one sort of text from passing for another.

    Example: ``sign_text("consent-receipt", body)``.
    """
    return _private().sign(text_message(kind, text)).hex()


def text_message(kind: str, text: str) -> bytes:
    """Return the bytes that are signed for a text of a kind."""
    return f"privacy-back-office {kind}\n{text}".encode()


def _private() -> Ed25519PrivateKey:
    key = load_pem_private_key(key_file().read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the checkpoint key is no Ed25519 key")
    return key


def _write_once(file: Path, content: bytes, mode: int) -> bool:
    """Write a whole file under its name, unless the name is taken."""
    if file.exists():
        return False
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as output:
            output.write(content)
            output.flush()
            os.fchmod(output.fileno(), mode)
            os.fsync(output.fileno())
        os.link(draft, file)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True

"""Authenticated encryption with a version byte; every purpose has a key and a context of its own.

Wrapped under an epoch: version (1 byte) | epoch (4 bytes, big endian) | nonce (12) | ciphertext and tag.
Sealed under a data key: version (1) | nonce (12) | ciphertext and tag. AES-256-GCM, random nonces (NIST SP
800-38D, 8.2.2), keys by HKDF-SHA256 (RFC 5869).
"""

import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

VERSION = 1
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
EPOCH_HEADER = struct.Struct(">BI")


class Unreadable(Exception):
    """The sealed bytes were altered, moved, or belong to another key; never says what was inside."""


def context(*parts: str | bytes) -> bytes:
    """Return associated data that no other parts give: each part behind its length.

    Example: ``context("a", "b")`` differs from ``context("ab", "")``.
    """
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(struct.pack(">I", len(part)) + part for part in raw)


def derive(key: bytes, *purpose: str) -> bytes:
    """Return the 32-byte key of one purpose from a uniformly random key."""
    return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=context(*purpose)).derive(key)


def seal(key: bytes, data: bytes, *, aad: bytes) -> bytes:
    """Return ``data`` sealed under a key and bound to its associated data."""
    header = bytes([VERSION])
    return header + _encrypt(key, data, header + aad)


def open_(key: bytes, sealed: bytes, *, aad: bytes) -> bytes:
    """Return what ``seal`` got; raises ``Unreadable`` for anything else."""
    if len(sealed) < 1 + NONCE_BYTES + TAG_BYTES or sealed[0] != VERSION:
        raise Unreadable("format")
    return _decrypt(key, sealed[1:], sealed[:1] + aad)


def wrap(key: bytes, epoch: int, data: bytes, *, aad: bytes) -> bytes:
    """Return ``data`` wrapped under the key of an epoch; the number is part of what is authenticated."""
    header = EPOCH_HEADER.pack(VERSION, epoch)
    return header + _encrypt(key, data, header + aad)


def unwrap(key: bytes, wrapped: bytes, *, aad: bytes) -> bytes:
    """Return what ``wrap`` got; raises ``Unreadable`` for anything else."""
    epoch_of(wrapped)
    return _decrypt(key, wrapped[EPOCH_HEADER.size :], wrapped[: EPOCH_HEADER.size] + aad)


def epoch_of(wrapped: bytes) -> int:
    """Return the epoch number that a wrapped value names."""
    if len(wrapped) < EPOCH_HEADER.size + NONCE_BYTES + TAG_BYTES or wrapped[0] != VERSION:
        raise Unreadable("format")
    return int(EPOCH_HEADER.unpack_from(wrapped)[1])


def _encrypt(key: bytes, data: bytes, aad: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, aad)


def _decrypt(key: bytes, body: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], aad)
    except InvalidTag:
        raise Unreadable("authentication") from None

"""Keyed digests outside the blind index: pseudonyms of the ledger, the rejoin block, sign-in throttles.

Each has a secret of its own, kept only wrapped; without it a digest cannot be guessed against.
"""

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime

from compliance.keyring import secrets
from compliance.keyring.envelope import context, derive
from compliance.keyring.normal_forms import normalise

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # None that looks like another.


def rejoin(scope: str, field: str, value: str) -> bytes:
    """Return the 32 bytes by which a service recognises somebody who may not join again yet."""
    key = derive(secrets.get("rejoin"), "field", scope, field)
    return _mac(key, normalise(field, value).encode())


def subject_digest(public_id: str) -> str:
    """Return the pseudonym (64 hex digits) of a data subject in the ledger and on certificates."""
    return subject_digests([public_id])[public_id]


def subject_digests(public_ids: Sequence[str]) -> dict[str, str]:
    """Return the pseudonyms of many data subjects by public id."""
    if not public_ids:
        return {}
    key = secrets.get("subject-pseudonym")
    return {public_id: _mac(key, public_id.encode()).hex() for public_id in public_ids}


def reference(kind: str, public_id: str, at: datetime) -> str:
    """Return the reference of what a person asked for at a moment: twelve letters and digits to read out.

    The same after a restore, although no database and no tail keeps it. Without the key nobody can make one up.
    Example: ``reference("withdrawal", public_id, now)`` is ``7KQ2M9XW4TBA``.
    """
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    mac = _mac(secrets.get("subject-pseudonym"), context("reference", kind, public_id, moment))
    return "".join(LETTERS[byte % len(LETTERS)] for byte in mac[:12])


def throttle(kind: str, value: str) -> str:
    """Return the key (64 hex digits) under which attempts are counted: an account, an address, an IP."""
    return _mac(secrets.get("throttle"), context(kind, value.strip().casefold())).hex()


def one_click(message: str) -> str:
    """Return the proof (64 hex digits) that an address in a message came from us."""
    return _mac(secrets.get("one-click"), message.encode()).hex()


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")

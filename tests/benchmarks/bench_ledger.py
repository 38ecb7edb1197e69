"""The ledger: append in batches with a Merkle root, as every mass job does, then verify the chain."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.ledger_verifier import BODY_FIELDS, ITEM_FIELDS, canonical
from tests.benchmarks.watch import Watch

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
BATCH = 500


def run(members: int) -> dict[str, Any]:
    """Append one item per member, then verify the chain.

    ``ratio`` and ``verify_ratio`` are both times against SHA-256 of the same bodies and Merkle nodes alone.
    """
    with Watch() as appending:
        for first in range(0, members, BATCH):
            _append(range(first, min(first + BATCH, members)))
    with Watch() as verifying:
        verified = ledger.verify()
    assert verified.ok
    hashing = _hashing(_bodies())
    return {
        **appending.of(members),
        "ratio": appending.seconds / hashing,
        "verify_seconds": verifying.seconds,
        "verify_ratio": verifying.seconds / hashing,
    }


def _append(numbers: range) -> None:
    people = [(f"{number:032x}", {}) for number in numbers]
    with transaction.atomic():
        ledger.record_batch(
            "members.subject.registered", people, actor=None, now=NOW, service="bench"
        )


def _bodies() -> list[bytes]:
    """Return what the ledger hashes: bodies of entries and items, and the inner nodes of the trees."""
    bodies: list[bytes] = []
    for row in ledger.rows():
        bodies.append(_body(row, BODY_FIELDS))
        bodies += [_body(item, ITEM_FIELDS) for item in row["items"]]
        bodies += [bytes(65)] * (json.loads(row["data"]).get("items", 1) - 1)
    return bodies


def _body(row: dict[str, Any], fields: tuple[str, ...]) -> bytes:
    return canonical([[row[name] for name in fields], row["data"]]).encode()


def _hashing(bodies: list[bytes]) -> float:
    with Watch() as hashing:
        for body in bodies:
            sha256(body).digest()
    return hashing.seconds

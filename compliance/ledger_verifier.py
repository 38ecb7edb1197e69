"""The arithmetic of the ledger, and a verifier that needs Python alone.

``python ledger_verifier.py DUMP [--head SEQ:HASH]`` checks a file written by ``manage.py export_ledger``: one
JSON object per line. Copy this one file to any machine; it imports the standard library only.

An entry's hash is SHA-256(0x00 | previous hash | sequence number as 8 bytes | canonical body); the items of a
batch form a Merkle tree with the prefixes of RFC 9162, 2.1.1 (0x00 leaf, 0x01 node).
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

GENESIS = "0" * 64
BODY_FIELDS = ("at", "code", "actor", "service_slug", "subject_key", "object_ref", "clause")
ITEM_FIELDS = ("subject_key", "object_ref")


@dataclass(frozen=True)
class VerifyResult:
    """Outcome of a verification: how many entries were checked, and the first that is wrong."""

    ok: bool
    checked: int
    first_bad_seq: int | None = None
    reason: str = ""
    head_hash: str = GENESIS


def canonical(value: Any) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, ASCII only.

    Example: ``canonical({"b": 1, "a": None})`` is ``'{"a":null,"b":1}'``.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def entry_hash(prev_hash: str, seq: int, row: dict[str, Any]) -> str:
    """Return the hex hash of an entry; ``row`` has the body fields as text and ``data`` as canonical JSON text."""
    body = canonical([[row[name] for name in BODY_FIELDS], row["data"]]).encode()
    return sha256(b"\x00" + bytes.fromhex(prev_hash) + seq.to_bytes(8, "big") + body).hexdigest()


def leaf_hash(item: dict[str, Any]) -> str:
    """Return the hex hash of one batch item; ``data`` is canonical JSON text."""
    return sha256(
        b"\x00" + canonical([[item[name] for name in ITEM_FIELDS], item["data"]]).encode()
    ).hexdigest()


def merkle_root(leaves: Sequence[str]) -> str:
    """Return the Merkle tree hash of leaf hashes (RFC 9162, 2.1.1); of none, SHA-256 of nothing."""
    level = [bytes.fromhex(leaf) for leaf in leaves]
    while len(level) > 1:
        pairs = [
            sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + level[len(pairs) * 2 :]
    return level[0].hex() if level else sha256(b"").hexdigest()


def verify_rows(
    rows: Iterable[dict[str, Any]],
    *,
    start: int = 1,
    prev_hash: str = GENESIS,
    head: tuple[int, str] | None = None,
) -> VerifyResult:
    """Check rows in order of ``seq``.

    ``head`` is a (number, hash) known from outside; with it a shortened or recomputed ledger is found as well.
    Reasons: ``sequence``, ``malformed``, ``prev_hash``, ``hash``, ``batch``, ``head``.
    """
    seq, checked = start - 1, 0
    for row in rows:
        seq += 1
        reason = _fault(row, seq, prev_hash)
        if not reason and head and seq == head[0] and row["hash"] != head[1]:
            reason = "head"
        if reason:
            return VerifyResult(False, checked, seq, reason, prev_hash)
        prev_hash, checked = row["hash"], checked + 1
    if head and seq < head[0]:
        return VerifyResult(False, checked, seq + 1, "head", prev_hash)
    return VerifyResult(True, checked, None, "", prev_hash)


def _fault(row: dict[str, Any], seq: int, prev_hash: str) -> str:
    if row["seq"] != seq:
        return "sequence"
    if row["prev_hash"] != prev_hash:
        return "prev_hash"
    try:
        return _content_fault(row, seq)
    except (ValueError, TypeError, KeyError, AttributeError):
        return "malformed"


def _content_fault(row: dict[str, Any], seq: int) -> str:
    data = json.loads(row["data"])
    if canonical(data) != row["data"]:
        return "malformed"
    if entry_hash(row["prev_hash"], seq, row) != row["hash"]:
        return "hash"
    return _batch_fault(data, row["items"])


def _batch_fault(data: dict[str, Any], items: list[dict[str, Any]]) -> str:
    if "merkle_root" not in data:
        return "batch" if items else ""
    positions = [item["position"] for item in items]
    leaves = [leaf_hash(item) for item in items]
    whole = positions == list(range(data["items"])) and leaves == [item["leaf"] for item in items]
    return "" if whole and merkle_root(leaves) == data["merkle_root"] else "batch"


def read_dump(path: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a dump; a line that is no JSON object is an error in ``ValueError``."""
    with open(path, encoding="ascii") as lines:
        for line in lines:
            yield json.loads(line)


def parse_head(text: str) -> tuple[int, str]:
    """Return (number, hash) of ``SEQ:HASH``. Example: ``12:9f...`` is ``(12, "9f...")``."""
    number, _, digest = text.partition(":")
    if len(digest) != 64:
        raise ValueError("SEQ:HASH expected")
    return int(number), digest


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a dump and return 0 if it is whole, 1 if not."""
    parser = argparse.ArgumentParser(description="Verify a dump of the ledger.")
    parser.add_argument("dump")
    parser.add_argument(
        "--head", type=parse_head, help="SEQ:HASH of the newest entry known from outside"
    )
    options = parser.parse_args(arguments)
    result = verify_rows(read_dump(options.dump), head=options.head)
    outcome = "whole" if result.ok else f"ALTERED at entry {result.first_bad_seq} ({result.reason})"
    sys.stdout.write(
        f"{result.checked} entries checked; the ledger is {outcome}; head {result.head_hash}\n"
    )
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())

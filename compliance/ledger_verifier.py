"""The arithmetic of the ledger, and a verifier that needs Python alone.

``python ledger_verifier.py DUMP [--head SEQ:HASH | --checkpoint FILE --public-key FILE]`` checks a file written by
``manage.py export_ledger``: one JSON object per line. Copy this one file to any machine; it imports the standard
library only, also for the signature of a checkpoint (Ed25519, RFC 8032, 5.1.7).

An entry's hash is SHA-256(0x00 | previous hash | sequence number as 8 bytes | canonical body); the items of a
batch form a Merkle tree with the prefixes of RFC 9162, 2.1.1 (0x00 leaf, 0x01 node).
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256, sha512
from json.encoder import encode_basestring_ascii as _quote
from typing import Any

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode

GENESIS = "0" * 64
BODY_FIELDS = ("at", "code", "actor", "service_slug", "subject_key", "object_ref", "clause")
ITEM_FIELDS = ("subject_key", "object_ref")
CHECKPOINT = {"seq": int, "hash": str, "at": str, "key": str, "signature": str}

# Edwards25519 (RFC 8032, 5.1). Nothing secret goes through this arithmetic, so its time may vary.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


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
    return _encode(value)


def entry_hash(prev_hash: str, seq: int, row: dict[str, Any]) -> str:
    """Return the hex hash of an entry; ``row`` has the body fields as text and ``data`` as canonical JSON text."""
    body = canonical([[row[name] for name in BODY_FIELDS], row["data"]]).encode()
    return sha256(b"\x00" + bytes.fromhex(prev_hash) + seq.to_bytes(8, "big") + body).hexdigest()


def leaf_hash(item: dict[str, Any]) -> str:
    """Return the hex hash of one batch item; ``data`` is canonical JSON text."""
    [leaf] = leaf_hashes([(*(item[name] for name in ITEM_FIELDS), item["data"])])
    return leaf


def leaf_hashes(items: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return the hex hashes of batch items given as (subject key, object, canonical JSON text of their data)."""
    return [
        sha256(f"\x00[[{_quote(key)},{_quote(about)}],{_quote(data)}]".encode()).hexdigest()
        for key, about, data in items
    ]


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
    try:
        if row["seq"] != seq:
            return "sequence"
        if row["prev_hash"] != prev_hash:
            return "prev_hash"
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


def checkpoint_message(body: dict[str, Any]) -> bytes:
    """Return what the signature of a checkpoint covers: every field but the signature itself."""
    return (
        b"ledger checkpoint 1\x00"
        + canonical([body["seq"], body["hash"], body["at"], body["key"]]).encode()
    )


def parse_checkpoint(text: str) -> dict[str, Any]:
    """Return the fields of a checkpoint; anything but its one canonical text is a ``ValueError``."""
    body = json.loads(text)
    if not isinstance(body, dict) or {name: type(body[name]) for name in body} != CHECKPOINT:
        raise ValueError("no checkpoint")
    if text != canonical(body) + "\n":
        raise ValueError("not the text of a checkpoint")
    return body


def verify_checkpoint(text: str, public_key: str) -> tuple[int, str]:
    """Return number and hash of a checkpoint signed with a key (64 hex digits); ``ValueError`` if it is not."""
    body, key = parse_checkpoint(text), bytes.fromhex(public_key.strip())
    if body["key"] != sha256(key).hexdigest():
        raise ValueError("the checkpoint names another key")
    signature = bytes.fromhex(body["signature"])
    if signature.hex() != body["signature"]:
        raise ValueError("not the text of a checkpoint")
    if not verify_signature(key, checkpoint_message(body), signature):
        raise ValueError("the signature is wrong")
    return body["seq"], body["hash"]


def verify_signature(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is right (RFC 8032, 5.1.7, without the cofactor)."""
    if (len(public), len(signature)) != (32, 64):
        return False
    key, r, s = _point(public), _point(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    base = _point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    return base is not None and _same(_times(s, base), _plus(r, _times(k, key)))


def _point(raw: bytes) -> Point | None:
    """Decode a point (RFC 8032, 5.1.3); None for what is no point."""
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def _plus(a: Point, b: Point) -> Point:
    """Add two points in extended coordinates (RFC 8032, 5.1.4)."""
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(factor: int, point: Point) -> Point:
    product: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            product = _plus(product, point)
        point, factor = _plus(point, point), factor >> 1
    return product


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _known_head(options: argparse.Namespace) -> tuple[int, str] | None:
    if not options.checkpoint:
        return options.head
    if not options.public_key:
        raise ValueError("--checkpoint needs --public-key")
    texts = [_text(name) for name in (options.checkpoint, options.public_key)]
    return verify_checkpoint(*texts)


def _text(path: str) -> str:
    with open(path, encoding="ascii", newline="") as source:
        return source.read()


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify a dump and return 0 if it is whole, 1 if not."""
    parser = argparse.ArgumentParser(description="Verify a dump of the ledger.")
    parser.add_argument("dump")
    parser.add_argument(
        "--head", type=parse_head, help="SEQ:HASH of the newest entry known from outside"
    )
    parser.add_argument("--checkpoint", help="file with a signed checkpoint from outside")
    parser.add_argument("--public-key", help="file with the public key, 64 hex digits")
    options = parser.parse_args(arguments)
    try:
        head = _known_head(options)
    except (ValueError, OSError) as error:
        sys.stdout.write(f"The checkpoint is REFUSED: {error}\n")
        return 1
    result = verify_rows(read_dump(options.dump), head=head)
    outcome = "whole" if result.ok else f"ALTERED at entry {result.first_bad_seq} ({result.reason})"
    sys.stdout.write(
        f"{result.checked} entries checked; the ledger is {outcome}; head {result.head_hash}\n"
    )
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())

"""The file of a signed receipt: how it is written, and why one is refused.

Anybody who has the public key can check it; nothing of this installation's databases is needed.
"""

import json
from hashlib import sha256
from typing import Any

from compliance.ledger_verifier import canonical, verify_signature
from compliance.signing import text_message
from members.models import ConsentReceipt

KIND, ALGORITHM = "consent-receipt", "Ed25519"


class Refused(ValueError):
    """A file that is no receipt of this key; the text is a code.

    Codes: ``no_json``, ``no_receipt``, ``no_signature``, ``other_key``, ``wrong_signature``.
    """


def written(receipt: ConsentReceipt) -> str:
    """Return the file of a signed receipt, indented for people; only its content is signed, not its spaces."""
    signature = {
        "algorithm": ALGORITHM,
        "key": receipt.key_fingerprint,
        "value": receipt.signature,
    }
    found = {"receipt": json.loads(receipt.body), "signature": signature}
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def verified(content: str, public_key: str) -> dict[str, Any]:
    """Return the receipt in a file whose signature is right. Raises ``Refused``.

    ``public_key`` are 64 hex digits, as ``manage.py checkpoint_key`` prints them.
    """
    receipt, signature = _parts(content)
    key = bytes.fromhex(public_key)
    if signature["key"] != sha256(key).hexdigest():
        raise Refused("other_key")
    try:
        value = bytes.fromhex(signature["value"])
    except ValueError:
        raise Refused("wrong_signature") from None
    if not verify_signature(key, text_message(KIND, canonical(receipt)), value):
        raise Refused("wrong_signature")
    return receipt


def _parts(content: str) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("no_json") from None
    receipt = found.get("receipt") if isinstance(found, dict) else None
    if not isinstance(receipt, dict) or "receipt_id" not in receipt:
        raise Refused("no_receipt")
    signature = found.get("signature")
    is_whole = isinstance(signature, dict) and signature.get("algorithm") == ALGORITHM
    if not is_whole or not all(isinstance(signature.get(k), str) for k in ("key", "value")):
        raise Refused("no_signature")
    return receipt, signature

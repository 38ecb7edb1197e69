"""The stand-alone arithmetic: one byte of a dump or of a checkpoint is enough to be found."""

import json
import random
import string
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from compliance import ledger_verifier, signing
from compliance.ledger_verifier import (
    GENESIS,
    canonical,
    entry_hash,
    leaf_hash,
    merkle_root,
    parse_checkpoint,
    verify_checkpoint,
    verify_rows,
    verify_signature,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
# RFC 8032, 7.1: public key, message, signature.
RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.fixture
def key(settings, tmp_path):
    settings.CHECKPOINT_KEY_FILE = tmp_path / "checkpoint" / "key.pem"
    assert signing.ensure_key()
    return signing.public_file().read_text()


def checkpoint():
    return canonical(signing.sign(120, "5e" * 32, NOW.isoformat())) + "\n"


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_signatures_are_those_of_rfc_8032(public, message, signature):
    parts = [bytes.fromhex(part) for part in (public, message, signature)]
    assert verify_signature(*parts)
    for place in range(0, 64, 5):
        wrong = bytearray(parts[2])
        wrong[place] ^= 1
        assert not verify_signature(parts[0], parts[1], bytes(wrong))
    assert not verify_signature(parts[0], parts[1] + b"x", parts[2])


def test_our_arithmetic_agrees_with_the_library_and_takes_no_second_form_of_a_signature():
    rng = random.Random(8032)
    for size in range(30):
        private = Ed25519PrivateKey.from_private_bytes(rng.randbytes(32))
        public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        message = rng.randbytes(size)
        signature = private.sign(message)
        assert verify_signature(public, message, signature)
        s = int.from_bytes(signature[32:], "little") + ledger_verifier.ORDER
        assert not verify_signature(public, message, signature[:32] + s.to_bytes(32, "little"))


def test_a_key_is_made_once_for_its_owner_alone(key):
    pem = signing.key_file().read_bytes()
    assert not signing.ensure_key()
    assert signing.key_file().read_bytes() == pem
    assert signing.key_file().stat().st_mode & 0o777 == 0o400
    assert signing.key_file().parent.stat().st_mode & 0o777 == 0o700
    assert key == signing.public_key() + "\n"


def test_a_checkpoint_is_accepted_and_gives_number_and_hash(key):
    assert verify_checkpoint(checkpoint(), key) == (120, "5e" * 32)


def test_none_of_two_hundred_changed_checkpoints_is_accepted(key):
    text, rng, accepted = checkpoint(), random.Random(200), []
    for _ in range(200):
        changed = _mutated(text, rng)
        assert changed != text
        try:
            accepted.append(verify_checkpoint(changed, key))
        except ValueError:
            continue
    assert accepted == []


def test_every_field_is_signed_and_no_other_key_counts(key, settings, tmp_path):
    body = json.loads(checkpoint())
    for change in ({"seq": 121}, {"hash": "5f" * 32}, {"at": "2026-11-24"}):
        with pytest.raises(ValueError, match="signature"):
            verify_checkpoint(canonical(body | change) + "\n", key)
    settings.CHECKPOINT_KEY_FILE = tmp_path / "other" / "key.pem"
    signing.ensure_key()
    with pytest.raises(ValueError, match="another key"):
        verify_checkpoint(canonical(body) + "\n", signing.public_key())
    with pytest.raises(ValueError, match="no checkpoint"):
        parse_checkpoint(canonical(body | {"more": 1}) + "\n")


def test_each_of_two_thousand_changed_bytes_of_a_ledger_is_found_at_its_entry():
    rows, rng = _ledger(40), random.Random(2000)
    lines = [canonical(row) for row in rows]
    assert verify_rows(json.loads(line) for line in lines).ok
    for _ in range(2000):
        place = rng.randrange(len(lines))
        changed = _one_byte_off(lines[place], rng)
        try:
            row = json.loads(changed)
            if row == rows[place]:
                continue
        except ValueError:
            continue  # No JSON any more: nothing that a verifier could take for an entry.
        result = verify_rows([*rows[:place], row, *rows[place + 1 :]])
        assert result.first_bad_seq in (place + 1, None), (place, changed)
        assert not result.ok, changed


def _ledger(count):
    rows, before = [], GENESIS
    for seq in range(1, count + 1):
        items = [_item(n) for n in range(3)] if seq % 5 == 0 else []
        data = {"n": seq}
        if items:
            data |= {"items": 3, "merkle_root": merkle_root([item["leaf"] for item in items])}
        row = {
            "seq": seq, "at": (NOW + timedelta(seconds=seq)).isoformat(timespec="microseconds"),
            "code": "test.thing.done", "actor": "system", "service_slug": "mikmik",
            "subject_key": "7f" * 32, "object_ref": f"thing:{seq}", "clause": "5.2.2",
            "data": canonical(data), "prev_hash": before, "items": items,
        }  # fmt: skip
        before = entry_hash(before, seq, row)
        rows.append(row | {"hash": before})
    return rows


def _item(n):
    item = {"subject_key": "", "object_ref": f"record:{n}", "data": "{}"}
    return item | {"position": n, "leaf": leaf_hash(item)}


def _one_byte_off(text, rng):
    place = rng.randrange(len(text))
    other = rng.choice([sign for sign in string.printable if sign != text[place]])
    return text[:place] + other + text[place + 1 :]


def _mutated(text, rng):
    """Change, drop or double one character, or swap two fields' parts."""
    place = rng.randrange(len(text))
    ways = [
        lambda: _one_byte_off(text, rng),
        lambda: text[:place] + text[place + 1 :],
        lambda: text[:place] + text[place] + text[place:],
        lambda: text[:place] + text[place].swapcase() + text[place + 1 :],
    ]
    changed = rng.choice(ways)()
    return changed if changed != text else text + " "

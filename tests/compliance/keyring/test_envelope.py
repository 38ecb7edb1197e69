"""Sealed bytes open only unaltered, at their own place, under their own key."""

import os
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from compliance.keyring import envelope, sealing
from compliance.keyring.envelope import Unreadable, context

KEY = bytes(range(32))
VALUES = {"name": "김서연", "mobile": "010-1234-5678", "birth": None, "points": 12}
PLACE = {"kind": "record", "id": UUID(int=7), "subject": "a" * 32, "record_class": "profile"}


@pytest.mark.parametrize(
    "values", [VALUES, {}, {"memo": "x" * 3_000}], ids=["usual", "empty", "long"]
)
def test_every_flipped_byte_of_a_document_is_refused(values):
    sealed = sealing.seal_document(KEY, values, **PLACE)
    assert sealing.open_document(KEY, sealed, **PLACE) == values
    for position in range(len(sealed)):
        altered = bytearray(sealed)
        altered[position] ^= 1 + position % 255
        with pytest.raises(Unreadable):
            sealing.open_document(KEY, bytes(altered), **PLACE)


@pytest.mark.parametrize("length", [0, 1, 12, 28, 29, 40])
def test_a_shortened_document_is_refused(length):
    sealed = sealing.seal_document(KEY, VALUES, **PLACE)[:length]
    with pytest.raises(Unreadable):
        sealing.open_document(KEY, sealed, **PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"kind": "upload"},
        {"id": UUID(int=8)},
        {"subject": "b" * 32},
        {"record_class": "payment"},
        {"subject": "a" * 31, "record_class": "aprofile"},
    ],
)
def test_a_document_moved_to_another_place_is_refused(elsewhere):
    sealed = sealing.seal_document(KEY, VALUES, **PLACE)
    with pytest.raises(Unreadable):
        sealing.open_document(KEY, sealed, **PLACE | elsewhere)


def test_a_document_under_another_key_is_refused():
    sealed = sealing.seal_document(KEY, VALUES, **PLACE)
    with pytest.raises(Unreadable):
        sealing.open_document(os.urandom(32), sealed, **PLACE)


def test_a_file_opens_only_for_its_kind_and_id():
    id = uuid4()
    sealed = sealing.seal_bytes(KEY, b"csv", kind="upload", id=id)
    assert sealing.open_bytes(KEY, sealed, kind="upload", id=id) == b"csv"
    for kind, other in (("export", id), ("upload", uuid4())):
        with pytest.raises(Unreadable):
            sealing.open_bytes(KEY, sealed, kind=kind, id=other)


def test_a_wrapped_key_names_its_epoch_and_cannot_change_it():
    wrapped = envelope.wrap(KEY, 3, b"k" * 32, aad=b"id")
    assert envelope.epoch_of(wrapped) == 3
    forged = wrapped[:4] + b"\x04" + wrapped[5:]
    assert envelope.epoch_of(forged) == 4
    with pytest.raises(Unreadable):
        envelope.unwrap(KEY, forged, aad=b"id")


def test_an_unknown_format_version_is_refused():
    for make, open_ in ((envelope.seal, envelope.open_), (_wrap, envelope.unwrap)):
        with pytest.raises(Unreadable):
            open_(KEY, b"\x02" + make(KEY, b"data", aad=b"")[1:], aad=b"")


def test_a_hundred_thousand_nonces_are_unique():
    nonces = {envelope.seal(KEY, b"", aad=b"")[1:13] for _ in range(100_000)}
    assert len(nonces) == 100_000


def test_context_is_unambiguous():
    parts = ["a", "b", "ab", "", "a\x00b"]
    assert len({context(*p) for n in (1, 2, 3) for p in permutations(parts, n)}) == 5 + 20 + 60


def test_derived_keys_differ_by_purpose():
    keys = {envelope.derive(KEY, *purpose) for purpose in (("a",), ("b",), ("a", "b"), ("ab",))}
    assert len(keys) == 4


def test_errors_and_representations_show_no_value():
    document = sealing.Document(**PLACE, values=VALUES)
    sealed = sealing.seal_document(KEY, VALUES, **PLACE)
    with pytest.raises(Unreadable) as caught:
        sealing.open_document(os.urandom(32), sealed, **PLACE)
    shown = f"{document!r} {document} {caught.value!r} {caught.value.__context__!r}"
    assert "010" not in shown
    assert "김" not in shown


def _wrap(key, data, *, aad):
    return envelope.wrap(key, 1, data, aad=aad)

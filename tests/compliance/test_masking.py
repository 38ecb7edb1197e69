"""One rule masks every value."""

from __future__ import annotations

import pytest

from compliance.masking import mask, mask_item


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("name", "김민수", "김*수"),
        ("name", "김수", "김*"),
        ("name", "Sora Kim", "S**a K*m"),
        ("email", "abcdef@example.com", "ab***@example.com"),
        ("email", "a@example.com", "a***@example.com"),
        ("email", "no address", "•••"),
        ("phone", "010-1234-5678", "010-****-5678"),
        ("phone", "+82 10 1234 5678", "821-****-5678"),
        ("phone", "12", "•••"),
        ("address", "Seoul, Mapo-gu 1", "Seoul, •••"),
        ("", "anything", "•••"),
        ("name", "  ", ""),
    ],
)
def test_values_are_masked_by_kind(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown


def test_identity_and_card_numbers_are_only_said_to_be_held() -> None:
    assert str(mask_item("ci", "abc")) == "held"
    assert mask_item("ci", None) == ""
    assert mask_item("member.mobile", "01012345678") == "010-****-5678"

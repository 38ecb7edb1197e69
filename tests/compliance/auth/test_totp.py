"""Time codes count once, a step early or late; recovery codes once."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django_otp.oath import hotp

from compliance.actions import account as account_actions
from compliance.auth import totp
from compliance.models import Account, LedgerEntry
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")


def code_at(secret: str, moment: Any) -> str:
    """What an authenticator app shows at a moment."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    return f"{hotp(key, int(moment.timestamp()) // 30):06d}"


@pytest.fixture
def account() -> Account:
    return office.officer("officer")


@pytest.fixture
def secret(account: Account) -> str:
    return totp.begin(account)


def test_the_secret_is_sealed_and_stays_the_same_until_confirmed(
    account: Account, secret: str
) -> None:
    raw = base64.b32decode(secret + "=" * (-len(secret) % 8))
    assert raw not in bytes(account.totp_sealed or b"")
    assert totp.begin(Account.objects.get(pk=account.pk)) == secret


@pytest.mark.parametrize("seconds", [-30, 0, 30])
def test_a_code_is_accepted_one_step_early_or_late(
    account: Account, secret: str, now: Any, seconds: int
) -> None:
    code = code_at(secret, now + timedelta(seconds=seconds))
    assert totp.accept(account, code, now=now)


@pytest.mark.parametrize("seconds", [-90, -60, 60, 90])
def test_a_code_further_away_is_refused(
    account: Account, secret: str, now: Any, seconds: int
) -> None:
    code = code_at(secret, now + timedelta(seconds=seconds))
    assert not totp.accept(account, code, now=now)


def test_a_code_counts_once_and_older_codes_no_more(
    account: Account, secret: str, now: Any
) -> None:
    code, older = code_at(secret, now), code_at(secret, now - timedelta(seconds=30))
    assert totp.accept(account, code, now=now)
    assert not totp.accept(account, code, now=now)
    assert not totp.accept(account, older, now=now)


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "١٢٣٤٥٦", "000000 ", "-1"])
def test_what_is_no_code_is_refused(account: Account, secret: str, now: Any, code: str) -> None:
    assert not totp.accept(account, code, now=now)


def test_recovery_codes_are_digests_and_work_once(account: Account, secret: str, now: Any) -> None:
    codes = account_actions.enrol_second_factor(account, code_at(secret, now), now=now)
    assert codes is not None and len(set(codes)) == 10
    stored = Account.objects.get(pk=account.pk).recovery_codes
    assert not set(codes) & set(stored)
    assert account_actions.pass_second_factor(account, codes[3].upper(), now=now)
    assert not account_actions.pass_second_factor(account, codes[3], now=now)
    assert len(Account.objects.get(pk=account.pk).recovery_codes) == 9
    used = LedgerEntry.objects.get(code="compliance.account.recovery_code_used")
    assert used.data == {"left": 9}


def test_a_confirmed_second_factor_cannot_be_begun_again(
    account: Account, secret: str, now: Any
) -> None:
    account_actions.enrol_second_factor(account, code_at(secret, now), now=now)
    with pytest.raises(ValueError, match="confirmed"):
        totp.begin(account)


def test_the_picture_needs_no_style(account: Account, secret: str) -> None:
    picture = totp.qr_svg(totp.uri(account, secret, issuer="Office"), title="QR")
    assert "<title>QR</title>" in picture
    assert "style" not in picture and "<script" not in picture

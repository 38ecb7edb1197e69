"""Second factor of staff: time codes (RFC 6238, 30 s, 6 digits) and recovery codes.

The secret is sealed by the keyring. A code counts once, one step early or late is accepted.
Recovery codes are random, kept as digests only, each good for one sign-in.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

import segno
from django.db import transaction
from django_otp.oath import hotp

from compliance.keyring import envelope
from compliance.keyring import secrets as house_secrets
from compliance.models import Account

STEP = 30
RECOVERY_CODES = 10
HOUSE_SECRET = "totp"


def begin(account: Account) -> str:
    """The secret of an enrolment under way, in base32; made at the first call, then kept.

    Raises ValueError when a second factor is already confirmed: only a reset may replace it.
    """
    if account.totp_confirmed_at is not None:
        raise ValueError("a second factor is already confirmed")
    if account.totp_sealed is None:
        sealed = _seal(account, secrets.token_bytes(20))
        Account.objects.filter(pk=account.pk, totp_sealed=None).update(totp_sealed=sealed)
        account.refresh_from_db(fields=["totp_sealed"])
    return base64.b32encode(_secret(account)).decode().rstrip("=")


def uri(account: Account, secret: str, *, issuer: str) -> str:
    """The otpauth address that authenticator apps read."""
    label = quote(f"{issuer}:{account.email}")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer)}"


def qr_svg(text: str, *, title: str) -> str:
    """An inline SVG picture of `text` as QR code, without styles, for a strict CSP."""
    return segno.make(text, error="m").svg_inline(
        scale=5, border=4, dark="#111827", light="#ffffff", title=title, omitsize=False
    )


def confirm(account: Account, code: str, *, now: datetime) -> list[str] | None:
    """Finish an enrolment with a first code; returns the recovery codes to show once, or None."""
    if account.totp_confirmed_at is not None or not accept(account, code, now=now):
        return None
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    account.totp_confirmed_at = now
    account.recovery_codes = [_digest(account, code) for code in codes]
    account.save(update_fields=["totp_confirmed_at", "recovery_codes"])
    return codes


def accept(account: Account, code: str, *, now: datetime) -> bool:
    """Whether `code` is right now, one step early or late, and was not used before.

    Example: the code of 09:00:00-09:00:29 is accepted until 09:00:59, and once.
    """
    digits = "".join(code.split())
    if account.totp_sealed is None or not (digits.isascii() and digits.isdigit()):
        return False
    step = _matching_step(_secret(account), digits, int(now.timestamp()))
    if step is None:
        return False
    unused = Account.objects.filter(pk=account.pk, totp_last_step__lt=step)
    return unused.update(totp_last_step=step) == 1


def accept_recovery(account: Account, code: str) -> bool:
    """Whether `code` is an unused recovery code; it is used up by this."""
    digest = _digest(account, code)
    with transaction.atomic():
        row = Account.objects.select_for_update().get(pk=account.pk)
        left = [known for known in row.recovery_codes if not hmac.compare_digest(known, digest)]
        if len(left) == len(row.recovery_codes):
            return False
        Account.objects.filter(pk=account.pk).update(recovery_codes=left)
    account.recovery_codes = left
    return True


def forget(account: Account) -> None:
    """Remove the second factor; the next sign-in has to enrol anew."""
    account.totp_sealed, account.totp_confirmed_at = None, None
    account.recovery_codes, account.totp_last_step = [], 0
    account.save(
        update_fields=["totp_sealed", "totp_confirmed_at", "recovery_codes", "totp_last_step"]
    )


def _secret(account: Account) -> bytes:
    key = house_secrets.get(HOUSE_SECRET)
    return envelope.open_(key, bytes(account.totp_sealed or b""), aad=_bound_to(account))


def _seal(account: Account, secret: bytes) -> bytes:
    return envelope.seal(house_secrets.get(HOUSE_SECRET), secret, aad=_bound_to(account))


def _bound_to(account: Account) -> bytes:
    return envelope.context(HOUSE_SECRET, account.username)


def _matching_step(secret: bytes, digits: str, at: int) -> int | None:
    current = at // STEP
    for step in (current, current - 1, current + 1):
        expected = f"{hotp(secret, step):06d}"
        if hmac.compare_digest(expected, digits):
            return step
    return None


def _new_recovery_code() -> str:
    raw = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(raw[start : start + 4] for start in range(0, 16, 4))


def _digest(account: Account, code: str) -> str:
    """80 random bits need no slow hash; the username ties the digest to its account."""
    plain = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.sha256(f"{account.username}|{plain}".encode()).hexdigest()

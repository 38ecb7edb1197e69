"""Codes to an address that somebody has just typed, to join or to act for a child.

They work as sign-in codes do (six digits, hashed, 10 minutes, 5 tries, once), but there is no person yet to count
for: to one address 10 codes leave in an hour. Whoever asks gets the same answer at the same cost, whether a code
was sent or not.
"""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import F

from compliance.auth import throttle
from compliance.keyring import digests, keys
from compliance.models import Service
from members.actions import delivery
from members.actions.access_code import LIFE, RESEND, TRIES, UNSENT
from members.models import AccessCode, DataSubject, Delivery, PendingJoin

CODE, KNOWN, REPRESENT, NONE = "join_code", "join_known", "represent_code", ""


@dataclass(frozen=True)
class Letter:
    """What is sent to the address: an event (or ``NONE``), and whether a code that works stands in it."""

    event: str
    works: bool


@dataclass(frozen=True)
class Tried:
    """Whether the digits were right, or why not: ``wrong``, ``expired`` or ``too_many``."""

    right: bool = False
    reason: str = ""
    tries_left: int = 0


def issue(
    service: Service,
    address: str,
    *,
    letter: Letter,
    purpose: str,
    pending: PendingJoin | None = None,
    subject: DataSubject | None = None,
    language: str,
    now: datetime,
) -> AccessCode:
    """Open an attempt and write its letter; above 10 an hour to one address nothing leaves."""
    digits = f"{secrets.randbelow(1_000_000):06d}"
    hashed = make_password(digits)
    may_send = _may_send(service, address, now)
    code = AccessCode.objects.create(
        token=secrets.token_urlsafe(32),
        subject=subject,
        pending=pending,
        service=service,
        purpose=purpose,
        code_hash=hashed if may_send and letter.works else UNSENT,
        created_at=now,
        expires_at=now + LIFE,
    )
    if may_send and letter.event:
        _send(code, address, letter, digits, language=language, now=now)
    else:
        _work_as_if_sent()
    return code


def check(code: AccessCode, digits: str, *, now: datetime) -> Tried:
    """Compare what was typed; a right code is used up by it, so that two tabs cannot both win."""
    if now >= code.expires_at:
        return Tried(reason="expired")
    mine = AccessCode.objects.filter(pk=code.pk, used_at=None)
    if not mine.filter(tries__lt=TRIES).update(tries=F("tries") + 1):
        return Tried(reason="too_many")
    left = max(TRIES - code.tries - 1, 0)
    if not check_password(digits, code.code_hash):
        return Tried(reason="wrong" if left else "too_many", tries_left=left)
    return Tried(right=True) if mine.update(used_at=now) else Tried(reason="expired")


def give_up(code: AccessCode, *, now: datetime) -> None:
    """Make a code worthless, because another one takes its place."""
    AccessCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now)


def resend_at(code: AccessCode) -> datetime:
    """Return the moment from which the next code may be asked for."""
    return code.created_at + RESEND


def open_attempt(token: str, service: Service, purpose: str) -> AccessCode | None:
    """Return the attempt that a browser made, if it was not used yet."""
    codes = AccessCode.objects.select_related("service", "pending__service", "subject__service")
    mine = codes.filter(token=token, service=service, purpose=purpose, used_at=None)
    return mine.first() if token else None


def _work_as_if_sent() -> None:
    """Make a key and forget it: as many commits as writing a message takes, so that time tells nothing."""
    key = uuid.uuid4()
    keys.create([key])
    keys.destroy([key])


def _may_send(service: Service, address: str, now: datetime) -> bool:
    keys = {"code_address": digests.throttle("code_address", f"{service.slug}|{address}")}
    if throttle.blocked_until(keys, now=now):
        return False
    throttle.failed(keys, now=now)
    return True


def _send(
    code: AccessCode, address: str, letter: Letter, digits: str, *, language: str, now: datetime
) -> None:
    figures: Mapping[str, Any] = {
        "code": digits if letter.works else "",
        "expires_at": code.expires_at.isoformat(),
    }
    delivery.plan_to(
        address,
        letter.event,
        code.token,
        kind=Delivery.Kind.CODE,
        service=code.service,
        language=language,
        figures=figures,
        now=now,
    )

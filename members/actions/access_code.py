"""Codes that prove an address is somebody's own: six digits, hashed, for 10 minutes and 5 tries.

Whoever asks gets the same answer at the same cost, found or not: a decoy is a code that nobody was sent.
To one person a code leaves at most every 60 seconds and 10 times an hour; for a browser from which the person
signed in before there is more, because others may have used the hour up. Asking again sooner gives the
new attempt the code that is under way, so that the mail fits whichever page is open; it ends when that code
ends, and the first page on which it is typed uses it up for all of them.
"""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F, Min, Sum

from compliance import ledger
from compliance.keyring import keys
from compliance.models import Service
from members.actions import delivery
from members.models import AccessCode, DataSubject

LIFE = timedelta(minutes=10)
RESEND = timedelta(seconds=60)
TRIES = 5
HOUR = timedelta(hours=1)
CODES_AN_HOUR, TRIES_AN_HOUR = 10, 25
CODES_FROM_KNOWN = 20
UNSENT = "!"  # No digits fit it: nothing was sent, so nothing can be right.


@dataclass(frozen=True)
class Checked:
    """Who proved to be somebody, or why not: ``wrong``, ``expired`` or ``too_many``."""

    subject: DataSubject | None = None
    reason: str = ""
    tries_left: int = 0


def issue(
    service: Service,
    subject: DataSubject | None,
    *,
    purpose: str,
    language: str,
    now: datetime,
    from_known: bool = False,
) -> AccessCode:
    """Open an attempt and send its code; ``subject`` None makes a decoy. ``language`` is that of the page.

    ``from_known``: asked for from a device from which this person signed in before.
    """
    digits = f"{secrets.randbelow(1_000_000):06d}"
    fresh_hash = make_password(digits)
    running = _running(subject, purpose, now)
    may_send = _may_send(subject, purpose, now, CODES_FROM_KNOWN if from_known else CODES_AN_HOUR)
    code_hash, expires_at = fresh_hash, now + LIFE
    if subject is not None and not may_send:
        code_hash = running.code_hash if running else UNSENT
        expires_at = running.expires_at if running else expires_at
    code = AccessCode.objects.create(
        token=secrets.token_urlsafe(32),
        subject=subject,
        service=service,
        purpose=purpose,
        code_hash=code_hash,
        created_at=now,
        expires_at=expires_at,
    )
    if subject is not None and may_send:
        delivery.plan_code(code, digits, language=language, now=now)
    else:
        _work_as_if_sent()
    return code


def issue_again(
    code: AccessCode, *, language: str, now: datetime, from_known: bool = False
) -> AccessCode:
    """Replace an attempt by a new one for the same person; the old code is worth nothing from now on."""
    AccessCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now)
    return issue(
        code.service,
        code.subject,
        purpose=code.purpose,
        language=language,
        now=now,
        from_known=from_known,
    )


def give_up_all(subject: DataSubject, *, now: datetime) -> int:
    """Make every code under way for a person worthless, because it went to an address that no longer counts."""
    return AccessCode.objects.filter(subject=subject, used_at=None).update(used_at=now)


def resend_at(code: AccessCode) -> datetime:
    """The moment from which the next code may be asked for."""
    return code.created_at + RESEND


def open_attempt(token: str, service: Service) -> AccessCode | None:
    """The attempt that a browser made at a service, if it was not used yet."""
    codes = AccessCode.objects.select_related("service", "subject__account", "subject__service")
    return codes.filter(token=token, service=service, used_at=None).first() if token else None


def check(code: AccessCode, digits: str, *, now: datetime, from_known: bool = False) -> Checked:
    """Compare what was typed; a right code is used up by it, so neither two tabs nor two browsers both win.

    Who guesses at somebody from many places closes the door to all but the devices that the person used before.
    """
    if now >= code.expires_at:
        return Checked(reason="expired")
    if not AccessCode.objects.filter(pk=code.pk, used_at=None, tries__lt=TRIES).update(
        tries=F("tries") + 1
    ):
        return Checked(reason="too_many")
    left = max(TRIES - code.tries - 1, 0)
    right = check_password(digits, code.code_hash) and (
        not _is_hammered(code.subject, now) or from_known
    )
    if not right or code.subject is None:
        return Checked(reason="wrong" if left else "too_many", tries_left=left)
    return _accept(code, now) or Checked(reason="expired")


def _accept(code: AccessCode, now: datetime) -> Checked | None:
    with transaction.atomic():
        DataSubject.objects.select_for_update().filter(pk=code.subject_id).first()
        if not AccessCode.objects.filter(pk=code.pk, used_at=None).update(used_at=now):
            return None
        AccessCode.objects.filter(
            subject=code.subject_id, code_hash=code.code_hash, used_at=None
        ).update(used_at=now)
        DataSubject.objects.filter(pk=code.subject_id).update(last_used_at=now)
        ledger.record(
            "members.access_code.accepted",
            actor=ledger.THEMSELVES,
            now=now,
            service=code.service,
            subject=code.subject.public_id,
            data={"purpose": code.purpose},
        )
    return Checked(subject=code.subject)


def _work_as_if_sent() -> None:
    """Make a key and forget it: two commits, as many as writing a message takes, so time tells nothing."""
    key = uuid.uuid4()
    keys.create([key])
    keys.destroy([key])


def _running(subject: DataSubject | None, purpose: str, now: datetime) -> AccessCode | None:
    if subject is None:
        return None
    return (
        AccessCode.objects.filter(
            subject=subject, purpose=purpose, used_at=None, expires_at__gt=now
        )
        .exclude(code_hash=UNSENT)
        .order_by("-created_at")
        .first()
    )


def _may_send(subject: DataSubject | None, purpose: str, now: datetime, most: int) -> bool:
    """Whether the last code sent is 60 seconds old and the hour is not used up; sharing a code sends none."""
    asked = AccessCode.objects.filter(subject=subject, purpose=purpose, created_at__gt=now - HOUR)
    sent = asked.exclude(code_hash=UNSENT).values("code_hash").annotate(at=Min("created_at"))
    moments = list(sent.order_by("-at").values_list("at", flat=True)[:most])
    return not moments or (now - moments[0] >= RESEND and len(moments) < most)


def _is_hammered(subject: DataSubject | None, now: datetime) -> bool:
    """Whether somebody has guessed at this person from many places within the hour."""
    tried = AccessCode.objects.filter(subject=subject, created_at__gt=now - HOUR)
    return (tried.aggregate(sum=Sum("tries"))["sum"] or 0) > TRIES_AN_HOUR

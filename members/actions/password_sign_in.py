"""Signing in with a password: the same work and the same brakes whether there is such a person or not."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from compliance import ledger
from compliance.auth import throttle
from compliance.keyring.normal_forms import normalise
from compliance.models import Account, Service
from members import auth, passwords
from members.actions import known_device
from members.models import DataSubject


@dataclass(frozen=True)
class Tried:
    """Who proved to be somebody; else nobody, and until when no try counts if there were too many."""

    subject: DataSubject | None = None
    blocked_until: datetime | None = None


def sign_in(
    service: Service, identifier: str, raw: str, *, address: str, browser: str, now: datetime
) -> Tried:
    """Find the member and compare the password. A block is that of what was typed: it tells nothing about anybody."""
    found = auth.find_member(service, identifier)
    known = known_device.is_known(found, address=address, browser=browser, now=now)
    name = f"{service.slug}|{normalise('login_id', identifier)}"
    keys = throttle.sign_in_keys(name, address, known_device=known)
    return _try(found, found.account if found else None, raw, keys, purpose="sign_in", now=now)


def prove(subject: DataSubject, raw: str, *, address: str, now: datetime) -> Tried:
    """Compare the password of somebody who is signed in, before something that lasts; five wrong ones block."""
    keys = throttle.sign_in_keys(f"proof|{subject.public_id}", address, known_device=False)
    return _try(subject, subject.account, raw, keys, purpose="step_up", now=now)


def _try(
    subject: DataSubject | None,
    account: Account | None,
    raw: str,
    keys: throttle.Keys,
    *,
    purpose: str,
    now: datetime,
) -> Tried:
    blocked = throttle.blocked_until(keys, now=now)
    if blocked is not None:
        return Tried(blocked_until=blocked)
    if not passwords.fits(account, raw) or subject is None:
        throttle.failed(keys, now=now)
        return Tried()
    throttle.succeeded(keys)
    _accept(subject, purpose, now)
    return Tried(subject)


def _accept(subject: DataSubject, purpose: str, now: datetime) -> None:
    with transaction.atomic():
        DataSubject.objects.filter(pk=subject.pk).update(last_used_at=now)
        ledger.record(
            "members.password.accepted",
            actor=ledger.THEMSELVES,
            now=now,
            service=subject.service,
            subject=subject.public_id,
            data={"purpose": purpose},
        )

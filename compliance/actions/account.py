"""Transitions of staff accounts: opened, appointed, signed in, second factor set and reset."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from compliance import ledger
from compliance.actions import session
from compliance.auth import totp
from compliance.auth.session_store import owner_of_account
from compliance.models import Account, OfficerAppointment, Service


def open_staff(
    email: str, full_name: str, password: str, *, actor: Account | None, now: datetime
) -> Account:
    """A staff account; the caller hands the password over. Raises IntegrityError if it exists."""
    with transaction.atomic():
        account = Account.objects.create_staff(
            email, password, full_name=full_name, password_changed_at=now
        )
        ledger.record(
            "compliance.account.created",
            actor=actor,
            now=now,
            obj=f"account:{account.pk}",
            data={"account": account.username},
        )
    return account


def appoint(
    account: Account,
    service: Service,
    role: str,
    *,
    appointed_on: date,
    published: bool = False,
    public_title: str = "",
    public_phone: str = "",
    actor: Account | None,
    now: datetime,
) -> OfficerAppointment:
    """A running appointment; an existing one of the same role is returned unchanged.

    With `published` the officer stands on the policy page with title and telephone.
    """
    with transaction.atomic():
        appointment, is_new = OfficerAppointment.objects.get_or_create(
            account=account,
            service=service,
            role=role,
            ended_on=None,
            defaults={
                "appointed_on": appointed_on,
                "published": published,
                "public_title": public_title,
                "public_phone": public_phone,
            },
        )
        if is_new:
            ledger.record(
                "compliance.officer.appointed",
                actor=actor,
                now=now,
                service=service,
                obj=f"officerappointment:{appointment.pk}",
                data={"account": account.username, "role": role},
            )
    return appointment


def relieve(
    appointment: OfficerAppointment, *, ended_on: date, actor: Account | None, now: datetime
) -> bool:
    """End a running appointment; False if it had ended before. Nobody ends an own appointment.

    Raises PermissionError for the own one, so that a service is not left without a chief officer.
    """
    if actor is not None and appointment.account_id == actor.pk:
        raise PermissionError("an officer cannot end an own appointment")
    with transaction.atomic():
        running = OfficerAppointment.objects.filter(pk=appointment.pk, ended_on=None)
        if not running.update(ended_on=ended_on):
            return False
        ledger.record(
            "compliance.officer.relieved",
            actor=actor,
            now=now,
            service=appointment.service,
            obj=f"officerappointment:{appointment.pk}",
            data={"account": appointment.account.username, "role": appointment.role},
        )
    return True


def note_sign_in(account: Account, *, now: datetime) -> None:
    """Write a completed sign-in of an officer to the ledger."""
    _record("compliance.account.signed_in", account, now=now)


def close_staff(account: Account, *, actor: Account | None, now: datetime) -> bool:
    """Close a staff account and end its sessions at once; False if it was closed before.

    Raises PermissionError for the own one, so that nobody locks the house from inside.
    """
    if actor is not None and account.pk == actor.pk:
        raise PermissionError("nobody closes an own account")
    with transaction.atomic():
        running = Account.objects.filter(pk=account.pk, is_staff=True, is_active=True)
        if not running.update(is_active=False):
            return False
        ended = session.end_all(owner_of_account(account.pk))
        ledger.record(
            "compliance.account.closed",
            actor=actor,
            now=now,
            obj=f"account:{account.pk}",
            data={"account": account.username, "sessions": ended},
        )
    return True


def note_password_change(account: Account, *, keep_session: str = "", now: datetime) -> None:
    """Note the day of a new password: renewal counts from it (MIKMIK 12.3). Other sessions end."""
    with transaction.atomic():
        session.end_all(owner_of_account(account.pk), keep=keep_session)
        account.password_changed_at = now
        account.save(update_fields=["password_changed_at"])
        _record("compliance.account.password_changed", account, now=now)


def enrol_second_factor(account: Account, code: str, *, now: datetime) -> list[str] | None:
    """Confirm an enrolment; returns the recovery codes to show once, or None for a wrong code."""
    with transaction.atomic():
        codes = totp.confirm(account, code, now=now)
        if codes is not None:
            _record("compliance.account.second_factor_enrolled", account, now=now)
    return codes


def pass_second_factor(account: Account, code: str, *, now: datetime) -> bool:
    """Whether a time code or a recovery code is right; a recovery code used up is recorded."""
    if totp.accept(account, code, now=now):
        return True
    with transaction.atomic():
        if not totp.accept_recovery(account, code):
            return False
        left = len(account.recovery_codes)
        _record("compliance.account.recovery_code_used", account, now=now, left=left)
    return True


def reset_second_factor(account: Account, *, actor: Account | None, now: datetime) -> None:
    """Recovery path for a lost telephone: the next sign-in enrols anew, the password stays."""
    with transaction.atomic():
        totp.forget(account)
        ledger.record(
            "compliance.account.second_factor_reset",
            actor=actor,
            now=now,
            obj=f"account:{account.pk}",
            data={"account": account.username},
        )


def _record(code: str, account: Account, *, now: datetime, **data: int) -> None:
    with transaction.atomic():
        ledger.record(code, actor=account, now=now, obj=f"account:{account.pk}", data=data)

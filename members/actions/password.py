"""The password of a person: chosen, changed and taken away. Other sessions end by it, and a mail says so."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction

from compliance import ledger
from compliance.actions import session
from compliance.auth.session_store import owner_of_account
from compliance.models import Account
from members import passwords
from members.actions import sign_in_mail
from members.among import Among
from members.models import DataSubject


def set_password(
    account: Account, raw: str, *, actor: Any, now: datetime, keep_session: str = ""
) -> None:
    """Give an account of a person a new password; its sessions end, except the one with the key ``keep_session``.

    Raises ``ValidationError``, in words for the person, for a password that is short or easy to guess.
    """
    set_prepared(account, passwords.prepare(raw), actor=actor, now=now, keep_session=keep_session)


def choose(
    subject: DataSubject, raw: str, *, actor: Any, now: datetime, keep_session: str = ""
) -> Account:
    """Give a member a password, with an account to keep it on where there was none; returns the account.

    Raises ``ValidationError`` as ``set_password`` does, and writes nothing then.
    """
    prepared = passwords.prepare(raw)
    account = subject.account or _open_account(subject)
    set_prepared(account, prepared, actor=actor, now=now, keep_session=keep_session)
    return account


def set_prepared(
    account: Account, prepared: str, *, actor: Any, now: datetime, keep_session: str = ""
) -> None:
    """The same with what ``passwords.prepare`` made earlier: joining asks for the password before there is a person.

    An account that belongs to nobody yet, or to somebody who is joining, gets no mail: nothing has changed for them.
    """
    first = not account.has_usable_password()
    account.password = prepared
    code = "members.password.set"
    subject = _write(account, code, actor, now, keep_session, data={"first": first})
    if subject is not None:
        what = sign_in_mail.SET if first else sign_in_mail.CHANGED
        sign_in_mail.plan(subject, what, now=now)


def remove(account: Account, *, actor: Any, now: datetime, keep_session: str = "") -> bool:
    """Take the password away, so that only codes by e-mail let in; False if there was none."""
    if not account.has_usable_password():
        return False
    account.set_unusable_password()
    subject = _write(account, "members.password.removed", actor, now, keep_session, data={})
    if subject is not None:
        sign_in_mail.plan(subject, sign_in_mail.REMOVED, now=now)
    return True


def forget_of(people: Collection[int]) -> int:
    """Destroy the passwords of people who are set apart: a code opens the account again, and nothing of it stays here.

    Called inside the transaction that sets them apart; returns how many had one.
    """
    accounts = DataSubject.objects.filter(Among("pk", people)).values("account")
    with_one = Account.objects.filter(pk__in=accounts, is_staff=False)
    return with_one.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX).update(
        password=UNUSABLE_PASSWORD_PREFIX
    )


def _open_account(subject: DataSubject) -> Account:
    """Open the account of a member who came in without one; two tabs at once open one."""
    with transaction.atomic():
        locked = (
            DataSubject.objects.select_for_update().select_related("account").get(pk=subject.pk)
        )
        if locked.account is None:
            locked.account = Account.objects.create_member(language=locked.language)
            locked.save(update_fields=["account"])
    subject.account = locked.account
    return locked.account


def _write(
    account: Account,
    code: str,
    actor: Any,
    now: datetime,
    keep_session: str,
    *,
    data: dict[str, Any],
) -> DataSubject | None:
    """Store, end sessions and record; returns the person to be told."""
    subject = DataSubject.objects.select_related("service").filter(account=account).first()
    with transaction.atomic():
        account.password_changed_at = now
        account.save(update_fields=["password", "password_changed_at"])
        ended = session.end_all(owner_of_account(account.pk), keep=keep_session)
        if subject is not None:
            ended += session.end_all(subject.public_id, keep=keep_session)
        ledger.record(
            code,
            actor=actor,
            now=now,
            service=subject.service if subject else None,
            subject=subject.public_id if subject else None,
            obj=f"account:{account.pk}",
            data={**data, "sessions": ended},
        )
    return subject if subject and subject.status != DataSubject.Status.JOINING else None

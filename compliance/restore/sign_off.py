"""Two officers look at what was repeated after a restore: one asks, another one signs exactly that, and it opens."""

import re
from datetime import datetime

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import transaction

from compliance import ledger, marks, tail
from compliance.auth import throttle, totp
from compliance.models import Account, LedgerEntry, RestoreReport
from compliance.restore import guard, reports
from compliance.restore.findings import DEFAULT, TAIL
from compliance.restore.state import ALIASES, findings
from compliance.roles import may

REPLAYED, SIGNED_OFF = RestoreReport.State.REPLAYED, RestoreReport.State.SIGNED_OFF
NEEDED = ("ledger.view", "retention.approve")
TAIL_LOST = ("disk-lost", "moved", "deleted", "unknown")
ALONE = re.compile(r"[a-z][a-z-]{4,59}")  # A reason, typed in small letters and hyphens.
TERMINAL = "terminal"  # Stands for a network address in the brakes on guessing.


class SignOffRefused(RuntimeError):
    """The application stays closed; ``reason`` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def officer(email: str, password: str, *, now: datetime) -> Account:
    """Return the account of an officer who may sign off. Raises ``SignOffRefused``; failures slow down."""
    keys = throttle.sign_in_keys(email, TERMINAL, known_device=True)
    if throttle.blocked_until(keys, now=now):
        raise SignOffRefused("too-many-tries")
    account = authenticate(None, email=email, password=password)
    if not isinstance(account, Account):
        throttle.failed(keys, now=now)
        raise SignOffRefused("not-you")
    throttle.succeeded(keys)
    if not all(may(account, permission) for permission in NEEDED):
        raise SignOffRefused("role")
    return account


def officers() -> list[Account]:
    """Return everybody who may ask and sign, by name."""
    staff = Account.objects.filter(is_staff=True, is_active=True).order_by("full_name", "pk")
    return [one for one in staff if all(may(one, permission) for permission in NEEDED)]


def needs_code(account: Account) -> bool:
    """Tell whether the second step has to be asked for."""
    return not settings.DEMO and account.totp_confirmed_at is not None


def check_code(account: Account, code: str, *, now: datetime) -> None:
    """Take a time code or a recovery code. Raises ``SignOffRefused``."""
    keys = throttle.second_factor_keys(account.get_username())
    if throttle.blocked_until(keys, now=now):
        raise SignOffRefused("too-many-tries")
    if not (totp.accept(account, code, now=now) or totp.accept_recovery(account, code)):
        throttle.failed(keys, now=now)
        raise SignOffRefused("not-you")
    throttle.succeeded(keys)


def ready(*, tail_lost: str = "") -> RestoreReport:
    """Return the report that may be signed off now. Raises ``SignOffRefused`` with what is missing."""
    report = reports.unsigned()
    if report is None:
        raise SignOffRefused("replay-first" if findings() else "nothing-found")
    if report.state != REPLAYED or _changed(report):
        raise SignOffRefused("replay-first")
    if TAIL in report.names and tail_lost not in TAIL_LOST:
        raise SignOffRefused("tail-lost")
    return report


def ask(report: RestoreReport, account: Account, *, now: datetime) -> None:
    """Note who asks; another officer has to sign the digest that the report has now."""
    report.asked_by, report.asked_at = account, now
    report.save(update_fields=["asked_by", "asked_at"])


def refuse_unless_second(
    report: RestoreReport, account: Account, *, shown: str, alone: str = ""
) -> None:
    """Raise ``SignOffRefused`` unless somebody else asked and ``shown`` is the digest of the report.

    Where the house has one such officer only, ``alone`` says why: ``ask-first``, ``own-request``, ``other-report``,
    ``not-alone`` and ``alone-reason`` are the codes of refusal.
    """
    if shown != report.digest:
        raise SignOffRefused("other-report")
    if alone:
        if len(officers()) > 1:
            raise SignOffRefused("not-alone")
        if not ALONE.fullmatch(alone):
            raise SignOffRefused("alone-reason")
        return
    if report.asked_by_id is None:
        raise SignOffRefused("ask-first")
    if report.asked_by_id == account.pk:
        raise SignOffRefused("own-request")


def sign(
    report: RestoreReport,
    account: Account,
    *,
    shown: str,
    now: datetime,
    tail_lost: str = "",
    alone: str = "",
) -> None:
    """Let tail and ledger go on from where they agree, and open. May be stopped anywhere and repeated."""
    refuse_unless_second(report, account, shown=shown, alone=alone)
    if DEFAULT in report.names:
        tail.restart(reports.shared_point(), {"report": report.pk, "at": now.isoformat()})
    tail.catch_up()
    with transaction.atomic():
        report.state, report.signed_off_at, report.signed_off_by = SIGNED_OFF, now, account
        report.tail_lost = tail_lost if TAIL in report.names else ""
        report.alone = alone
        report.save()
        _record(report, account, now)
    tail.keep_up()
    guard.look()


def _changed(report: RestoreReport) -> bool:
    """Tell whether anything was put back, or the tail was lost, since the replay."""
    if any(marks.read(alias) != report.ledger_seq for alias in ALIASES):
        return True
    if not _ledger_has((report.ledger_seq, report.ledger_hash)):
        return True
    if tail.newest() != (report.tail_seq, report.tail_hash) and not _ledger_has(tail.newest()):
        return True
    return not {one.name for one in findings() if one.name not in ALIASES} <= set(report.names)


def _ledger_has(head: tuple[int, str]) -> bool:
    seq, digest = head
    return not seq or LedgerEntry.objects.filter(seq=seq, hash=digest).exists()


def _record(report: RestoreReport, account: Account, now: datetime) -> None:
    ledger.record(
        "compliance.restore.signed_off",
        actor=account,
        now=now,
        obj=f"restorereport:{report.pk}",
        data={
            "databases": report.names,
            "repeated": report.repeated,
            "left": report.open_steps,
            "tail": report.tail_seq,
            "common": report.common_seq,
            "tail_lost": report.tail_lost or None,
            "report": report.digest,
            "asked_by": report.asked_by.username if report.asked_by else None,
            "alone": report.alone or None,
        },
    )

"""Official documents: taken in sealed, looked at by one officer for the check only, destroyed once it is recorded.

Source: ENG-4.7, X-ENG-4. Result and day stay as evidence; the scan goes with its key, and a certificate says so.
"""

from base64 import b64decode, b64encode
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from compliance import ledger
from compliance.actions import certificate
from compliance.models import Account
from compliance.sweeps import Report
from members import gate
from members.actions import record
from members.gate import policy_for
from members.models import DataSubject, IdentityCheck, Record, Restriction
from members.rules import identity_check as rule

SOURCE = "identity_check"
PATIENCE = timedelta(minutes=10)  # A scan without a row of a check is what a stop left.


class NotPossible(ValueError):
    """The document cannot be taken in, looked at or checked like this; the text is a code."""


def take_in(
    subject: DataSubject,
    *,
    document: str,
    purpose: str,
    content: bytes,
    actor: Account,
    now: datetime,
) -> IdentityCheck:
    """Seal a scan of at most 5 MiB and open its check.

    Raises ``NotPossible``: ``no_documents`` (the policy takes none of this person), ``purpose_not_stated``,
    ``too_large``, ``not_a_scan`` (neither PDF, JPEG nor PNG), ``waiting`` (another document waits already).
    """
    policy = policy_for(subject.service, now)
    item, media = rule.item_for(policy, subject.kind), rule.media_of(content)
    if not item:
        raise NotPossible("no_documents")
    if purpose not in rule.purposes_for(policy, subject.kind):
        raise NotPossible("purpose_not_stated")
    if len(content) > rule.MOST_BYTES:
        raise NotPossible("too_large")
    if not media:
        raise NotPossible("not_a_scan")
    if subject.identity_checks.filter(checked_at=None).exists():
        raise NotPossible("waiting")
    values = {item: {"media": media, "content": b64encode(content).decode()}}
    [kept] = record.keep(
        subject, values, occurred_at=now, source=SOURCE, policy=policy, actor=actor, now=now
    )
    with transaction.atomic():
        check = IdentityCheck.objects.create(
            subject=subject,
            service=subject.service,
            document=IdentityCheck.Document(document),
            purpose=purpose,
            media=media,
            scan=kept.pk,
            taken_in_at=now,
            taken_in_by=actor,
        )
        _tell("members.identity_check.taken_in", check, actor, now, document=document)
    return check


def look(check: IdentityCheck, *, actor: Account, now: datetime) -> bytes:
    """Return the scan to the officer who checks it; each look is recorded with its purpose.

    Raises ``NotPossible``: ``gone`` (checked or destroyed), ``refused`` (the gate refuses, a dispute for instance).
    """
    kept = Record.objects.filter(pk=check.scan).first() if check.scan else None
    if kept is None or check.subject is None or check.checked_at:
        raise NotPossible("gone")
    [item] = kept.item_codes
    _, value = gate.reveal(check.subject, check.purpose, item, record=kept, actor=actor, now=now)
    if value is None:
        raise NotPossible("refused")
    return b64decode(value["content"])


def conclude(check: IdentityCheck, *, result: str, actor: Account, now: datetime) -> IdentityCheck:
    """Record the result; from now on the scan may go. Raises ``NotPossible("checked_already")``."""
    with transaction.atomic():
        waiting = IdentityCheck.objects.filter(pk=check.pk, checked_at=None)
        done = IdentityCheck.Result(result)
        if not waiting.update(result=done, checked_at=now, checked_by=actor):
            raise NotPossible("checked_already")
        _tell("members.identity_check.concluded", check, actor, now, result=result)
    check.refresh_from_db()
    return check


def destroy_scans(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy every scan whose check is recorded; ``held`` ones wait for the end of a hold."""
    report = Report()
    for check in to_destroy():
        if check.subject and _is_held(check.subject):
            report.skip("held")
            continue
        report.done += 1
        if not dry_run:
            _destroy(check, now)
    report.done += destroy_orphans(now, dry_run=dry_run)
    return report


def destroy_orphans(now: datetime, *, dry_run: bool = False) -> int:
    """Destroy scans that a stop left without a check, and return how many."""
    known = IdentityCheck.objects.filter(scan__isnull=False).values("scan")
    old = Record.objects.filter(source=SOURCE, created_at__lt=now - PATIENCE).exclude(pk__in=known)
    found = list(old.defer("sealed")[:100])
    return len(found) if dry_run else record.destroy(found, actor=None, now=now)


def to_destroy() -> QuerySet[IdentityCheck]:
    """Checks that are recorded, or whose person has gone, and whose scan is still noted as kept."""
    over = Q(checked_at__isnull=False) | Q(subject=None)
    rows = IdentityCheck.objects.filter(over, scan__isnull=False)
    return rows.select_related("subject", "service").order_by("pk")


def _is_held(subject: DataSubject) -> bool:
    return Restriction.objects.filter(
        subject=subject, ended_at=None, blocks_destruction=True
    ).exists()


def _destroy(check: IdentityCheck, now: datetime) -> None:
    """The record first, then row, certificate and ledger; a stop in between is finished by the next run."""
    kept = Record.objects.filter(pk=check.scan).first()
    line = _line(check, kept) if kept else None
    if kept:
        record.destroy([kept], actor=None, now=now)
    with transaction.atomic():
        mine = IdentityCheck.objects.filter(pk=check.pk, scan__isnull=False)
        if not mine.update(scan=None, scan_gone_at=now):
            return
        if line and check.subject:
            certificate.issue_for_person(
                check.service,
                check.subject.public_id,
                counts=[line],
                run=f"identity_check:{check.pk}",
                now=now,
            )
        _tell("members.identity_check.scan_destroyed", check, None, now)


def _line(check: IdentityCheck, kept: Record) -> dict[str, object]:
    policy = policy_for(check.service, kept.occurred_at)
    rules = [row for row in policy.retention if row.record_class == kept.record_class]
    code, clause = (rules[0].code, rules[0].clause) if rules else ("", "")
    return {"class": kept.record_class, "rule": code, "clause": clause, "records": 1}


def _tell(
    code: str, check: IdentityCheck, actor: Account | None, now: datetime, **data: object
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=check.service,
        subject=check.subject.public_id if check.subject else None,
        obj=f"identity_check:{check.pk}",
        data={"check": check.pk, **data},
    )

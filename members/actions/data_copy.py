"""A copy of one's data: asked for, written by the next sweep, taken a few times, destroyed when its days are over."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils.translation import override

from compliance import ledger
from compliance.keyring import keys, sealing
from compliance.models import Account
from compliance.sweeps import Report
from members import copy_contents, copy_file
from members.actions import delivery, rights_request
from members.actions.withdrawal import new_reference
from members.contacts import language_of
from members.gate import policy_for
from members.models import DataCopy, DataSubject, RightsRequest
from members.models.data_copy import MOST_DOWNLOADS
from members.rules import requests as rule

KIND, EVENT = "copy", "copy_ready"
LIFE, LEASE = timedelta(days=7), timedelta(minutes=5)
BATCH = 100
State = DataCopy.State
log = logging.getLogger(__name__)


class Gone(LookupError):
    """The copy has expired, was taken too often, or is destroyed; a new one can be asked for."""


def ask(
    subject: DataSubject,
    *,
    language: str,
    request: RightsRequest | None = None,
    now: datetime,
) -> DataCopy:
    """Ask for a copy, at once and free of any reason; one that is waiting already is the same one.

    An older copy that is still there is destroyed: one at a time. ``request`` is the one it answers, if an officer
    took it; it stays as it is.
    """
    with transaction.atomic():
        locked = (
            DataSubject.objects.select_for_update().select_related("service").get(pk=subject.pk)
        )
        waiting = DataCopy.objects.filter(subject=locked, state=State.WAITING).first()
        if waiting:
            return waiting
        destroy(DataCopy.objects.filter(subject=locked).values_list("pk", flat=True))
        copy = DataCopy.objects.create(
            subject=locked,
            request=request or _request(locked, now),
            language=language,
            asked_at=now,
            expires_at=now + LIFE,
        )
        _record("members.copy.asked", copy, now)
    return copy


def hand_over(request: RightsRequest, *, text: str, actor: Account, now: datetime) -> None:
    """Answer a request to see the data by a copy of all of it, which its person takes after signing in (MIK-5.3).

    Raises ``rights_request.NotPossible``: ``closed``, ``identity_not_checked``, ``not_held``.
    """
    subject = request.subject
    if subject is None or subject.status not in (subject.Status.ACTIVE, subject.Status.RESTRICTED):
        raise rights_request.NotPossible("not_held")
    rights_request.close(
        request, result="copy", text=text, is_told=bool(text), actor=actor, now=now
    )
    ask(
        subject,
        language=request.language or language_of(subject, policy_for(subject.service, now)),
        request=request,
        now=now,
    )


def write_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Write the copies that wait; one that fails is marked and told, and touches no other."""
    report = Report()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = DataCopy.objects.filter(free, state=State.WAITING).order_by("asked_at")
    for copy in waiting.select_related("subject__service", "request")[:BATCH]:
        problem = "" if dry_run else _attempt(copy, now)
        if problem:
            report.skip(problem)
        else:
            report.done += 1
    return report


def open_(copy: DataCopy, *, now: datetime) -> bytes:
    """Return the file to its person and count the download. Raises ``Gone``."""
    alive = DataCopy.objects.filter(
        pk=copy.pk, state=State.READY, expires_at__gt=now, downloads__lt=MOST_DOWNLOADS
    )
    dek = keys.open_([copy.pk]).get(copy.pk)
    with transaction.atomic():
        if dek is None or not alive.update(downloads=F("downloads") + 1):
            raise Gone
        _record("members.copy.taken", copy, now)
    return sealing.open_bytes(dek, copy.sealed, kind=KIND, id=copy.pk)


def destroy_expired(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy the copies whose days are over."""
    due = list(DataCopy.objects.filter(expires_at__lte=now).values_list("pk", flat=True))
    return Report(done=len(due) if dry_run else destroy(due))


def destroy_of(subject: DataSubject, now: datetime) -> int:
    """Destroy every copy of a person who leaves."""
    return destroy(DataCopy.objects.filter(subject=subject).values_list("pk", flat=True))


def destroy(ids: Iterable[UUID]) -> int:
    """Destroy the keys of copies, then their rows; safe to repeat."""
    gone = list(ids)
    keys.destroy(gone)
    DataCopy.objects.filter(pk__in=gone).delete()
    return len(gone)


def _claim(copy: DataCopy, now: datetime) -> bool:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = DataCopy.objects.filter(free, pk=copy.pk, state=State.WAITING)
    return bool(mine.update(lease_until=now + LEASE))


def _attempt(copy: DataCopy, now: datetime) -> str:
    """Return why a copy was not written, empty if it was; whatever is wrong with one touches no other."""
    if not _claim(copy, now):
        return "taken"
    try:
        return "" if _write(copy, now) else "overtaken"
    except (DatabaseError, OSError):
        raise
    except Exception as error:
        log.warning("copy %s failed: %s", copy.pk.hex[:8], type(error).__name__)
        DataCopy.objects.filter(pk=copy.pk).update(state=State.FAILED, lease_until=None)
        return "failed"


def _write(copy: DataCopy, now: datetime) -> bool:
    with override(copy.language):
        content = copy_file.packed(
            copy_contents.gather(copy.subject, now=now), language=copy.language
        )
    dek = keys.open_([copy.pk]).get(copy.pk) or keys.create([copy.pk])[copy.pk]
    with transaction.atomic():
        ready = DataCopy.objects.filter(pk=copy.pk, state=State.WAITING).update(
            state=State.READY,
            lease_until=None,
            sealed=sealing.seal_bytes(dek, content, kind=KIND, id=copy.pk),
            size=len(content),
            ready_at=now,
            expires_at=now + LIFE,
        )
        if ready:
            _close(copy.request, now)
            _record("members.copy.ready", copy, now)
    if not ready:
        keys.destroy([copy.pk])
        return False
    figures = {"until": (now + LIFE).isoformat()}
    delivery.plan_receipt(
        copy.subject, EVENT, copy.pk.hex, language=copy.language, figures=figures, now=now
    )
    return True


def _request(subject: DataSubject, now: datetime) -> RightsRequest:
    kind, channel = RightsRequest.Kind.ACCESS, RightsRequest.Channel.WEB
    due = rule.due(policy_for(subject.service, now), kind, channel, now)
    return RightsRequest.objects.create(
        due_at=due.at,
        clause=due.clause,
        identity=RightsRequest.Identity.SIGNED_IN,
        reference=new_reference(),
        subject=subject,
        service=subject.service,
        kind=kind,
        channel=channel,
        received_at=now,
    )


def _close(request: RightsRequest, now: datetime) -> None:
    waiting = RightsRequest.objects.filter(pk=request.pk, closed_at=None)
    waiting.update(state=RightsRequest.State.DONE, closed_at=now, answered_at=now)


def _record(code: str, copy: DataCopy, now: datetime) -> None:
    ledger.record(
        code,
        actor=None,
        now=now,
        service=copy.subject.service,
        subject=copy.subject.public_id,
        obj=f"copy:{copy.pk.hex}",
        data={},
    )

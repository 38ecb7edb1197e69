"""A child joins: the representative is asked at their own address, and agrees, refuses, or does not answer in time.

Until the answer nothing is held but what reaches the representative (LEJ-2.4, X-LEJ-11): no item of the child. A no
or silence destroys all. After a yes the address is destroyed as well; a digest of it stays, so that the
representative can come back and do what the child can (LEJ-RGT-7).
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.keyring import blind_index, keys, sealing
from compliance.ledger import REPRESENTATIVE
from compliance.models import PolicyVersion, Service
from compliance.selectors import policy_values
from compliance.sweeps import Report
from members.actions import delivery, joining, pending_join, record
from members.actions import subject as people
from members.models import DataSubject, Delivery, LegalRepresentative, PendingJoin
from members.rules.joining import ANSWER_WITHIN

KIND, FIELD = "representative", "email"
ASKED, UNANSWERED = "representative_asked", "representative_unanswered"
ASKED_BY = "representative"
BATCH = 200
State = LegalRepresentative.State


def ask(
    version: PolicyVersion, kind: str, address: str, *, language: str, now: datetime
) -> LegalRepresentative:
    """Write a child who waits, without any item, and ask the representative by mail.

    One address is asked about ten children an hour at most; the caller brakes.
    """
    service, pk, contact = version.service, uuid.uuid4(), uuid.uuid4()
    dek = keys.create([contact])[contact]
    sealed = sealing.seal_document(dek, {FIELD: address}, **_place(contact))
    blind_index.put_many([(_scope(service), FIELD, address, pk)])
    with transaction.atomic():
        child = people.admit(
            service,
            kind,
            language=language,
            source=joining.way(policy_values(version)),
            version=None,
            joined_at=now,
        )
        asked = LegalRepresentative.objects.create(
            id=pk,
            subject=child,
            contact=contact,
            sealed=sealed,
            language=language,
            asked_at=now,
            expires_at=now + ANSWER_WITHIN,
        )
        _record("members.representative.asked", asked, now, actor=ledger.THEMSELVES)
    _write(asked, ASKED, {"until": asked.expires_at.isoformat()}, now=now)
    return asked


def known_at(service: Service, address: str) -> list[LegalRepresentative]:
    """Return the representatives with this address whose child waits or is a member, the oldest first."""
    ids = blind_index.find(_scope(service), FIELD, address)
    rows = LegalRepresentative.objects.filter(pk__in=ids, subject__service=service)
    found = rows.select_related("subject__service", "subject__account").order_by("asked_at")
    return [one for one in found if one.subject.left_at is None]


def agree(asked: LegalRepresentative, pending: PendingJoin, *, now: datetime) -> DataSubject:
    """ASKED -> CONFIRMED: the child is a member, with the answers that the representative gave.

    Raises as ``joining.complete``, and ``pending_join.Gone`` for a question that is not open any more.
    """
    if asked.state != State.ASKED or pending.subject_id != asked.subject_id:
        raise pending_join.Gone
    version, contact = pending.version, asked.contact
    child = joining.complete(pending, actor=REPRESENTATIVE, asked_by=ASKED_BY, now=now)
    with transaction.atomic():
        LegalRepresentative.objects.filter(pk=asked.pk).update(
            state=State.CONFIRMED,
            method=LegalRepresentative.Method.EMAIL,
            version=version,
            contact=None,
            sealed=None,
            answered_at=now,
        )
        about = {"method": LegalRepresentative.Method.EMAIL.value, "version": version.number}
        _record("members.representative.confirmed", asked, now, **about)
    keys.destroy([contact])
    asked.refresh_from_db()
    return child


def refuse(asked: LegalRepresentative, version: PolicyVersion, *, now: datetime) -> None:
    """The representative says no: everything about the child and the representative is destroyed at once."""
    joining.refuse(version, now=now)
    _end(asked, "members.representative.refused", now, actor=REPRESENTATIVE)


def end_unanswered(now: datetime, *, dry_run: bool = False) -> Report:
    """Destroy what waits for an answer longer than told; the representative gets a last message first."""
    due = LegalRepresentative.objects.filter(state=State.ASKED, expires_at__lte=now)
    rows = list(due.select_related("subject__service").order_by("expires_at")[:BATCH])
    for one in () if dry_run else rows:
        _write(one, UNANSWERED, {}, now=now)
        _end(one, "members.representative.unanswered", now, actor=None)
    return Report(done=len(rows))


def note_sign_in(one: LegalRepresentative, *, now: datetime) -> None:
    """Record that a representative signed in for a child."""
    with transaction.atomic():
        _record("members.representative.signed_in", one, now)


def destroy_of(subject: DataSubject, now: datetime) -> int:
    """Destroy what is known of the representatives of somebody who leaves."""
    return _destroy(LegalRepresentative.objects.filter(subject=subject))


def _end(asked: LegalRepresentative, code: str, now: datetime, *, actor: Any) -> None:
    child = asked.subject
    pending_join.discard_of(child, now)
    record.destroy(list(child.records.all()), actor=None, now=now)
    with transaction.atomic():
        _record(code, asked, now, actor=actor)
        _destroy([asked])
        child.delete()


def _destroy(rows: Iterable[LegalRepresentative]) -> int:
    """Destroy keys and index entries, then the rows; safe to repeat."""
    found = list(rows)
    keys.destroy(_keys(found))
    LegalRepresentative.objects.filter(pk__in=[one.pk for one in found]).delete()
    return len(found)


def _keys(rows: Sequence[LegalRepresentative]) -> list[uuid.UUID]:
    return [key for one in rows for key in (one.pk, one.contact) if key]


def _write(
    asked: LegalRepresentative, event: str, figures: dict[str, Any], *, now: datetime
) -> None:
    """Write a message to a representative whose answer is open; without a readable address none leaves."""
    if asked.contact is None or asked.sealed is None:
        return
    dek = keys.open_([asked.contact]).get(asked.contact)
    if dek is None:
        return
    address = sealing.open_document(dek, asked.sealed, **_place(asked.contact))[FIELD]
    delivery.plan_to(
        address,
        event,
        asked.pk.hex,
        kind=Delivery.Kind.CONFIRMATION,
        service=asked.subject.service,
        language=asked.language,
        figures=figures,
        now=now,
    )


def _record(
    code: str, one: LegalRepresentative, now: datetime, *, actor: Any = REPRESENTATIVE, **data: Any
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=one.subject.service,
        subject=one.subject.public_id,
        obj=f"representative:{one.pk.hex}",
        data=data,
    )


def _scope(service: Service) -> str:
    """Representatives are found apart from the people of a service."""
    return f"{service.slug}:rep"


def _place(contact: uuid.UUID) -> dict[str, Any]:
    return {"kind": KIND, "id": contact, "subject": contact.hex, "record_class": KIND}

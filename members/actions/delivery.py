"""Messages to one person that somebody waits for: sign-in codes and confirmations.

Their address and figures are sealed into the row under a key of its own, because they may outlive the
person's records; the key is destroyed as soon as the message has a final state.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from compliance import ledger
from compliance.keyring import keys, sealing
from compliance.models import Account, Service
from compliance.selectors import policy_values
from members import addresses, gate
from members.contacts import address_items, language_of
from members.models import AccessCode, DataSubject, Delivery, Withdrawal

NAMESPACE = uuid.UUID("6c1f2a57-6f0c-5d0e-9d5b-3b8f4f0a7c11")
KIND = "delivery"


def delivery_id(*parts: object) -> uuid.UUID:
    """Return the id that the same parts always give, so that planning twice plans once."""
    return uuid.uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))


def message_id(id: uuid.UUID) -> str:
    """Return the Message-ID of a delivery: the same on every try, so that a receiver can drop a second copy."""
    return f"<{id.hex}@{settings.MAIL_DOMAIN}>"


def plan_code(access_code: AccessCode, digits: str, *, language: str, now: datetime) -> Delivery:
    """Write the message with a sign-in code; not sent after the code has expired.

    A person without a usable address gets a row with the reason instead.
    """
    subject = access_code.subject
    if subject is None:
        raise ValueError("a decoy has no message")
    delivery = _new(
        delivery_id("code", access_code.token),
        event="sign_in_code",
        kind=Delivery.Kind.CODE,
        subject=subject,
        language=language,
        now=now,
    )
    try:
        address = address_of(subject, "sign_in_code", now=now)
    except addresses.NoAddress as problem:
        return _unreachable(delivery, problem, now=now)
    values = {
        "address": address,
        "code": digits,
        "purpose": access_code.purpose,
        "expires_at": access_code.expires_at.isoformat(),
    }
    return _plan(delivery, values, actor=None, now=now)


def plan_confirmation(
    withdrawal: Withdrawal,
    *,
    address: str,
    figures: Mapping[str, Any],
    actor: Account | None,
    now: datetime,
) -> Delivery:
    """Write the message that confirms the end of a membership (MIK-8.1c); asking twice writes one.

    ``figures``: ``reference``, ``left_on`` (ISO date), ``destroyed`` (labels), ``kept`` and ``held`` (rows with
    ``label``, ``until`` (ISO date or ""), ``why``); no value of the person.
    """
    subject = withdrawal.subject
    delivery = _confirmation(withdrawal, subject, now)
    return _plan(delivery, {**figures, "address": address}, actor=actor, now=now)


def note_unreachable(
    withdrawal: Withdrawal, problem: addresses.NoAddress, *, now: datetime
) -> Delivery:
    """Write that a leaver has no address to confirm to; asking twice writes one."""
    return _unreachable(_confirmation(withdrawal, withdrawal.subject, now), problem, now=now)


def plan_receipt(
    subject: DataSubject,
    event: str,
    reference: str,
    *,
    language: str,
    figures: Mapping[str, Any],
    purpose: str = "confirmation",
    now: datetime,
) -> Delivery:
    """Write a message that confirms what a person has just done; the same reference twice writes one.

    ``figures`` hold labels, codes and moments, no value of the person. Somebody without a usable address gets a
    row with the reason instead. ``purpose`` is the duty by which the address may be used.
    """
    delivery = _new(
        delivery_id(event, subject.public_id, reference),
        event=event,
        kind=Delivery.Kind.CONFIRMATION,
        subject=subject,
        language=language,
        now=now,
    )
    try:
        address = address_of(subject, purpose, now=now)
    except addresses.NoAddress as problem:
        return _unreachable(delivery, problem, now=now)
    return _plan(delivery, {**figures, "address": address}, actor=None, now=now)


def plan_to(
    address: str,
    event: str,
    reference: str,
    *,
    kind: str,
    service: Service,
    subject: DataSubject | None = None,
    language: str,
    figures: Mapping[str, Any],
    now: datetime,
) -> Delivery:
    """Write a message to an address that somebody has just typed, and of whom no record is held yet.

    The same reference twice writes one. ``figures`` with ``expires_at`` are not sent after that moment.
    """
    delivery = _new(
        delivery_id(event, reference),
        event=event,
        kind=kind,
        service=service,
        subject=subject,
        language=language,
        now=now,
    )
    return _plan(delivery, {**figures, "address": address}, actor=None, now=now)


def address_of(subject: DataSubject, purpose: str, *, now: datetime) -> str:
    """Return a person's checked address for a duty purpose, through the gate. Raises ``NoAddress``."""
    policy = gate.policy_for(subject.service, now)
    items = address_items(policy)
    if subject.status == DataSubject.Status.DORMANT and purpose in gate.TO_SLEEPERS:
        given = gate.sleeper_values(subject, items, purpose=purpose, now=now)
    else:
        people = gate.audience([subject], purpose, items, service=subject.service, now=now)
        given = people[subject.pk]
    return addresses.pick(given.values, given.decision)


def contents_of(deliveries: list[Delivery]) -> dict[uuid.UUID, dict[str, Any]]:
    """Open the sealed figures of many messages; unreadable ones are absent."""
    documents = [
        _document(one, sealed=bytes(one.sealed)) for one in deliveries if one.sealed is not None
    ]
    return sealing.open_many(documents, unreadable=[])


def _confirmation(withdrawal: Withdrawal, subject: DataSubject, now: datetime) -> Delivery:
    return _new(
        delivery_id("confirmation", withdrawal.pk, subject.public_id),
        event="withdrawal_confirmed",
        kind=Delivery.Kind.CONFIRMATION,
        subject=subject,
        language=language_of(subject, policy_values(withdrawal.version)),
        now=now,
    )


def _new(
    id: uuid.UUID,
    *,
    event: str,
    kind: str,
    subject: DataSubject | None,
    service: Service | None = None,
    language: str,
    now: datetime,
) -> Delivery:
    return Delivery(
        id=id,
        event=event,
        kind=kind,
        subject=subject,
        service=service or (subject.service if subject else None),
        language=language,
        not_before=now,
        message_id=message_id(id),
        created_at=now,
    )


def _plan(
    delivery: Delivery, values: Mapping[str, Any], *, actor: Account | None, now: datetime
) -> Delivery:
    known = Delivery.objects.filter(pk=delivery.pk).first()
    if known:
        return known
    dek = keys.open_([delivery.pk]).get(delivery.pk) or keys.create([delivery.pk])[delivery.pk]
    place = _document(delivery, sealed=None)
    delivery.sealed = sealing.seal_document(
        dek, values, kind=KIND, id=place.id, subject=place.subject, record_class=place.record_class
    )
    return _write(delivery, actor=actor, now=now)


def _unreachable(delivery: Delivery, problem: addresses.NoAddress, *, now: datetime) -> Delivery:
    known = Delivery.objects.filter(pk=delivery.pk).first()
    if known:
        return known
    delivery.state = Delivery.State.REFUSED if problem.refused else Delivery.State.UNREACHABLE
    delivery.result, delivery.finished_at = problem.reason, now
    return _write(delivery, actor=None, now=now)


def _write(delivery: Delivery, *, actor: Account | None, now: datetime) -> Delivery:
    with transaction.atomic():
        delivery.save(force_insert=True)
        ledger.record(
            "members.delivery.planned",
            actor=actor,
            now=now,
            service=delivery.service,
            subject=delivery.subject.public_id if delivery.subject else None,
            obj=f"delivery:{delivery.pk.hex}",
            data={"event": delivery.event, "kind": delivery.kind},
        )
    return delivery


def _document(delivery: Delivery, *, sealed: bytes | None) -> sealing.Document:
    """Describe the sealed part to the sealing room; bound to the message itself, as the person may go first."""
    return sealing.Document(
        kind=KIND,
        id=delivery.pk,
        subject=delivery.pk.hex,
        record_class=delivery.event,
        sealed=sealed,
    )

"""People come in: a subject with opaque id, and their values as sealed records."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.ledger import Themselves
from compliance.models import Account, PolicyVersion, Service
from compliance.selectors import policy_values
from members.actions import record
from members.models import DataSubject, Record


def register(
    service: Service,
    kind: str,
    *,
    language: str,
    values: Mapping[str, Any],
    source: str,
    account: Account | None = None,
    version: PolicyVersion,
    joined_at: datetime,
    last_used_at: datetime | None = None,
    external_ref: str = "",
    actor: Account | None,
    now: datetime,
) -> DataSubject:
    """Write a subject and the records of its values. From nothing to ACTIVE; a stop before the end leaves JOINING.

    Raises ``record.ItemRefused`` for an item that the policy does not list for this kind of person.
    """
    subject = admit(
        service,
        kind,
        language=language,
        source=source,
        account=account,
        version=version,
        joined_at=joined_at,
        last_used_at=last_used_at,
    )
    try:
        fill(subject, values, version=version, external_ref=external_ref, actor=actor, now=now)
    except record.ItemRefused:
        subject.delete()
        raise
    return activate(subject, actor=actor, now=now)


def admit(
    service: Service,
    kind: str,
    *,
    language: str,
    source: str,
    account: Account | None = None,
    version: PolicyVersion | None,
    joined_at: datetime,
    last_used_at: datetime | None = None,
) -> DataSubject:
    """Write a person who is JOINING and of whom nothing is held yet."""
    return DataSubject.objects.create(
        service=service,
        kind=kind,
        status=DataSubject.Status.JOINING,
        language=language,
        account=account,
        agreed_version=version,
        source=source,
        joined_at=joined_at,
        last_used_at=last_used_at or joined_at,
    )


def fill(
    subject: DataSubject,
    values: Mapping[str, Any],
    *,
    version: PolicyVersion,
    external_ref: str = "",
    actor: Account | None,
    now: datetime,
) -> list[Record]:
    """Seal the values of somebody who is JOINING. Raises ``record.ItemRefused`` before anything is kept."""
    return record.keep(
        subject,
        values,
        occurred_at=subject.joined_at,
        source=subject.source,
        policy=policy_values(version),
        external_ref=external_ref,
        actor=actor,
        now=now,
    )


def activate(
    subject: DataSubject, *, actor: Account | Themselves | None, now: datetime
) -> DataSubject:
    """JOINING -> ACTIVE."""
    with transaction.atomic():
        subject.status = DataSubject.Status.ACTIVE
        subject.save(update_fields=["status"])
        ledger.record(
            "members.subject.registered",
            actor=actor,
            now=now,
            service=subject.service,
            subject=subject.public_id,
            data={"kind": subject.kind, "source": subject.source},
        )
    return subject

"""Reading what is kept apart: one officer asks for one person and one ground, a second releases, the first reads.

Invariants: only records whose rule allows the ground are opened; every opening and every refusal is in the ledger
before anything is shown; a release opens once, and ends after 30 minutes. Source: MIK-5.2a, LEJ-DES-2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.models import Account, Service
from compliance.roles import may
from compliance.rules.policy_values import Policy
from members import gate
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import ArchiveReading, DataSubject, Restriction
from members.rules.archive_reading import grounds_of

OPEN_FOR = timedelta(minutes=30)
State = ArchiveReading.State


class NotAllowed(PermissionError):
    """The reading is refused, and the refusal is in the ledger; the text is a code."""


@dataclass(frozen=True)
class Opened:
    """The asked items of one record apart, in clear."""

    record: ArchivedRecord
    values: Mapping[str, Any]


def grounds(person: ArchivedSubject, policy: Policy) -> dict[str, list[ArchivedRecord]]:
    """Return the closed list of grounds for a person, each with the records it opens; without their bytes.

    A copy of somebody who is still, or again, in daily use is nobody's: it gives no ground.
    """
    if person.why == ArchivedSubject.Why.DORMANT and not _is_dormant(person):
        return {}
    rows = Restriction.objects.filter(subject__public_id=person.public_id, ended_at=None)
    holds = frozenset(rows.values_list("ground", flat=True))
    found: dict[str, list[ArchivedRecord]] = {}
    for record in person.records.defer("sealed").order_by("occurred_at", "pk"):
        rule = policy.retention_by_code.get(record.rule_code)
        for ground in grounds_of(rule, holds) if rule else ():
            found.setdefault(ground, []).append(record)
    return found


def _is_dormant(person: ArchivedSubject) -> bool:
    found = DataSubject.objects.filter(public_id=person.public_id)
    return found.filter(status=DataSubject.Status.DORMANT).exists()


def ask(
    person: ArchivedSubject,
    *,
    service: Service,
    ground: str,
    items: Sequence[str],
    actor: Account,
    now: datetime,
) -> ArchiveReading:
    """Ask to read some items of one person for one ground; a second officer has to release it.

    Raises ``NotAllowed``: ``no_permission``, ``ground_not_allowed``, ``item_not_there``.
    """
    if not may(actor, "archive.ask", service):
        refuse("no_permission", service=service, person=person.public_id, actor=actor, now=now)
    records = grounds(person, gate.policy_for(service, now)).get(ground)
    if not records:
        refuse("ground_not_allowed", service=service, person=person.public_id, actor=actor, now=now)
    there = {item for record in records or () for item in record.item_codes}
    if not items or not there.issuperset(items):
        refuse("item_not_there", service=service, person=person.public_id, actor=actor, now=now)
    with transaction.atomic():
        reading = ArchiveReading.objects.create(
            service=service,
            person=person.public_id,
            ground=ground,
            items=sorted(items),
            asked_by=actor,
            asked_at=now,
        )
        _tell("members.archive.read_asked", reading, actor, now, items=len(reading.items))
    return reading


def release(reading: ArchiveReading, *, actor: Account, now: datetime) -> ArchiveReading:
    """Release another officer's reading for 30 minutes. Raises ``NotAllowed``: ``own_reading``, ``decided_already``."""
    until = now + OPEN_FOR
    _decide(reading, State.RELEASED, actor, now, open_until=until)
    return reading


def turn_down(reading: ArchiveReading, *, actor: Account, now: datetime) -> ArchiveReading:
    """Refuse another officer's reading; it is never opened."""
    _decide(reading, State.REFUSED, actor, now)
    return reading


def read(reading: ArchiveReading, *, actor: Account, now: datetime) -> list[Opened]:
    """Open the asked items, the first time only; the officer who asked, while it is released, what the rule allows.

    Raises ``NotAllowed``: ``no_permission``, ``somebody_elses``, ``not_released``, ``shown_already``, ``over``,
    ``nothing_left``.
    """
    reading.refresh_from_db()
    code = _obstacle(reading, actor, now)
    if code:
        _refuse_reading(reading, code, actor, now)
    person = ArchivedSubject.objects.filter(public_id=reading.person).first()
    policy = gate.policy_for(reading.service, now)
    records = grounds(person, policy).get(reading.ground, []) if person else []
    wanted = set(reading.items)
    records = [record for record in records if wanted.intersection(record.item_codes)]
    if not records:
        _refuse_reading(reading, "nothing_left", actor, now)
    with transaction.atomic():
        first = ArchiveReading.objects.filter(pk=reading.pk, openings=0).update(openings=1)
        if first:
            contents = gate.archived_in_custody(records)
            facts = {"items": len(wanted), "records": len(records)}
            _tell("members.archive.opened", reading, actor, now, **facts)
    if not first:
        _refuse_reading(reading, "shown_already", actor, now)
    return [
        Opened(record, {i: v for i, v in contents.get(record.pk, {}).items() if i in wanted})
        for record in records
    ]


def refuse(
    reason: str,
    *,
    service: Service | None,
    person: str | None,
    actor: Account | None,
    now: datetime,
    reading: int = 0,
) -> None:
    """Write a refusal into the ledger and raise ``NotAllowed``."""
    with transaction.atomic():
        ledger.record(
            "members.archive.read_refused",
            actor=actor,
            now=now,
            service=service,
            subject=person,
            obj=f"archive_reading:{reading}" if reading else "archive",
            data={"reading": reading, "reason": reason},
        )
    raise NotAllowed(reason)


def _decide(
    reading: ArchiveReading,
    state: str,
    actor: Account,
    now: datetime,
    *,
    open_until: datetime | None = None,
) -> None:
    if not may(actor, "archive.release", reading.service):
        _refuse_reading(reading, "no_permission", actor, now)
    if reading.asked_by_id == actor.pk:
        _refuse_reading(reading, "own_reading", actor, now)
    with transaction.atomic():
        waiting = ArchiveReading.objects.filter(pk=reading.pk, state=State.ASKED)
        decided = waiting.update(
            state=state, decided_by=actor, decided_at=now, open_until=open_until
        )
        if decided:
            reading.refresh_from_db()
            if open_until:
                _tell("members.archive.read_released", reading, actor, now, open_until=open_until)
            else:
                _tell("members.archive.read_turned_down", reading, actor, now)
    if not decided:
        _refuse_reading(reading, "decided_already", actor, now)


def _obstacle(reading: ArchiveReading, actor: Account, now: datetime) -> str:
    if not may(actor, "archive.ask", reading.service):
        return "no_permission"
    if reading.asked_by_id != actor.pk:
        return "somebody_elses"
    if reading.state != State.RELEASED or reading.open_until is None:
        return "not_released"
    if reading.openings:
        return "shown_already"
    return "" if now < reading.open_until else "over"


def _refuse_reading(reading: ArchiveReading, code: str, actor: Account, now: datetime) -> None:
    refuse(
        code,
        service=reading.service,
        person=reading.person,
        actor=actor,
        now=now,
        reading=reading.pk,
    )


def _tell(
    code: str, reading: ArchiveReading, actor: Account, now: datetime, **data: object
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=reading.service,
        subject=reading.person,
        obj=f"archive_reading:{reading.pk}",
        data={"reading": reading.pk, "ground": reading.ground, **data},
    )

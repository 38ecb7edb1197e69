"""Reads of the living floor for pages: who is this, what is held, why, and until when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from compliance.keyring import blind_index
from compliance.models import Service
from compliance.rules import retention
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Item, Policy
from compliance.rules.retention import Explanation, Fate, HeldRecord
from members import gate
from members.actions import case_flag
from members.actions.record import days
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Record, Restriction
from members.rules.leaving import Hold

NOT_HERE = (DataSubject.Status.JOINING, DataSubject.Status.DORMANT)


@dataclass(frozen=True)
class HeldItem:
    """One item held about a person, for the page that explains it.

    ``value`` is the person's own value; ``purposes`` are codes; ``explanation`` says why and until when.
    """

    code: str
    label: str
    record_class: str
    occurred_on: date
    value: Any
    purposes: tuple[str, ...]
    source: str
    explanation: Explanation
    record_id: str = ""

    @property
    def kept_until(self) -> date | None:
        """Last local day of keeping, where one is known."""
        return self.explanation.kept_until


def find_subject(service: Service, field: str, value: str) -> DataSubject | None:
    """Return the one person of a service with exactly this value, or ``None`` for nobody and for several."""
    found = {record.subject for record in _indexed(service, field, value)}
    return found.pop() if len(found) == 1 else None


def find_subjects(service: Service, field: str, value: str) -> list[DataSubject]:
    """Return everybody of a service with exactly this value, for the officer's search."""
    return sorted(
        {record.subject for record in _indexed(service, field, value)},
        key=lambda subject: subject.pk,
    )


def find_dormant(service: Service, field: str, value: str) -> list[DataSubject]:
    """Return the dormant people of a service with exactly this value, for signing in only; nothing is opened."""
    records = ArchivedRecord.objects.filter(
        pk__in=blind_index.find(service.slug, field, value),
        subject__service_slug=service.slug,
        subject__why=ArchivedSubject.Why.DORMANT,
    )
    numbers = set(records.values_list("subject__public_id", flat=True))
    found = DataSubject.objects.filter(
        public_id__in=numbers, service=service, status=DataSubject.Status.DORMANT
    )
    return list(found.select_related("service").order_by("pk"))


def _indexed(service: Service, field: str, value: str) -> Sequence[Record]:
    """Return the live records that hold this value; people still coming in or just gone apart are not there."""
    ids = blind_index.find(service.slug, field, value)
    found = Record.objects.filter(pk__in=ids, subject__service=service)
    settled = found.exclude(subject__status__in=NOT_HERE)
    return list(settled.select_related("subject__service"))


def held_items(subject: DataSubject, *, now: datetime) -> list[HeldItem]:
    """Return every item held about a person with value, purposes, source and the reason for keeping it."""
    contents = gate.own_values(subject)
    return _held_items(subject, subject.records.order_by("occurred_at", "id"), contents, now)


def masked_items(subject: DataSubject, *, limit: int, now: datetime) -> list[HeldItem]:
    """Return what is held about a person for the officer: values masked, the newest ``limit`` records first."""
    records = list(subject.records.order_by("-occurred_at", "-id")[:limit])
    contents = gate.masked(records, subject_ids={subject.pk: subject.public_id})
    return _held_items(subject, records, contents, now)


def _held_items(
    subject: DataSubject,
    records: Iterable[Record],
    contents: Mapping[UUID, gate.Values],
    now: datetime,
) -> list[HeldItem]:
    policy = gate.policy_for(subject.service, now)
    holds = _holds(subject)
    today = local_day(now, policy.timezone)
    flags = case_flag.codes_in_force(subject)
    fates = _fates(subject, policy, today, flags, holds)
    return [
        _held_item(
            subject,
            policy,
            record,
            code,
            value,
            today,
            _grounds(holds, record),
            flags,
            fates.get((record.pk, code)),
        )
        for record in records
        for code, value in sorted(contents.get(record.pk, {}).items())
    ]


def _fates(
    subject: DataSubject,
    policy: Policy,
    today: date,
    flags: frozenset[str],
    holds: Sequence[Hold],
) -> dict[tuple[UUID, str], Fate]:
    """Return what leaving today would do to each item; all records count, because names travel with some."""
    rows = subject.records.values_list("pk", "item_codes", "anchors")
    held = [
        HeldRecord(str(pk), tuple(items), days(anchors), _blocks(holds, items))
        for pk, items, anchors in rows
    ]
    found = retention.fates_of_person(policy, subject.kind, held, today, flags=flags)
    return {(UUID(ref), fate.item): fate for ref, fates in found.items() for fate in fates}


def _held_item(
    subject: DataSubject,
    policy: Policy,
    record: Record,
    code: str,
    value: Any,
    today: date,
    blocks: frozenset[str],
    flags: frozenset[str],
    fate: Fate | None,
) -> HeldItem:
    row: Item | None = policy.items_by_code.get(code)
    explanation = retention.explain(
        policy,
        subject.kind,
        code,
        days(record.anchors),
        today,
        record_class=record.record_class,
        held_items=record.item_codes,
        flags=flags,
        blocks=blocks,
        fate=fate,
    )
    return HeldItem(
        code=code,
        label=row.label if row else code,
        record_class=record.record_class,
        occurred_on=local_day(record.occurred_at, policy.timezone),
        value=value,
        purposes=purposes_of(policy, code, subject.kind),
        source=record.source,
        explanation=explanation,
        record_id=str(record.pk),
    )


def purposes_of(policy: Policy, item: str, kind: str) -> tuple[str, ...]:
    """Return the codes of the purposes an item of this kind of person may be used for, each once."""
    rows = (row for row in policy.uses if item in row.items and kind in row.subjects)
    return tuple(dict.fromkeys(purpose for row in rows for purpose in row.purposes))


def _blocks(holds: Sequence[Hold], items: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the grounds that bind each item when the person leaves, as in the plan of a withdrawal."""
    return {
        item: frozenset(hold.ground for hold in holds if hold.binds(item))
        for item in items
        if holds
    }


def _holds(subject: DataSubject) -> list[Hold]:
    """Return the open holds of a person that postpone destruction."""
    rows = Restriction.objects.filter(subject=subject, ended_at=None, blocks_destruction=True)
    return [Hold(ground, frozenset(items)) for ground, items in rows.values_list("ground", "items")]


def _grounds(holds: Iterable[Hold], record: Record) -> frozenset[str]:
    """Return the grounds that bind a record: one that names any item of it binds all of it, as in the sweep."""
    return frozenset(hold.ground for hold in holds if any(map(hold.binds, record.item_codes)))

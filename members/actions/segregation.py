"""Set records apart in the archive database: copy, verify, and only then let the live rows go.

Invariants: a person's kept record is readable in exactly one place for a reader; bytes and ids of whole records
stay what they are; parts of a record get keys of their own; repeating any step changes nothing.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from compliance.keyring import digests, keys, sealing
from compliance.rules.retention_classes import is_somebody_elses
from compliance.rules.retention_leaving import LEAVING_EVENTS
from members import gate, rejoin
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DataSubject, Record
from members.rules.leaving import MOVED, Part

ARCHIVE = "archive"


class CopyDiffers(RuntimeError):
    """A copy in the archive does not open to what the live record says; nothing may be destroyed."""


@dataclass(frozen=True)
class Move:
    """A person on the way into the archive, with the frozen parts and the opened values of the live records."""

    subject: DataSubject
    parts: Sequence[Part]
    records: Mapping[str, Record]
    contents: Mapping[uuid.UUID, Mapping[str, Any]]
    reference: str
    left_on: date
    version: int


def load(
    subject: DataSubject, parts: Sequence[Part], *, reference: str, left_on: date, version: int
) -> Move:
    """Open the live records that a plan needs."""
    records = {str(record.pk): record for record in subject.records.all()}
    contents = gate.in_custody(list(records.values()), subject_ids={subject.pk: subject.public_id})
    return Move(subject, parts, records, contents, reference, left_on, version)


def set_apart(move: Move, *, why: str, now: datetime) -> int:
    """Write the kept parts of a person into the archive and verify them; return how many records lie there."""
    moved = [part for part in move.parts if part.outcome in MOVED and _values(move, part)]
    if not moved:
        return 0
    with transaction.atomic(using=ARCHIVE):
        archived = _archived_subject(move, why, now)
        drafts = [_draft(move, archived, part, now) for part in moved]
    _seal_missing(move, drafts, moved)
    with transaction.atomic(using=ARCHIVE):
        ArchivedRecord.objects.bulk_create(drafts, ignore_conflicts=True)
    _verify(move, drafts, moved)
    return len(drafts)


def hold_digests(move: Move, *, now: datetime) -> int:
    """Keep keyed digests of the held items that answer the one question, and of no other (MIK-5.4a, X-MIK-1)."""
    rows = [
        _digest(move, part, item, value)
        for part in move.parts
        if part.outcome == "hold" and part.last_day
        for item, value in _values(move, part).items()
        if item in rejoin.IDENTIFYING
    ]
    with transaction.atomic(using=ARCHIVE):
        RejoinDigest.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def moved_whole(parts: Sequence[Part]) -> set[str]:
    """Return the ids of live records whose key goes on living in the archive."""
    return {part.record_id for part in parts if part.whole}


def document(
    record: ArchivedRecord, public_id: str, values: Mapping[str, Any] | None = None
) -> sealing.Document:
    """Describe an archived record to the sealing room; it is bound to the same place as the live one."""
    return sealing.Document(
        kind=gate.KIND,
        id=record.pk,
        subject=public_id,
        record_class=record.record_class,
        values=values,
        sealed=None if values is not None else bytes(record.sealed),
    )


def _values(move: Move, part: Part) -> dict[str, Any]:
    if part.record_id:
        record = move.records.get(part.record_id)
        sources = [move.contents.get(record.pk, {})] if record else []
    else:
        sources = [
            values
            for id, values in move.contents.items()
            if not is_somebody_elses(move.records[str(id)].anchors)
        ]
    return {item: source[item] for source in sources for item in part.items if item in source}


def _archived_subject(move: Move, why: str, now: datetime) -> ArchivedSubject:
    subject = move.subject
    archived, _ = ArchivedSubject.objects.get_or_create(
        public_id=subject.public_id,
        defaults={
            "service_slug": subject.service.slug,
            "kind": subject.kind,
            "language": subject.language,
            "why": why,
            "left_on": move.left_on,
            "archived_at": now,
        },
    )
    return archived


def _draft(move: Move, archived: ArchivedSubject, part: Part, now: datetime) -> ArchivedRecord:
    record = move.records.get(part.record_id)
    return ArchivedRecord(
        id=_archived_id(move, part),
        subject=archived,
        record_class=part.record_class,
        occurred_at=record.occurred_at if record else move.subject.joined_at,
        anchors=dict.fromkeys(LEAVING_EVENTS, move.left_on.isoformat()) | _anchors(move, part),
        source=record.source if record else move.subject.source,
        item_codes=sorted(part.items),
        sealed=bytes(record.sealed) if part.whole and record else b"",
        rule_code=part.rule,
        clause=part.clause,
        policy_version=move.version,
        due_on=part.last_day,
        archived_at=now,
    )


def _anchors(move: Move, part: Part) -> dict[str, str]:
    """Clock starts of a part; identity copies run with the latest record of their rule."""
    if part.record_id:
        return dict(move.records[part.record_id].anchors)
    latest: dict[str, str] = {}
    for other in move.parts:
        if other.rule == part.rule and other.record_id in move.records:
            for name, day in move.records[other.record_id].anchors.items():
                latest[name] = max(day, latest.get(name, day))
    return latest


def _archived_id(move: Move, part: Part) -> uuid.UUID:
    if part.whole:
        return uuid.UUID(part.record_id)
    origin = part.record_id or str(uuid.UUID(move.subject.public_id))
    return uuid.uuid5(uuid.UUID(origin), f"{move.reference}:{part.rule}:{part.last_day}")


def _seal_missing(move: Move, drafts: Sequence[ArchivedRecord], parts: Sequence[Part]) -> None:
    """Seal the parts that are not in the archive yet; a key without a row is a trace of a stop, and is replaced."""
    split = [(draft, part) for draft, part in zip(drafts, parts, strict=True) if not part.whole]
    ids = [draft.pk for draft, _ in split]
    there = set(ArchivedRecord.objects.filter(pk__in=ids).values_list("pk", flat=True))
    missing = [(draft, part) for draft, part in split if draft.pk not in there]
    keys.destroy([draft.pk for draft, _ in missing])
    documents = [
        document(draft, move.subject.public_id, _values(move, part)) for draft, part in missing
    ]
    for (draft, _), sealed in zip(missing, sealing.seal_many(documents), strict=True):
        draft.sealed = sealed


def _verify(move: Move, drafts: Sequence[ArchivedRecord], parts: Sequence[Part]) -> None:
    stored = list(ArchivedRecord.objects.filter(pk__in=[draft.pk for draft in drafts]))
    opened = sealing.open_many([document(record, move.subject.public_id) for record in stored])
    for draft, part in zip(drafts, parts, strict=True):
        if opened.get(draft.pk) != _values(move, part):
            raise CopyDiffers(f"record {draft.pk}")


def _digest(move: Move, part: Part, item: str, value: Any) -> RejoinDigest:
    return RejoinDigest(
        service_slug=move.subject.service.slug,
        field=item,
        digest=digests.rejoin(move.subject.service.slug, item, str(value)),
        withdrawal_ref=move.reference,
        rule_code=part.rule,
        clause=part.clause,
        held_since=move.left_on,
        due_on=part.last_day,
    )


__all__ = ["CopyDiffers", "Move", "document", "hold_digests", "load", "moved_whole", "set_apart"]

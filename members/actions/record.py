"""Keep, replace and destroy records: what a person's items are put into, and how they leave it.

Every record is sealed under a key of its own before its row exists. A stop between the two leaves keys
without rows; the unfinished effect names them, and the sweep destroys them.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from compliance import bulk, effects
from compliance.keyring import blind_index, keys, sealing
from compliance.models import Account, Effect
from compliance.rules import retention
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members import gate, scope
from members.binding import Binding
from members.models import MEMBER_KINDS, DataSubject, Record
from members.rules.reclock import bound_clock, running_clock

SEAL, DESTROY = "members.record.seal", "members.record.destroy"
PATIENCE = timedelta(minutes=10)


class ItemRefused(ValueError):
    """An item that the policy does not list for this kind of person, or that must never be stored (MIK-3.2a)."""

    def __init__(self, item: str, reason: str) -> None:
        super().__init__(f"{item}: {reason}")
        self.item, self.reason = item, reason


class Overtaken(RuntimeError):
    """The repair of interrupted work took this batch for dead and destroyed its keys; nothing was kept."""


@dataclass(frozen=True)
class NewValues:
    """Values of one person from one event. ``anchors`` are local days by event name."""

    subject: DataSubject
    values: Mapping[str, Any]
    occurred_at: datetime
    source: str
    anchors: Mapping[str, str] = field(default_factory=dict)
    record_class: str | None = None  # None: each item goes to its home class.
    external_ref: str = ""


def keep(
    subject: DataSubject,
    values: Mapping[str, Any],
    *,
    occurred_at: datetime,
    source: str,
    policy: Policy,
    anchors: Mapping[str, str] | None = None,
    external_ref: str = "",
    actor: Account | None,
    now: datetime,
) -> list[Record]:
    """Seal the values of one person, one record per record class of the policy."""
    new = NewValues(subject, values, occurred_at, source, anchors or {}, external_ref=external_ref)
    return keep_many([new], policy=policy, actor=actor, now=now)


def keep_many(
    rows: Sequence[NewValues], *, policy: Policy, actor: Account | None, now: datetime
) -> list[Record]:
    """Seal the values of many people with a constant number of queries. Raises ``ItemRefused`` before any write."""
    binding = Binding(policy)
    _refuse_not_agreed(rows, policy)
    drafts = [draft for row in rows for draft in drafts_of(row, binding)]
    if not drafts:
        return []
    records = [record for record, _, _ in drafts]
    effect = effects.begin(
        SEAL,
        f"batch:{uuid.uuid4()}",
        {"records": [str(record.pk) for record in records]},
        actor=actor,
        now=now,
        destroys=False,
    )
    seal_drafts(drafts)
    with transaction.atomic():
        bulk.insert_objects(records)
        if not effects.complete(effect, now=now):
            raise Overtaken(str(effect))
    return records


def replace(
    record: Record,
    values: Mapping[str, Any],
    *,
    policy: Policy,
    actor: Account | None,
    now: datetime,
) -> Record:
    """Seal a record anew with other values under a new key, and destroy the old one with its key."""
    new = NewValues(
        record.subject,
        values,
        record.occurred_at,
        record.source,
        record.anchors,
        record.record_class,
    )
    fresh = keep_many([new], policy=policy, actor=actor, now=now)
    destroy([record], actor=actor, now=now)
    return fresh[0]


def destroy(records: Sequence[Record], *, actor: Account | None, now: datetime) -> int:
    """Destroy live records beyond recovery: keys and index rows first, then the rows; repeating is harmless."""
    ids = [record.pk for record in records]
    if not ids:
        return 0
    effect = effects.begin(
        DESTROY, f"batch:{uuid.uuid4()}", {"records": [str(pk) for pk in ids]}, actor=actor, now=now
    )
    keys.destroy(ids)
    with transaction.atomic():
        gone, _ = Record.objects.filter(pk__in=ids).delete()
        effects.complete(effect, now=now)
    return gone


def repair_unfinished(*, now: datetime) -> int:
    """Finish what a stop left more than ten minutes ago: keys without rows and rows without keys are destroyed."""
    old = [
        effect
        for kind in (SEAL, DESTROY)
        for effect in effects.unfinished(kind).filter(intended_at__lt=now - PATIENCE)
    ]
    for effect in old:
        _repair(effect, now)
    return len(old)


def _repair(effect: Effect, now: datetime) -> None:
    ids = [uuid.UUID(text) for text in effect.payload["records"]]
    with transaction.atomic():
        if not effects.complete(effect, now=now):
            return
        if effect.kind == SEAL:
            kept = set(Record.objects.filter(pk__in=ids).values_list("pk", flat=True))
            ids = [pk for pk in ids if pk not in kept]
        keys.destroy(ids)
        Record.objects.filter(pk__in=ids).delete()


def drafts_of(
    row: NewValues, binding: Binding
) -> Iterator[tuple[Record, dict[str, Any], NewValues]]:
    """Yield the unsealed records of new values, one per class. Raises ``ItemRefused``."""
    policy = binding.policy
    values = {item: value for item, value in row.values.items() if value not in (None, "")}
    for item in values:
        _refuse_unlisted(policy, row.subject.kind, item)
    for record_class, items in _classes(row, policy, values).items():
        record = _record(row, binding, record_class, items)
        yield record, {item: values[item] for item in items}, row


def _refuse_not_agreed(rows: Sequence[NewValues], policy: Policy) -> None:
    """Refuse items that are new in the policy for who has not agreed to them (KRN-4.3); what is held stays."""
    taken = [row for row in rows if row.record_class is None]
    new = scope.new_items({row.subject.pk: row.subject for row in taken}.values(), policy)
    for row in taken:
        refused = sorted(new.get(row.subject.pk, frozenset()).intersection(row.values))
        if refused:
            raise ItemRefused(refused[0], "not_agreed_yet")


def _classes(
    row: NewValues, policy: Policy, values: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    if row.record_class:
        return {row.record_class: tuple(values)}
    groups = retention.group_by_class(policy, row.subject.kind, list(values))
    return {record_class or "unassigned": items for record_class, items in groups.items()}


def _refuse_unlisted(policy: Policy, kind: str, item: str) -> None:
    row = policy.items_by_code.get(item)
    if row is None:
        raise ItemRefused(item, "item_not_listed")
    if kind not in {entry.kind for entry in row.subjects}:
        raise ItemRefused(item, "item_not_for_kind")
    if row.category == "credential":
        raise ItemRefused(item, "credential_never_stored")


def _record(row: NewValues, binding: Binding, record_class: str, items: Sequence[str]) -> Record:
    created = local_day(row.occurred_at, binding.policy.timezone)
    anchors = {"record_created": created.isoformat(), **row.anchors}
    earlier = binding.earlier(row.subject.agreed_version_id, created)
    due_on, held_by = clock(
        binding.policy, row.subject.kind, record_class, anchors, earlier=earlier
    )
    return Record(
        subject=row.subject,
        record_class=record_class,
        occurred_at=row.occurred_at,
        anchors=anchors,
        source=row.source,
        item_codes=sorted(items),
        due_on=due_on,
        held_by=held_by,
    )


def clock(
    policy: Policy,
    kind: str,
    record_class: str,
    anchors: Mapping[str, str],
    *,
    earlier: Sequence[Policy] = (),
) -> tuple[Any, str]:
    """Return the last day of keeping (or None while it cannot be known) and the code of the rule.

    While a contract of use runs, its end decides (MIK-5.2.4), so the last day stays open for members.
    ``earlier`` are the versions whose periods still bind (``Binding.earlier``): nobody is kept longer unasked.
    """
    known, is_member = days(anchors), kind in MEMBER_KINDS
    found = bound_clock(
        (*earlier, policy),
        lambda one: running_clock(one, kind, record_class, known, is_member=is_member),
    )
    return found.last_day, found.rule


def days(anchors: Mapping[str, str]) -> dict[str, Any]:
    """Return stored anchors as dates."""
    return {name: datetime.fromisoformat(day).date() for name, day in anchors.items()}


def seal_drafts(drafts: Sequence[tuple[Record, dict[str, Any], NewValues]]) -> None:
    """Seal drafts under new keys and index them; the rows are the caller's, inside its own bracket."""
    documents = [
        gate.document(record, row.subject.public_id, values) for record, values, row in drafts
    ]
    for (record, _, _), sealed in zip(drafts, sealing.seal_many(documents), strict=True):
        record.sealed = sealed
    blind_index.put_many([entry for draft in drafts for entry in _index_entries(*draft)])


def _index_entries(
    record: Record, values: Mapping[str, Any], row: NewValues
) -> Iterator[tuple[str, str, str, uuid.UUID]]:
    scope = row.subject.service.slug
    for item, value in values.items():
        if item in blind_index.INDEXED_FIELDS and isinstance(value, str):
            yield scope, item, value, record.pk
    if row.external_ref:
        yield scope, "external_ref", f"{record.record_class}:{row.external_ref}", record.pk
        if record.record_class not in ("account_data",):
            yield scope, "order_number", row.external_ref, record.pk

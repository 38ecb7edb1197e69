"""The one gate to values: it loads the facts of a person or an audience, asks the rule, and unseals what is allowed.

No other module of the house opens a record.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from compliance import ledger, masking, selectors
from compliance.keyring import sealing
from compliance.models import Account, Service
from compliance.rules import gate as rule
from compliance.rules import retention
from compliance.rules.gate import Decision, Facts
from compliance.rules.policy_values import Policy
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import Answer, DataSubject, Record, Restriction
from members.scope import Given as Answered
from members.scope import PendingScope, answers

KIND, SIGN_IN_CODE, CONFIRMATION = "record", "sign_in_code", "confirmation"
TO_SLEEPERS = frozenset({SIGN_IN_CODE, CONFIRMATION})
UNREADABLE = _("unreadable")
log = logging.getLogger(__name__)
Values = dict[str, Any]


@dataclass(frozen=True)
class Given:
    """What the gate gave for one person: the decision and the values of the allowed items."""

    decision: Decision
    values: Values


def may_use(
    subject: DataSubject,
    purpose: str,
    items: Iterable[str],
    *,
    channel: str | None = None,
    recipient: str | None = None,
    now: datetime,
) -> Decision:
    """Answer whether items of one person may be used for a purpose, with reasons (X-ALL-6, X-ALL-12)."""
    policy = policy_for(subject.service, now)
    facts = _facts([subject], policy)[0]
    return rule.decide(
        policy, facts, purpose=purpose, items=items, channel=channel, recipient=recipient
    )


def values(
    subject: DataSubject,
    purpose: str,
    items: Sequence[str],
    *,
    channel: str | None = None,
    recipient: str | None = None,
    actor: Account | None,
    now: datetime,
) -> Values:
    """Return the values of the allowed items of one person; nothing for the refused ones."""
    decision = may_use(subject, purpose, items, channel=channel, recipient=recipient, now=now)
    return _select([subject], [decision])[0].values


def audience(
    subjects: Sequence[DataSubject],
    purpose: str,
    items: Sequence[str],
    *,
    service: Service,
    channel: str | None = None,
    now: datetime,
) -> dict[int, Given]:
    """Answer for many people of one service at once: ``{subject pk: Given}``, with a constant number of queries."""
    policy = policy_for(service, now)
    facts = _facts(subjects, policy)
    decisions = rule.decide_many(policy, facts, purpose=purpose, items=items, channel=channel)
    given = _select(subjects, decisions)
    return {subject.pk: one for subject, one in zip(subjects, given, strict=True)}


def own_values(subject: DataSubject, records: Sequence[Record] | None = None) -> dict[UUID, Values]:
    """Return everything, or some records, held about a person to that person: seeing it needs no other purpose."""
    found = list(subject.records.all()) if records is None else records
    return _shown(found, {subject.pk: subject.public_id})[0]


def in_custody(records: Sequence[Record], *, subject_ids: Mapping[int, str]) -> dict[UUID, Values]:
    """Open records for moving, splitting or rectifying them; the values must not leave the caller.

    ``subject_ids`` maps subject pk to public id. Records whose key is gone are absent.
    """
    return sealing.open_many(
        [document(record, subject_ids[record.subject_id]) for record in records]
    )


def archived_in_custody(records: Sequence[ArchivedRecord]) -> dict[UUID, Values]:
    """Open records apart (with their ``subject``) for a reading that was released, a copy or a comparison.

    The only way to a value in the archive. Records whose key is gone are absent; a damaged one raises.
    """
    return sealing.open_many(
        [
            sealing.Document(
                kind=KIND,
                id=record.pk,
                subject=record.subject.public_id,
                record_class=record.record_class,
                sealed=bytes(record.sealed),
            )
            for record in records
        ]
    )


def sleeper_values(
    subject: DataSubject, items: Sequence[str], *, purpose: str = SIGN_IN_CODE, now: datetime
) -> Given:
    """Return contact items of a dormant person for the sign-in code (MIK-5.5b) or a confirmation (X-MIK-31).

    The only reading of the archive without a second officer: the code is the way back, and whoever has an
    address is told what of theirs was destroyed. Of somebody who is dormant, and recorded; for everybody else and
    for every other purpose it gives nothing.
    """
    decision = may_use(subject, purpose, items, now=now)
    asleep = subject.status == DataSubject.Status.DORMANT
    if not asleep or purpose not in TO_SLEEPERS or not decision.allowed_items:
        return Given(decision, {})
    apart = ArchivedRecord.objects.filter(
        subject__public_id=subject.public_id, subject__why=ArchivedSubject.Why.DORMANT
    )
    wanted = set(decision.allowed_items)
    rows = apart.select_related("subject").order_by("occurred_at", "recorded_at")
    records = [row for row in rows if wanted.intersection(row.item_codes)]
    with transaction.atomic():
        contents = archived_in_custody(records)
        ledger.record(
            "members.dormancy.address_used",
            actor=None,
            now=now,
            service=subject.service,
            subject=subject.public_id,
            data={"purpose": purpose},
        )
    found: Values = {}
    for record in records:
        held = contents.get(record.pk, {})
        found.update({code: value for code, value in held.items() if code in wanted})
    return Given(decision, found)


def masked_page(subjects: Sequence[DataSubject], items: Sequence[str]) -> dict[int, Values]:
    """Return the newest values of some items, masked, for one page of a list: ``{subject pk: {item: text}}``.

    The values themselves do not leave this function. Whatever the number of people it takes one query for records,
    one for keys, and one per service for its policy. Example: ``{12: {"name": "김*수"}}``.
    """
    public_ids = {subject.pk: subject.public_id for subject in subjects}
    rows = Record.objects.filter(
        subject_id__in=public_ids, record_class__in=_homes(subjects, items)
    )
    records = list(rows.order_by("occurred_at", "created_at"))
    contents = masked(records, subject_ids=public_ids)
    found: dict[int, Values] = {}
    for record in records:
        held = contents.get(record.pk, {})
        found.setdefault(record.subject_id, {}).update(
            {code: held[code] for code in items if code in held}
        )
    return found


def masked(records: Sequence[Record], *, subject_ids: Mapping[int, str]) -> dict[UUID, Values]:
    """Return records with every value masked by the one rule of the house: ``{record id: {item: text}}``."""
    opened, damaged = _shown(records, subject_ids)
    return {
        pk: values
        if pk in damaged
        else {code: masking.mask_item(code, value) for code, value in values.items()}
        for pk, values in opened.items()
    }


def _shown(
    records: Sequence[Record], subject_ids: Mapping[int, str]
) -> tuple[dict[UUID, Values], frozenset[UUID]]:
    """Open records for a page. A damaged one says so in place of each value, and the log names it."""
    found: list[UUID] = []
    documents = [document(record, subject_ids[record.subject_id]) for record in records]
    opened = sealing.open_many(documents, unreadable=found)
    damaged = frozenset(found)
    for record in records:
        if record.pk in damaged:
            log.error("record %s was altered or is damaged", record.pk.hex[:8])
            opened[record.pk] = dict.fromkeys(record.item_codes, UNREADABLE)
    return opened, damaged


def _homes(subjects: Sequence[DataSubject], items: Sequence[str]) -> set[str]:
    """The record classes in which the items of these people live; services without a policy have none."""
    homes: set[str] = set()
    for service in {subject.service_id: subject.service for subject in subjects}.values():
        version = selectors.policy_in_force(service)
        if version is None:
            continue
        policy = selectors.policy_values(version)
        kinds = {subject.kind for subject in subjects if subject.service_id == service.pk}
        found = {retention.home_class(policy, item, kind) for item in items for kind in kinds}
        homes |= {name for name in found if name}
    return homes


def reveal(
    subject: DataSubject,
    purpose: str,
    item: str,
    *,
    record: Record | None = None,
    actor: Account,
    now: datetime,
) -> tuple[Decision, str | None]:
    """Show one value to an officer for a purpose of the policy; the view itself is recorded (LAW-KR-8).

    The newest value of the item, or the one in ``record``, which has to be a record of this person.
    """
    decision = may_use(subject, purpose, [item], now=now)
    given = (
        _select([subject], [decision])[0] if record is None else _within(record, subject, decision)
    )
    ledger.record(
        "members.item.revealed" if item in given.values else "members.item.reveal_refused",
        actor=actor,
        now=now,
        service=subject.service,
        subject=subject.public_id,
        data={"item": item, "purpose": purpose},
    )
    return decision, given.values.get(item)


def _within(record: Record, subject: DataSubject, decision: Decision) -> Given:
    held = in_custody([record], subject_ids={subject.pk: subject.public_id}).get(record.pk, {})
    return Given(decision, {code: held[code] for code in decision.allowed_items if code in held})


def document(record: Record, public_id: str, values: Values | None = None) -> sealing.Document:
    """Describe a record to the sealing room, with its sealed bytes or with values to be sealed."""
    return sealing.Document(
        kind=KIND,
        id=record.pk,
        subject=public_id,
        record_class=record.record_class,
        values=values,
        sealed=None if values is not None else bytes(record.sealed),
    )


def policy_for(service: Service, now: datetime) -> Policy:
    """Return the values of the policy in force for a service. Raises ``LookupError`` while there is none."""
    version = selectors.policy_in_force(service)
    if version is None:
        raise LookupError(f"service {service.slug} has no policy in force")
    return selectors.policy_values(version)


def _facts(subjects: Sequence[DataSubject], policy: Policy) -> list[Facts]:
    given = answers(subjects)
    restricted = _restricted_items(subjects, policy)
    pending = PendingScope(policy)
    return [
        _facts_of(
            subject, given.get(subject.pk, []), pending, frozenset(restricted.get(subject.pk, ()))
        )
        for subject in subjects
    ]


def _facts_of(
    subject: DataSubject, given: list[Answered], scope: PendingScope, restricted: frozenset[str]
) -> Facts:
    pending = scope.refused(subject, given)
    return Facts(
        kind=subject.kind,
        status=subject.status,
        consents=frozenset(one.question for one in given if one.agreed),
        withdrawn=frozenset(one.question for one in given if one.answer == Answer.WITHDRAWN),
        restricted_items=restricted,
        agreed_version=subject.agreed_version_id,
        pending_purposes=pending.purposes,
        pending_items=pending.items,
        pending_uses=pending.uses,
        pending_passes=pending.passes,
    )


def _restricted_items(subjects: Sequence[DataSubject], policy: Policy) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    holds = Restriction.objects.filter(subject__in=subjects, ended_at=None, blocks_use=True)
    for pk, items in holds.values_list("subject_id", "items"):
        found.setdefault(pk, set()).update(items or policy.items_by_code)
    return found


def _select(subjects: Sequence[DataSubject], decisions: Sequence[Decision]) -> list[Given]:
    """Unseal the records that hold allowed items, all people in one go."""
    wanted = {
        s.pk: frozenset(d.allowed_items)
        for s, d in zip(subjects, decisions, strict=True)
        if d.allowed_items
    }
    opened = _open_newest(subjects, wanted)
    return [Given(d, opened.get(s.pk, {})) for s, d in zip(subjects, decisions, strict=True)]


def _open_newest(
    subjects: Sequence[DataSubject], wanted: Mapping[int, frozenset[str]]
) -> dict[int, Values]:
    if not wanted:
        return {}
    public_ids = {subject.pk: subject.public_id for subject in subjects}
    records = [
        record
        for record in Record.objects.filter(subject_id__in=wanted).order_by(
            "occurred_at", "created_at"
        )
        if wanted[record.subject_id].intersection(record.item_codes)
    ]
    contents = in_custody(records, subject_ids=public_ids)
    found: dict[int, Values] = {}
    for record in records:
        items = wanted[record.subject_id]
        values = {
            code: value for code, value in contents.get(record.pk, {}).items() if code in items
        }
        found.setdefault(record.subject_id, {}).update(values)
    return found

"""Destroy what no rule holds any more: due records of the archive and of the living floor.

Invariants: the last day belongs to the period (X-ALL-3); an open hold postpones; key and index rows go before the
row; a certificate is written for every run and person in the transaction that completes the effect.
"""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from compliance import effects, ledger
from compliance.actions import certificate
from compliance.keyring import checkpoint, keys
from compliance.models import Effect, Service
from compliance.rules import retention
from compliance.rules.calendar import local_day
from compliance.selectors import policy_in_force, policy_values
from compliance.sweeps import Report
from members.actions.record import days
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DataSubject, Record, Restriction

BATCH = 1_000
DUE = "members.record.destroy_due"


def destroy_due(service: Service, *, now: datetime, dry_run: bool = False) -> Report:
    """Destroy every record of a service whose last day is over, in batches, holds left alone."""
    today = local_day(now, service.timezone)
    report = Report()
    start_open_clocks(service, now=now)
    for model in (ArchivedRecord, Record):
        report.add(_destroy_of(model, service, today, now, dry_run))
    if report.done and not dry_run:
        checkpoint.truncate_wal()
    return report


def _destroy_of(
    model: type[ArchivedRecord] | type[Record],
    service: Service,
    today: date,
    now: datetime,
    dry_run: bool,
) -> Report:
    report, after = Report(), None
    while True:
        batch = _due(model, service, today, after)
        if not batch:
            return report
        after = (batch[-1].due_on, batch[-1].pk)
        holds = _holds([row.subject.public_id for row in batch])
        free = [row for row in batch if not _is_held(row, holds)]
        report.done += len(free)
        if len(free) < len(batch):
            report.skip("hold", len(batch) - len(free))
        if free and not dry_run:
            _destroy(free, service, now)


def _due(
    model: type[ArchivedRecord] | type[Record],
    service: Service,
    today: date,
    after: tuple[date | None, uuid.UUID] | None,
) -> list[ArchivedRecord] | list[Record]:
    rows = model.objects.filter(_is_of(model, service), due_on__lt=today)
    rule = "rule_code" if model is ArchivedRecord else "held_by"
    rows = rows.select_related("subject").order_by("due_on", "pk")
    rows = rows.only("due_on", "record_class", "item_codes", rule, "subject__public_id")
    if after is not None:
        day, pk = after
        rows = rows.filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=pk), due_on__gte=day)
    return list(rows[:BATCH])


def _is_of(model: type[ArchivedRecord] | type[Record], service: Service) -> Exists:
    """Return the condition on the service; as a join, SQLite would walk all people instead of what is due."""
    people = (
        ArchivedSubject.objects.filter(service_slug=service.slug)
        if model is ArchivedRecord
        else DataSubject.objects.filter(service=service)
    )
    return Exists(people.filter(pk=OuterRef("subject_id")))


def _holds(public_ids: Sequence[str]) -> dict[str, list[list[str]]]:
    """Return the items under each open hold by person; an empty list binds everything."""
    found: dict[str, list[list[str]]] = {}
    open_holds = Restriction.objects.filter(
        subject__public_id__in=public_ids, ended_at=None, blocks_destruction=True
    )
    for public_id, items in open_holds.values_list("subject__public_id", "items"):
        found.setdefault(public_id, []).append(items)
    return found


def _is_held(row: ArchivedRecord | Record, holds: Mapping[str, list[list[str]]]) -> bool:
    """Tell whether a hold binds any item of a record (a record shares one fate)."""
    return any(
        not items or set(items).intersection(row.item_codes)
        for items in holds.get(row.subject.public_id, ())
    )


def _destroy(
    rows: Sequence[ArchivedRecord] | Sequence[Record], service: Service, now: datetime
) -> None:
    tally = Counter((row.record_class, _rule(row)) for row in rows)
    payload = {
        "records": [str(row.pk) for row in rows],
        "people": sorted({row.subject.public_id for row in rows}),
        "classes": [record_class for record_class, _ in tally],
        "rules": [rule for _, rule in tally],
        "numbers": list(tally.values()),
    }
    run = f"destruction:{uuid.uuid4()}"
    effect = effects.begin(DUE, run, payload, service=service, actor=None, now=now)
    _carry_out(effect, service, now)


def _carry_out(effect: Effect, service: Service, now: datetime) -> None:
    """Destroy what an effect names, then complete it with its certificate; repeating changes nothing."""
    ids = [uuid.UUID(text) for text in effect.payload["records"]]
    people = effect.payload["people"]
    _remove(ids, people)
    with transaction.atomic():
        if not effects.complete(effect, now=now):
            return
        ledger.record_batch(
            "members.record.destroyed",
            [(public_id, {}) for public_id in people],
            actor=None,
            now=now,
            service=service,
            data={"records": len(ids)},
        )
        counts = _counts(effect, service)
        certificate.issue_for_run(service, counts=counts, run=effect.object_ref, now=now)
        _forget_stubs(set(people))


def _remove(ids: Sequence[uuid.UUID], people: Sequence[str]) -> None:
    keys.destroy(ids)
    for model in (ArchivedRecord, Record):
        model.objects.filter(pk__in=ids).delete()
    ArchivedSubject.objects.filter(
        public_id__in=people, why=ArchivedSubject.Why.WITHDRAWN, records=None
    ).delete()


def _counts(effect: Effect, service: Service) -> list[dict[str, object]]:
    """Return the counts of a certificate; the clause is the one that the rule rests on now."""
    version = policy_in_force(service)
    rules = policy_values(version).retention_by_code if version else {}
    lines = zip(*(effect.payload[name] for name in ("classes", "rules", "numbers")), strict=True)
    return [
        {"class": c, "rule": r, "clause": rules[r].clause if r in rules else "", "records": n}
        for c, r, n in sorted(lines)
    ]


def _rule(row: ArchivedRecord | Record) -> str:
    return row.rule_code if isinstance(row, ArchivedRecord) else row.held_by


def _forget_stubs(public_ids: set[str]) -> None:
    """Drop the stub of everybody who left and of whom nothing is kept any more."""
    kept = set(
        ArchivedSubject.objects.filter(public_id__in=public_ids).values_list("public_id", flat=True)
    )
    DataSubject.objects.filter(
        public_id__in=public_ids - kept, status=DataSubject.Status.WITHDRAWN, records=None
    ).delete()


def repair_unfinished(*, now: datetime) -> int:
    """Finish destructions that a stop interrupted, with the certificate they still owe."""
    services = {service.slug: service for service in Service.objects.all()}
    interrupted = list(effects.unfinished(DUE))
    for effect in interrupted:
        _carry_out(effect, services[effect.service_slug], now)
    return len(interrupted)


def start_open_clocks(service: Service, *, now: datetime) -> int:
    """Give a last day to records that were set apart under a hold which has ended since."""
    version = policy_in_force(service)
    if version is None:
        return 0
    policy, started = policy_values(version), 0
    waiting = ArchivedRecord.objects.filter(
        due_on=None, subject__service_slug=service.slug, subject__why=ArchivedSubject.Why.WITHDRAWN
    ).select_related("subject")
    holds = _holds(list(waiting.values_list("subject__public_id", flat=True)[:BATCH]))
    for record in waiting[:BATCH]:
        rule = policy.retention_by_code.get(record.rule_code)
        due = retention.due(rule, days(record.anchors), service.timezone) if rule else None
        if due and not _is_held(record, holds):
            started += ArchivedRecord.objects.filter(pk=record.pk).update(due_on=due.last_day)
    return started


def release_digests(service: Service, *, now: datetime, dry_run: bool = False) -> int:
    """Destroy rejoin digests whose last day is over (MIK-5.4a: one month, counted by X-ALL-3)."""
    today = local_day(now, service.timezone)
    due = RejoinDigest.objects.filter(service_slug=service.slug, due_on__lt=today)
    count = due.count()
    if count and not dry_run:
        due.delete()
        with transaction.atomic():
            ledger.record(
                "members.rejoin_digest.destroyed",
                actor=None,
                now=now,
                service=service,
                data={"digests": count},
            )
    return count

"""What a case does to records: set aside what it names, release it when the case ends, and close what is over.

Each effect can be repeated; the hourly sweep repeats what a stop interrupted.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from compliance import effects, ledger
from compliance.keyring import keys, sealing
from compliance.models import Account, Effect
from compliance.rules import retention
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy, RetentionRule
from members import gate
from members.actions import record_split, segregation
from members.actions.record import NewValues, days
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import CaseFlag, DataSubject, Record
from members.rules import case_flag as rule_of

HERE = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED)
KEEP, RELEASE = "members.case_flag.keep_apart", "members.case_flag.release"


def set_aside(flag: CaseFlag, *, now: datetime) -> int:
    """Put what a confirmed case names under its rule, once; return how many records are there for it.

    Of somebody else's data found in a running account: a record of its own with the last day one month after
    the finding (MIK-8.3). Of a person who has left: a copy of what still exists, until the ceiling (X-LEJ-1).
    """
    subject = flag.subject
    if subject is None or not flag.is_in_force or flag.set_aside_at:
        return 0
    policy = gate.policy_for(flag.service, now)
    rule = policy.retention_by_code[flag.rule_code]
    records = 0
    if subject.status in HERE and rule_of.runs_from_finding(rule, flag.reason):
        records = _divide(flag, subject, rule, policy, now)
    elif subject.status == DataSubject.Status.WITHDRAWN:
        records = _keep_apart(flag, subject, rule, policy, now)
    elif subject.status == DataSubject.Status.LEAVING:
        return 0  # Its frozen plan is under way; the sweep looks again when it is through.
    with transaction.atomic():
        if CaseFlag.objects.filter(pk=flag.pk, set_aside_at=None).update(set_aside_at=now):
            flag.set_aside_at = now
            _tell("members.case_flag.set_aside", flag, now, rule=flag.rule_code, records=records)
    return records


def _divide(
    flag: CaseFlag, subject: DataSubject, rule: RetentionRule, policy: Policy, now: datetime
) -> int:
    """Part the records that hold flagged items: those items under the rule's clock, the rest as before."""
    named = set(flag.items)
    mixed = [
        one
        for one in subject.records.exclude(record_class=rule.record_class)
        if named & set(one.item_codes)
    ]
    contents = gate.in_custody(mixed, subject_ids={subject.pk: subject.public_id})
    rows = []
    for one in mixed:
        held = contents[one.pk]
        flagged = {item: value for item, value in held.items() if item in named}
        rest = {item: value for item, value in held.items() if item not in named}
        anchors = {**one.anchors, rule_of.FOUND: flag.found_on.isoformat()}
        rows.append(_part(one, subject, flagged, anchors, rule.record_class))
        if rest:
            rows.append(_part(one, subject, rest, one.anchors, one.record_class))
    if rows:
        record_split.swap([one.pk for one in mixed], rows, policy=policy, actor=None, now=now)
    return len(mixed)


def _part(
    one: Record,
    subject: DataSubject,
    values: dict[str, Any],
    anchors: dict[str, str],
    record_class: str | None,
) -> NewValues:
    return NewValues(subject, values, one.occurred_at, one.source, anchors, record_class)


def _keep_apart(
    flag: CaseFlag, subject: DataSubject, rule: RetentionRule, policy: Policy, now: datetime
) -> int:
    """Copy what still exists of the rule's items into one record of its own, under the rule's own clock."""
    person = ArchivedSubject.objects.filter(public_id=subject.public_id).first()
    if person is None or person.records.filter(rule_code=rule.code).exists():
        return 0
    sources = list(person.records.order_by("occurred_at", "pk"))
    opened = gate.archived_in_custody(sources)
    held = [opened.get(one.pk, {}) for one in sources]
    values = {item: one[item] for one in held for item in rule.items if item in one}
    draft = _draft(flag, person, sources, rule, sorted(values), now)
    due = retention.due(rule, days(draft.anchors), policy.timezone)
    if not values or due is None or due.last_day < local_day(now, policy.timezone):
        return 0
    draft.due_on = due.last_day
    copies = {"copies": [str(draft.pk)]}
    effect = effects.begin(
        KEEP, f"case_flag:{flag.pk}", copies, actor=None, now=now, destroys=False
    )
    keys.destroy([draft.pk])  # A key without a row is the trace of a stop.
    paper = segregation.document(draft, subject.public_id, values)
    [draft.sealed] = sealing.seal_many([paper])
    draft.save(force_insert=True)
    effects.complete(effect, now=now)
    return 1


def _draft(
    flag: CaseFlag,
    person: ArchivedSubject,
    sources: list[ArchivedRecord],
    rule: RetentionRule,
    items: list[str],
    now: datetime,
) -> ArchivedRecord:
    newest = sources[-1] if sources else None
    left = {"contract_terminated", "membership_left"}
    day = person.left_on.isoformat() if person.left_on else ""
    return ArchivedRecord(
        id=uuid.uuid5(uuid.UUID(person.public_id), f"case_flag:{flag.pk}"),
        subject=person,
        record_class=rule.record_class,
        occurred_at=newest.occurred_at if newest else now,
        anchors=dict.fromkeys(left, day) if day else {},
        source="case_flag",
        item_codes=items,
        rule_code=rule.code,
        clause=rule.clause,
        policy_version=newest.policy_version if newest else 0,
        archived_at=now,
    )


def begin_release(flag: CaseFlag, *, actor: Account | None, now: datetime) -> Effect:
    """Write down which records apart are released with a case, and the last day they get: yesterday's."""
    ids: list[str] = []
    if flag.subject:
        apart = ArchivedRecord.objects.filter(
            subject__public_id=flag.subject.public_id, rule_code=flag.rule_code
        )
        ids = [str(pk) for pk in apart.order_by("pk").values_list("pk", flat=True)]
    open_one = effects.unfinished(RELEASE).filter(object_ref=f"case_flag:{flag.pk}").first()
    if open_one:
        return open_one
    last = local_day(now, flag.service.timezone) - timedelta(days=1)
    payload = {"flag": flag.pk, "released": ids, "last_day": last.isoformat()}
    return effects.begin(RELEASE, f"case_flag:{flag.pk}", payload, actor=actor, now=now)


def finish_release(effect: Effect, *, now: datetime) -> None:
    """Make what an ended case held due; a case that did not end is left alone. Safe to repeat."""
    flag = CaseFlag.objects.select_related("service", "subject__service").get(
        pk=effect.payload["flag"]
    )
    if flag.ended_at:
        last = date.fromisoformat(effect.payload["last_day"])
        mine = ArchivedRecord.objects.filter(pk__in=effect.payload["released"])
        mine.filter(due_on__gt=last).update(due_on=last)
        mine.filter(due_on=None).update(due_on=last)
        if flag.subject and flag.subject.status in HERE:
            _put_back(flag, flag.subject, now)
    effects.complete(effect, now=now)


def _put_back(flag: CaseFlag, subject: DataSubject, now: datetime) -> None:
    """Items that were set aside in a running account go home to their classes."""
    policy = gate.policy_for(flag.service, now)
    rule = policy.retention_by_code[flag.rule_code]
    aside = list(subject.records.filter(record_class=rule.record_class))
    contents = gate.in_custody(aside, subject_ids={subject.pk: subject.public_id})
    rows = []
    for one in aside:
        anchors = {name: day for name, day in one.anchors.items() if name != rule_of.FOUND}
        rows.append(_part(one, subject, contents[one.pk], anchors, None))
    if rows:
        record_split.swap([one.pk for one in aside], rows, policy=policy, actor=None, now=now)


def _tell(code: str, flag: CaseFlag, now: datetime, **data: object) -> None:
    ledger.record(
        code,
        actor=None,
        now=now,
        service=flag.service,
        subject=flag.subject.public_id if flag.subject else None,
        obj=f"case_flag:{flag.pk}",
        data={"flag": flag.pk, **data},
    )

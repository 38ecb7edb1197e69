"""Tell people who are still here, in use or set apart, that records of theirs were destroyed (MIK-8.1c, X-MIK-31).

A run leaves a row per person in the transaction that destroys; a sweep turns the rows of one person into one message
and drops them in one transaction, so that a stop anywhere loses no message and writes none twice. Nobody gets more
than one a day: what is destroyed after it waits for the next.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import override

from compliance import bulk
from compliance.models import Service
from compliance.register_words import said
from compliance.rules.calendar import local_day, start_of_day
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from compliance.sweeps import Report
from members import gate, words
from members.actions import delivery
from members.among import Among
from members.contacts import language_of
from members.models import (
    MEMBER_KINDS,
    DataSubject,
    Delivery,
    DestructionPlan,
    UntoldDestruction,
)
from members.rules import destruction_told as rule

EVENT = "records_destroyed"
MOST = 200  # Messages a service and turn; each is sealed for one person.
Status = DataSubject.Status
HERE = (Status.ACTIVE, Status.RESTRICTED, Status.DORMANT)
COLUMNS = ("subject_id", "service_id", "destroyed_at", "lines")
Lines = Sequence[Mapping[str, Any]]


def note(service: Service, lines_of: Mapping[str, Lines], *, now: datetime) -> int:
    """Write who of these people (by public id) has to be told of which lines; the caller holds the transaction.

    Nothing is written of people who have left or never joined, and nothing where no policy promises a message.
    """
    version = policy_in_force(service)
    policy = policy_values(version) if version else None
    if policy is None or not rule.is_promised(policy):
        return 0
    distinct = {id(lines): lines for lines in lines_of.values()}
    texts = {key: _text(policy, lines) for key, lines in distinct.items()}
    here = DataSubject.objects.filter(
        Among("public_id", list(lines_of)), kind__in=MEMBER_KINDS, status__in=HERE
    )
    rows = [
        (pk, service.pk, now.isoformat(), text)
        for pk, person in here.values_list("pk", "public_id")
        if (text := texts[id(lines_of[person])])
    ]
    bulk.insert_plain(UntoldDestruction, COLUMNS, rows)
    return len(rows)


def tell_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Write the messages about what runs have destroyed; ``done`` counts people.

    Skipped: ``run_under_way`` (the rest of a run comes first), ``told_today`` (the next message leaves tomorrow).
    """
    report = Report()
    for service in Service.objects.order_by("slug"):
        waiting = people(service)
        if not waiting.exists():
            continue
        if _is_running(service):
            report.skip("run_under_way", waiting.count())
            continue
        free = waiting.exclude(Exists(_told_today(service, now)))
        if left := waiting.count() - free.count():
            report.skip("told_today", left)
        report.done += min(free.count(), MOST) if dry_run else _tell_some(service, free, now)
    return report


def _text(policy: Policy, lines: Lines) -> str:
    """Return what is told of lines as it is stored; empty where nothing is."""
    told = rule.worth_telling(policy, lines)
    return json.dumps(told) if told else ""


def people(service: Service) -> QuerySet[DataSubject]:
    """Return the people of a service who have still to be told of something."""
    untold = UntoldDestruction.objects.filter(subject=OuterRef("pk"), service=service)
    return DataSubject.objects.filter(Exists(untold), service=service)


def _is_running(service: Service) -> bool:
    running = DestructionPlan.State.RUNNING
    return DestructionPlan.objects.filter(service=service, state=running).exists()


def _told_today(service: Service, now: datetime) -> QuerySet[Delivery]:
    midnight = start_of_day(local_day(now, service.timezone), service.timezone)
    mine = Delivery.objects.filter(subject=OuterRef("pk"), event=EVENT)
    return mine.filter(created_at__gte=midnight)


def _tell_some(service: Service, free: QuerySet[DataSubject], now: datetime) -> int:
    policy = gate.policy_for(service, now)
    ids = list(free.order_by("pk").values_list("pk", flat=True)[:MOST])
    return sum(_tell(free, pk, policy, now) for pk in ids)


def _tell(free: QuerySet[DataSubject], pk: int, policy: Policy, now: datetime) -> bool:
    """Write the message of one person and drop what it says; False where another sweep was first."""
    with transaction.atomic():
        locked = DataSubject.objects.select_for_update().filter(pk=pk).first()
        rows = list(UntoldDestruction.objects.filter(subject=pk).order_by("pk"))
        if locked is None or not rows or not free.filter(pk=pk).exists():
            return False
        language = language_of(locked, policy)
        with override(language):
            figures = {
                "set_apart": locked.status == Status.DORMANT,
                "ended": _ended(rows, policy),
            }
        reference = f"{rows[0].pk}:{rows[0].destroyed_at.isoformat()}"
        delivery.plan_receipt(locked, EVENT, reference, language=language, figures=figures, now=now)
        UntoldDestruction.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return True


def _ended(rows: Sequence[UntoldDestruction], policy: Policy) -> list[dict[str, str]]:
    """Return what was destroyed on which local day and why, each once, in the language in use."""
    found = {
        (local_day(row.destroyed_at, policy.timezone), line["rule"], line["class"], line["clause"])
        for row in rows
        for line in row.lines
    }
    return [_said(policy, day.isoformat(), *codes) for day, *codes in sorted(found)]


def _said(policy: Policy, day: str, code: str, record_class: str, clause: str) -> dict[str, str]:
    row = policy.retention_by_code.get(code)
    why = f"{policy.name} {clause}".strip()
    return {
        "label": said(row.label) if row else words.record_class(policy, record_class),
        "day": day,
        "why": f"{why}: {said(row.law)}" if row and row.law else why,
    }

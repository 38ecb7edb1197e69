"""What is kept of a complaint: a record of its class, whose clock starts on the day on which the case is closed.

Source: MIK-5.2.3, LEJ-3 (complaints and disputes, 3 years). The texts of the case itself go when their days are over,
or with their person; the record of the class then stays, kept apart if the person has left.
"""

from datetime import datetime

from django.db import transaction

from compliance.models import Account
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members.actions import record
from members.archive.models import ArchivedRecord
from members.binding import Binding
from members.gate import policy_for
from members.imports import apart
from members.models import DataSubject, Record, RightsRequest
from members.rules import enquiry as rule

SOURCE = "complaint"
Status = DataSubject.Status
GONE = (Status.LEAVING, Status.WITHDRAWN, Status.DORMANT)


def keep(
    request: RightsRequest, text: str, *, policy: Policy, actor: Account | None, now: datetime
) -> list[Record]:
    """Keep what a known person complained of; the clock waits for the end of the case. Nothing for an enquiry."""
    subject = request.subject
    if subject is None or request.kind != rule.COMPLAINT:
        return []
    item = rule.complaint_item(policy, subject.kind)
    if not item:
        return []
    return record.keep(
        subject,
        {item: text},
        occurred_at=request.received_at,
        source=SOURCE,
        policy=policy,
        external_ref=request.reference,
        actor=actor,
        now=now,
    )


def start(request: RightsRequest, answer: str, *, actor: Account | None, now: datetime) -> None:
    """Start the clocks of a closed complaint, in daily use or apart, and keep the answer beside it.

    Of somebody who has left only the clock starts: nothing new is written about them.
    """
    if request.subject is None or request.kind != rule.COMPLAINT:
        return
    policy = policy_for(request.service, now)
    closed_on = local_day(now, policy.timezone).isoformat()
    if request.subject.status not in GONE:
        keep(request, answer, policy=policy, actor=actor, now=now)
        _start_here(request, closed_on, policy)
    _start_apart(request, closed_on, actor, now)


def _start_here(request: RightsRequest, closed_on: str, policy: Policy) -> None:
    subject, binding = request.subject, Binding(policy)
    mine = Record.objects.select_for_update().filter(
        subject=subject, source=SOURCE, occurred_at=request.received_at
    )
    with transaction.atomic():
        for row in mine.defer("sealed"):
            row.anchors = {**row.anchors, rule.CASE_CLOSED: closed_on}
            created = local_day(row.occurred_at, policy.timezone)
            row.due_on, row.held_by = record.clock(
                policy,
                subject.kind,  # type: ignore[union-attr]
                row.record_class,
                row.anchors,
                earlier=binding.earlier(subject.agreed_version_id, created),  # type: ignore[union-attr]
            )
            row.save(update_fields=["anchors", "due_on", "held_by"])


def _start_apart(
    request: RightsRequest, closed_on: str, actor: Account | None, now: datetime
) -> None:
    rows = ArchivedRecord.objects.filter(
        subject__public_id=request.subject.public_id,  # type: ignore[union-attr]
        source=SOURCE,
        occurred_at=request.received_at,
    )
    anchors = {pk: {rule.CASE_CLOSED: closed_on} for pk in rows.values_list("pk", flat=True)}
    if anchors:
        effect = apart.begin_for(
            f"request.{request.pk}", request.service, anchors, actor=actor, now=now
        )
        apart.carry_out(effect, now=now)

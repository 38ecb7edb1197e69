"""One delivery per person for every notice that is out: written in batches, resumable anywhere.

Source: design of the outbox; the unique (notice, subject, stage) makes every repeat harmless.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from compliance import bulk, ledger
from compliance.models import Account, Notice
from compliance.rules.calendar import local_day
from compliance.selectors import policy_values
from compliance.sweeps import Report
from members import addresses
from members.actions.delivery import delivery_id, message_id
from members.contacts import language_of
from members.models import DataSubject, Delivery

FIRST, REMINDER, QUESTION, ASK_AGAIN = "first", "reminder", "question", "ask_again"
EVENTS = {
    Notice.Event.REVISION_GENERAL: "policy_notice_general",
    Notice.Event.REVISION_IMPORTANT: "policy_notice_important",
}
OF_STAGE = {
    REMINDER: "policy_notice_reminder",
    QUESTION: "policy_question",
    ASK_AGAIN: "policy_question_reminder",
}
State = Delivery.State
OPEN = (State.PENDING, State.SENDING)


def plan_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Plan every published notice whose deliveries are not all written."""
    report = Report()
    for notice in (
        Notice.objects.to_plan().filter(published_at__lte=now).select_related("service", "version")
    ):
        report.done += _left(notice) if dry_run else plan(notice, actor=None, now=now)
    return report


def plan_reminders(now: datetime, *, dry_run: bool = False) -> Report:
    """Plan the reminders whose local day has come; a reminder after the effective day would be void."""
    report = Report()
    waiting = Notice.objects.filter(
        state=Notice.State.PUBLISHED, reminded_at=None, reminder_on__isnull=False
    )
    for notice in waiting.exclude(planned_at=None).select_related("service", "version"):
        today = local_day(now, notice.service.timezone)
        if today < notice.reminder_on:
            report.skip("not_yet")
        elif today >= notice.effective_on:
            report.skip("too_late")
        else:
            report.done += (
                _left(notice) if dry_run else plan(notice, stage=REMINDER, actor=None, now=now)
            )
    return report


def plan(
    notice: Notice, *, stage: str = FIRST, actor: Account | None, now: datetime, limit: int = 1000
) -> int:
    """Write the deliveries that are missing, at most ``limit`` per transaction, and return how many were written.

    Audience: people in daily use who joined before the publication, of a kind of which the policy collects an
    address. A stop anywhere loses nothing: the next call goes on behind the last chunk.
    """
    last, written = _cursor(notice, stage), 0
    while True:
        people = list(audience(notice).filter(pk__gt=last).order_by("pk")[:limit])
        if not people:
            _close_plan(notice, stage, actor=actor, now=now)
            return written
        written += write_chunk(notice, people, stage, actor=actor, now=now)
        last = people[-1].pk


def audience(notice: Notice) -> QuerySet[DataSubject]:
    """Return the people that a notice is mailed to."""
    kinds = addresses.kinds_with_address(policy_values(notice.version))
    return DataSubject.objects.reachable().filter(
        service=notice.service, joined_at__lt=notice.published_at, kind__in=kinds
    )


def close_notices(now: datetime, *, dry_run: bool = False) -> Report:
    """Note the completion of every notice of which no delivery is open any more."""
    report = Report()
    planned = Notice.objects.filter(completed_at=None).exclude(planned_at=None)
    for notice in planned.select_related("service"):
        if notice.deliveries.filter(stage=FIRST, state__in=OPEN).exists():
            report.skip("still_sending")
            continue
        report.done += 1
        if not dry_run:
            _complete(notice, now=now)
    return report


def _left(notice: Notice) -> int:
    return audience(notice).filter(pk__gt=notice.plan_cursor).count()


def _cursor(notice: Notice, stage: str) -> int:
    return notice.plan_cursor if stage == FIRST else cursor(notice, stage)


def cursor(notice: Notice, stage: str) -> int:
    """Return the key of the last person who has a message of a stage, 0 for none."""
    newest = Delivery.objects.filter(notice=notice, stage=stage).aggregate(last=Max("subject_id"))
    return newest["last"] or 0


def write_chunk(
    notice: Notice,
    people: Sequence[DataSubject],
    stage: str,
    *,
    event: str = "",
    actor: Account | None,
    now: datetime,
) -> int:
    """Write the deliveries of one stage to these people that are missing, in one transaction; return how many.

    ``event`` names the message; empty: the one of the stage.
    """
    policy = policy_values(notice.version)
    event = event or OF_STAGE.get(stage) or EVENTS[Notice.Event(notice.event)]
    rows = [
        _row(notice, subject, stage, event, language_of(subject, policy), now) for subject in people
    ]
    with transaction.atomic():
        known = set(
            Delivery.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True)
        )
        new = [row for row in rows if row.pk not in known]
        bulk.insert_objects(new, ignore_conflicts=True)
        if stage == FIRST:
            Notice.objects.filter(pk=notice.pk, plan_cursor__lt=people[-1].pk).update(
                plan_cursor=people[-1].pk
            )
        if new:
            _tell_planned(
                notice, [row.subject.public_id for row in new], stage, actor=actor, now=now
            )
    notice.plan_cursor = (
        max(notice.plan_cursor, people[-1].pk) if stage == FIRST else notice.plan_cursor
    )
    return len(new)


def _row(
    notice: Notice, subject: DataSubject, stage: str, event: str, language: str, now: datetime
) -> Delivery:
    id = delivery_id("notice", notice.pk, subject.public_id, stage)
    return Delivery(
        id=id,
        event=event,
        kind=Delivery.Kind.NOTICE,
        stage=stage,
        notice=notice,
        subject=subject,
        service_id=notice.service_id,
        language=language,
        not_before=now,
        message_id=message_id(id),
        created_at=now,
    )


def _tell_planned(
    notice: Notice, people: Sequence[str], stage: str, *, actor: Account | None, now: datetime
) -> None:
    ledger.record_batch(
        "members.delivery.planned",
        [(public_id, {}) for public_id in people],
        actor=actor,
        now=now,
        service=notice.service,
        data={"notice": notice.pk, "stage": stage, "count": len(people)},
    )


def _close_plan(notice: Notice, stage: str, *, actor: Account | None, now: datetime) -> None:
    field = "planned_at" if stage == FIRST else "reminded_at"
    people = Delivery.objects.filter(notice=notice, stage=stage).count()
    changes = {field: now} | ({"audience_size": people} if stage == FIRST else {})
    with transaction.atomic():
        if not Notice.objects.filter(pk=notice.pk, **{field: None}).update(**changes):
            return
        ledger.record(
            "members.notice.planned",
            actor=actor,
            now=now,
            service=notice.service,
            obj=f"notice:{notice.pk}",
            data={"stage": stage, "people": people},
        )
    for name, value in changes.items():
        setattr(notice, name, value)


def _complete(notice: Notice, *, now: datetime) -> None:
    states = (
        notice.deliveries.filter(stage=FIRST)
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    with transaction.atomic():
        if Notice.objects.filter(pk=notice.pk, completed_at=None).update(completed_at=now):
            ledger.record(
                "members.notice.completed",
                actor=None,
                now=now,
                service=notice.service,
                obj=f"notice:{notice.pk}",
                data=dict(states),
            )

"""Everybody who has to answer is written to, one by one: with the announcement, and once more after seven days.

Source: MIK-11.1 (a posted text alone does not count), KRN-4.3. Nobody who answered or put it off is written to.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from compliance import ledger
from compliance.models import Account, Notice, PolicyVersion
from compliance.rules.calendar import local_day
from compliance.sweeps import Report
from members import questions
from members.actions.delivery_plan import ASK_AGAIN, QUESTION, audience, cursor, write_chunk
from members.models import DataSubject, Delivery
from members.scope import answers

PATIENCE = timedelta(days=7)  # Between the letter and its one reminder.
FIELDS = {QUESTION: "asked_at", ASK_AGAIN: "asked_again_at"}
BINDING = (PolicyVersion.State.ANNOUNCED, PolicyVersion.State.IN_EFFECT)


def plan_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Plan the questions of notices whose announcement is written, and the reminders whose day has come."""
    report = Report()
    out = Notice.objects.filter(state=Notice.State.PUBLISHED, version__state__in=BINDING)
    notices = out.exclude(planned_at=None).select_related("service", "version__service")
    for notice in notices.filter(asked_at=None):
        report.done += 0 if dry_run else plan(notice, QUESTION, actor=None, now=now)
    for notice in notices.filter(asked_at__isnull=False, asked_again_at=None):
        if not _is_time_to_remind(notice, now):
            report.skip("not_yet")
        elif not dry_run:
            report.done += plan(notice, ASK_AGAIN, actor=None, now=now)
    return report


def plan(
    notice: Notice, stage: str, *, actor: Account | None, now: datetime, limit: int = 1000
) -> int:
    """Write the letters that are missing, at most ``limit`` people a transaction; return how many were written.

    A stop anywhere loses nothing, and writes nothing twice.
    """
    people, asking = _people(notice, stage), questions.Asking(notice.version)
    last, written = cursor(notice, stage), 0
    while some := list(people.filter(pk__gt=last).order_by("pk")[:limit]):
        last = some[-1].pk
        given = answers(some)
        silent = [one for one in some if asking.waits(one, given.get(one.pk, []))]
        if silent:
            written += write_chunk(notice, silent, stage, actor=actor, now=now)
    _close(notice, stage, actor=actor, now=now)
    return written


def _people(notice: Notice, stage: str) -> QuerySet[DataSubject]:
    people = audience(notice).exclude(put_off_version=notice.version)
    if stage == QUESTION:
        return people
    asked = Delivery.objects.filter(notice=notice, stage=QUESTION)
    return people.filter(pk__in=asked.values("subject"))


def _is_time_to_remind(notice: Notice, now: datetime) -> bool:
    zone = notice.service.timezone
    return notice.asked_at is not None and local_day(now, zone) >= local_day(
        notice.asked_at + PATIENCE, zone
    )


def _close(notice: Notice, stage: str, *, actor: Account | None, now: datetime) -> None:
    field = FIELDS[stage]
    people = Delivery.objects.filter(notice=notice, stage=stage).count()
    with transaction.atomic():
        if not Notice.objects.filter(pk=notice.pk, **{field: None}).update(**{field: now}):
            return
        if not people:
            return
        ledger.record(
            "members.notice.planned",
            actor=actor,
            now=now,
            service=notice.service,
            obj=f"notice:{notice.pk}",
            data={"stage": stage, "people": people},
        )
    setattr(notice, field, now)

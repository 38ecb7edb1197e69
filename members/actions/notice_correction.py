"""Whoever was told of a change that does not happen, or on a later day, is told so: each exactly once a correction.

People who could not be reached were told by the notice board, which says it as well.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from compliance import ledger
from compliance.models import Account, NoticeCorrection
from compliance.sweeps import Report
from members.actions.delivery_claim import lease_time
from members.actions.delivery_plan import (
    ASK_AGAIN,
    FIRST,
    QUESTION,
    REMINDER,
    cursor,
    write_chunk,
)
from members.models import DataSubject, Delivery

TELLING = (FIRST, REMINDER, QUESTION, ASK_AGAIN)
State, Kind = Delivery.State, NoticeCorrection.Kind
EVENTS = {Kind.CANCELLED: "policy_cancelled", Kind.MOVED: "policy_moved"}


def plan_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Plan every correction whose messages are not all written, as soon as nothing old is on its way any more."""
    report = Report()
    open_ones = NoticeCorrection.objects.filter(planned_at=None).order_by("notice", "number")
    for correction in open_ones.select_related("notice__service", "notice__version"):
        if not dry_run:
            cancel_unsent(correction, now=now)
        if _is_on_its_way(correction):
            report.skip("still_sending")
        else:
            report.done += (
                told(correction).count() if dry_run else plan(correction, actor=None, now=now)
            )
    return report


def plan(
    correction: NoticeCorrection, *, actor: Account | None, now: datetime, limit: int = 1000
) -> int:
    """Write the messages that are missing, ``limit`` a transaction; a stop loses and repeats nothing."""
    last, written = cursor(correction.notice, correction.stage), 0
    event = EVENTS[Kind(correction.kind)]
    while people := list(told(correction).filter(pk__gt=last).order_by("pk")[:limit]):
        last = people[-1].pk
        written += write_chunk(
            correction.notice, people, correction.stage, event=event, actor=actor, now=now
        )
    _close(correction, actor=actor, now=now)
    return written


def told(correction: NoticeCorrection) -> QuerySet[DataSubject]:
    """Return the people who got a message about the change, and can still be written to."""
    got_one = correction.notice.deliveries.filter(
        stage__in=TELLING, state__in=(State.SENT, State.UNCERTAIN)
    )
    return DataSubject.objects.reachable().filter(pk__in=got_one.values("subject"))


def cancel_unsent(correction: NoticeCorrection, *, now: datetime) -> int:
    """Take back what is not sent yet of a change that does not happen; of a moved one it goes out with the new day."""
    if correction.kind != Kind.CANCELLED:
        return 0
    waiting = correction.notice.deliveries.filter(stage__in=TELLING, state=State.PENDING)
    with transaction.atomic():
        count = waiting.update(state=State.CANCELLED, result="notice_withdrawn", finished_at=now)
        if count:
            ledger.record(
                "members.delivery.cancelled",
                actor=None,
                now=now,
                service=correction.notice.service,
                obj=f"notice:{correction.notice_id}",
                data={"count": count},
            )
    return count


def _is_on_its_way(correction: NoticeCorrection) -> bool:
    """Whether a message claimed before the decision, with the old day in it, may still leave."""
    since = correction.decided_at + lease_time()
    sending = correction.notice.deliveries.filter(stage__in=TELLING, state=State.SENDING)
    return sending.filter(lease_until__lte=since).exists()


def _close(correction: NoticeCorrection, *, actor: Account | None, now: datetime) -> None:
    people = Delivery.objects.filter(notice=correction.notice, stage=correction.stage).count()
    with transaction.atomic():
        mine = NoticeCorrection.objects.filter(pk=correction.pk, planned_at=None)
        if not mine.update(planned_at=now):
            return
        ledger.record(
            "members.notice.planned",
            actor=actor,
            now=now,
            service=correction.notice.service,
            obj=f"notice:{correction.notice_id}",
            data={"stage": correction.stage, "people": people},
        )
    correction.planned_at = now

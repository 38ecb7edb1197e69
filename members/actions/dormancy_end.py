"""The end of separate storage: after the period that the operator has set a dormant membership ends (X-MIK-9).

It ends as by withdrawal: the person is brought back and leaves in one go, so that what the law keeps stays to its
own day, the rest is destroyed, and the confirmation goes out before its address is destroyed (X-MIK-31). A stop in
between is finished by the sweep; whoever signs in first has come back and stays.
"""

from datetime import datetime

from django.db import transaction

from compliance import effects, ledger
from compliance.models import Effect, Service
from compliance.rules.calendar import local_day
from compliance.sweeps import Report
from members import dormancy
from members.actions import dormancy_move, withdrawal
from members.actions.dormancy_move import InMotion
from members.models import DataSubject, Dormancy, RightsRequest, Withdrawal

KIND = "members.dormancy.end"
MOST = (
    200  # People a service and run; every membership that ends takes a message and a certificate.
)
SYSTEM = RightsRequest.Channel.SYSTEM
Status = DataSubject.Status


def end_due(now: datetime, *, dry_run: bool = False) -> Report:
    """End every dormant membership whose separate storage is over; nobody's where no period is set."""
    report = Report()
    if not dry_run:
        repair_unfinished(now=now)
    for service in Service.objects.exclude(dormant_keep="").order_by("slug"):
        rows = dormancy.storage_over(now, service)
        if dry_run:
            report.done += min(rows.count(), MOST)
            continue
        for row in rows.select_related("subject__service").order_by("apart_at", "pk")[:MOST]:
            try:
                end(row, now=now)
                report.done += 1
            except InMotion:
                report.skip("being_moved")
    return report


def end(row: Dormancy, *, now: datetime) -> Withdrawal | None:
    """Bring a dormant person back and end the membership; None for somebody who has come back meanwhile."""
    effect = effects.begin(
        KIND,
        f"dormancy:{row.pk}",
        {"people": [row.subject.public_id], "apart_on": _apart_on(row), "rule": row.rule_code},
        actor=None,
        now=now,
        service=row.service,
        subject=row.subject.public_id,
        destroys=False,
    )
    return _carry_out(effect, now)


def repair_unfinished(*, now: datetime) -> int:
    """Finish what a stop left between the way back and the withdrawal; return how many there were."""
    left = list(effects.unfinished(KIND))
    for effect in left:
        _carry_out(effect, now)
    return len(left)


def _carry_out(effect: Effect, now: datetime) -> Withdrawal | None:
    """The way back bears the moment of the intent: any other last use is the person's own."""
    (public_id,) = effect.payload["people"]
    subject = DataSubject.objects.select_related("service").filter(public_id=public_id).first()
    if subject is None:
        effects.complete(effect, now=now)
        return None
    dormancy_move.bring_back(subject, effect.intended_at, actor=None)
    with transaction.atomic():
        here = DataSubject.objects.select_for_update().get(pk=subject.pk)
        if here.status in dormancy.REACHABLE and here.last_used_at != effect.intended_at:
            effects.complete(effect, now=now)
            return None
        opened = _leave(effect, subject, now)
    withdrawal.attempt(opened, now=now)
    return opened


def _leave(effect: Effect, subject: DataSubject, now: datetime) -> Withdrawal:
    facts = dict(effect.payload)
    opened = withdrawal.request(subject, channel=SYSTEM, actor=None, now=now)
    Dormancy.objects.filter(subject=subject).delete()
    effects.complete(effect, now=now)
    ledger.record(
        "members.dormancy.storage_over",
        actor=None,
        now=now,
        service=subject.service,
        subject=subject.public_id,
        data={
            "rule": facts["rule"],
            "apart_on": facts["apart_on"],
            "withdrawal": opened.pk,
        },
    )
    return opened


def _apart_on(row: Dormancy) -> str:
    if row.apart_at is None:
        raise ValueError("this person is not apart")
    return local_day(row.apart_at, row.service.timezone).isoformat()

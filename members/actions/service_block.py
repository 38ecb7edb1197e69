"""Refusing service to one person on a stated ground, looking at it again, and ending it.

Invariants: a ground of the closed list, a file with the facts, items that the policy lets a block use, and an end or
a day to look again; a settled debt puts the block before the officer at once. Source: LMK-2j.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from compliance import ledger
from compliance.models import Account, Service
from compliance.rules.calendar import local_day
from members import gate
from members.models import DataSubject, Restriction, ServiceBlock
from members.rules import service_block as rule_of

FILE_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
Ground, End = ServiceBlock.Ground, ServiceBlock.End


class NotPossible(ValueError):
    """The block cannot be recorded, kept or ended like this; the text is a code."""


def place(
    subject: DataSubject,
    *,
    ground: str,
    facts: str,
    items: Sequence[str],
    ends_on: date | None,
    review_on: date | None,
    actor: Account,
    now: datetime,
) -> ServiceBlock:
    """Refuse service to a person; ``facts`` is the number of a file, never what is in it.

    Raises ``NotPossible``: ``ground_not_stated``, ``facts_missing``, ``items_not_allowed``, ``no_end``,
    ``day_is_over``, ``no_open_claim`` (late payment needs a running unpaid claim), ``blocked_already``.
    """
    policy = gate.policy_for(subject.service, now)
    allowed = rule_of.items_for(policy, subject.kind)
    if ground not in Ground.values:
        raise NotPossible("ground_not_stated")
    if not FILE_NUMBER.fullmatch(facts):
        raise NotPossible("facts_missing")
    if not items or not set(allowed).issuperset(items):
        raise NotPossible("items_not_allowed")
    _refuse_days((ends_on, review_on), local_day(now, policy.timezone))
    with transaction.atomic():
        locked = DataSubject.objects.select_for_update().get(pk=subject.pk)
        if ground == Ground.LATE_PAYMENT and not _claims().filter(subject=locked).exists():
            raise NotPossible("no_open_claim")
        if locked.service_blocks.filter(ground=ground, ended_at=None).exists():
            raise NotPossible("blocked_already")
        block = ServiceBlock.objects.create(
            subject=locked,
            service=subject.service,
            ground=ground,
            facts=facts,
            items=sorted(items),
            decided_by=actor,
            decided_at=now,
            ends_on=ends_on,
            review_on=review_on,
        )
        told = {"ground": ground, "items": len(items), "ends_on": ends_on, "review_on": review_on}
        _tell("members.service_block.placed", block, actor, now, **told)
    return block


def keep(
    block: ServiceBlock, *, review_on: date | None, actor: Account, now: datetime
) -> ServiceBlock:
    """Keep a block until the next day to look again.

    Raises ``NotPossible``: ``no_end``, ``day_is_over``, ``ended_already``.
    """
    _refuse_days((review_on,), local_day(now, block.service.timezone))
    with transaction.atomic():
        running = ServiceBlock.objects.filter(pk=block.pk, ended_at=None)
        if not running.update(review_on=review_on, reviewed_at=now, ends_on=None):
            raise NotPossible("ended_already")
        _tell("members.service_block.kept", block, actor, now, review_on=review_on)
    block.refresh_from_db()
    return block


def end(block: ServiceBlock, *, reason: str, actor: Account, now: datetime) -> ServiceBlock:
    """End a block with its outcome. Raises ``NotPossible("ended_already")``."""
    with transaction.atomic():
        running = ServiceBlock.objects.filter(pk=block.pk, ended_at=None)
        if not running.update(ended_at=now, end_reason=End(reason)):
            raise NotPossible("ended_already")
        _tell("members.service_block.ended", block, actor, now, reason=reason)
    block.refresh_from_db()
    return block


def to_review(services: Iterable[Service], now: datetime) -> QuerySet[ServiceBlock]:
    """Blocks to look at: the day has come, the period is over, or the debt behind them is settled."""
    unpaid = Exists(_claims().filter(subject=OuterRef("subject")))
    days = (_day_has_come(one, now) for one in services)
    running = ServiceBlock.objects.filter(service__in=services, ended_at=None)
    settled = Q(~unpaid, ground=Ground.LATE_PAYMENT)
    return running.exclude(subject=None).filter(reduce(or_, days, settled))


def _day_has_come(service: Service, now: datetime) -> Q:
    today = local_day(now, service.timezone)
    return Q(service=service) & (Q(review_on__lte=today) | Q(ends_on__lt=today))


def _claims() -> QuerySet[Restriction]:
    return Restriction.objects.filter(ground=Restriction.Ground.UNPAID_CLAIM, ended_at=None)


def _refuse_days(days: Sequence[date | None], today: date) -> None:
    known = [day for day in days if day]
    if not known:
        raise NotPossible("no_end")
    if min(known) < today:
        raise NotPossible("day_is_over")


def _tell(code: str, block: ServiceBlock, actor: Account, now: datetime, **data: object) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=block.service,
        subject=block.subject.public_id if block.subject else None,
        obj=f"service_block:{block.pk}",
        data={"block": block.pk, **data},
    )

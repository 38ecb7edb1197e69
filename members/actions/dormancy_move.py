"""Set people apart who did not use the service for its period, and bring them back when they sign in.

Apart: intent -> copied -> compared, live records deleted, status switched, in one transaction with the ledger ->
the copies fall due from now on -> complete. Back: intent -> copied and compared -> switched -> copies deleted ->
complete. The status is the switch: before it everybody reads the one place, after it the other. A stop anywhere is
finished by the sweep.
Source: MIK-5.5b, MIK-5.5c, X-MIK-9.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, partial
from itertools import accumulate
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q

from compliance import effects, ledger
from compliance.ledger import Themselves
from compliance.models import Account, Effect, PolicyVersion, Service
from compliance.rules import retention
from compliance.rules.policy_values import Policy, RetentionRule
from compliance.selectors import policy_in_force, policy_values
from compliance.sweeps import Report
from members import dormancy
from members.actions import moving, password, record
from members.actions.moving import Apart, Note, Person
from members.actions.segregation import CopyDiffers
from members.among import Among
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Delivery, Dormancy, Record
from members.rules.dormancy import terms_for

APART, BACK = "members.dormancy.move_apart", "members.dormancy.move_back"
PAGE, PEOPLE, RECORDS = 5_000, 1_000, 5_000  # Of a query; of a batch, at most.
log = logging.getLogger(__name__)
PATIENCE = timedelta(minutes=2)
Status, State = DataSubject.Status, Dormancy.State


class InMotion(RuntimeError):
    """The person is being set apart at this moment; in a few minutes the way back is open."""


def set_apart(now: datetime, service: Service, *, dry_run: bool = False) -> Report:
    """Set everybody of a service apart who may be; ``done`` counts people.

    Skipped: ``restricted`` (a dispute is open), ``message_under_way`` (a message to the person is not out yet).
    A dry run says what this call would do and writes nothing.
    """
    report = _report(now, service)
    if dry_run or not report.done:
        return report
    report.done = 0
    version = policy_in_force(service)
    for movers in _batches(now, service):
        effect = effects.begin(
            APART,
            f"dormancy:{uuid4()}",
            {"people": [person.public_id for person in movers]},
            actor=None,
            now=now,
            service=service,
            destroys=False,
        )
        moved = _carry_apart(effect, movers, service, version, now)
        report.done += moved
        if not moved:  # Everybody used the service meanwhile; the next turn looks anew.
            break
    return report


def bring_back(subject: DataSubject, now: datetime, *, actor: Account | Themselves | None) -> None:
    """Put everything of a dormant person back into daily use; for anybody else nothing happens.

    Raises ``InMotion`` while the person is still being set apart.
    """
    here = DataSubject.objects.select_related("service").get(pk=subject.pk)
    if here.status != Status.DORMANT:
        return
    if is_moving(here):
        raise InMotion(f"dormancy of {here}")
    effect = effects.begin(
        BACK,
        f"dormancy:{here.pk}",
        {"people": [here.public_id]},
        actor=actor,
        now=now,
        service=here.service,
        subject=here.public_id,
        destroys=False,
    )
    _carry_back(effect, here.service, actor, now)


def returned(subject: DataSubject, *, now: datetime) -> bool:
    """Bring back somebody who has just proved to be the one; False while that takes longer than an answer may.

    What stopped is finished by the sweep. For people in daily use nothing happens, and the answer is yes.
    """
    try:
        bring_back(subject, now, actor=ledger.THEMSELVES)
    except InMotion:
        return False
    except Exception as error:
        log.warning("the way back goes on later: %s", type(error).__name__)
        return False
    subject.refresh_from_db()
    return True


def is_moving(subject: DataSubject) -> bool:
    """Whether a move of this person into the archive was begun and has not been finished."""
    begun = Effect.objects.filter(kind=APART, state=Effect.State.INTENDED)
    return any(
        subject.public_id in payload["people"]
        for payload in begun.values_list("payload", flat=True)
    )


def repair_unfinished(*, now: datetime) -> int:
    """Finish moves that a stop interrupted more than two minutes ago, in both directions."""
    old = [
        effect
        for kind in (APART, BACK)
        for effect in effects.unfinished(kind).filter(intended_at__lt=now - PATIENCE)
    ]
    for effect in old:
        service = Service.objects.get(slug=effect.service_slug)
        if effect.kind == APART:
            movers = moving.people(effect.payload["people"])
            _carry_apart(effect, movers, service, policy_in_force(service), now)
        else:
            _carry_back(effect, service, None, now)
    return len(old)


def _movable(now: datetime, service: Service) -> Any:
    """Rounds of people who go now: the list of dormancy, without disputes and messages under way."""
    open_messages = Delivery.objects.filter(finished_at=None, subject__isnull=False)
    return (
        dormancy.may_be_moved(now, service)
        .filter(subject__status=Status.ACTIVE)
        .exclude(subject__in=open_messages.values("subject"))
    )


def _report(now: datetime, service: Service) -> Report:
    active = Q(subject__status=Status.ACTIVE)
    under_way = Exists(Delivery.objects.filter(finished_at=None, subject=OuterRef("subject")))
    found = dormancy.may_be_moved(now, service).aggregate(
        everybody=Count("pk"),
        restricted=Count("pk", filter=~active),
        message_under_way=Count("pk", filter=active & Q(under_way)),
    )
    report = Report(done=found.pop("everybody") - sum(found.values()))
    for reason, count in found.items():
        if count:
            report.skip(reason, count)
    return report


def _batches(now: datetime, service: Service) -> Iterator[list[Person]]:
    """Yield at most 1,000 people who hold at most 5,000 records together; whoever holds more goes alone."""
    columns = ("subject_id", "subject__public_id", "subject__kind", "subject__language")
    first = _movable(now, service).order_by("separate_on", "pk").values_list(*columns)[:PAGE]
    while found := [Person(*row) for row in first.all()]:
        while found:
            held = _held_by(found[:PEOPLE])
            records = accumulate(held.get(person.pk, 0) for person in found[:PEOPLE])
            fits = max(sum(total <= RECORDS for total in records), 1)
            yield found[:fits]
            found = found[fits:]


def _held_by(people: Sequence[Person]) -> dict[int, int]:
    mine = Among("subject", [person.pk for person in people])
    counted = Record.objects.filter(mine).order_by()
    return dict(counted.values_list("subject").annotate(n=Count("*")))


def _carry_apart(
    effect: Effect,
    movers: Sequence[Person],
    service: Service,
    version: PolicyVersion | None,
    now: datetime,
) -> int:
    if version is None:
        raise LookupError(f"service {service.slug} has no policy in force")
    apart = Apart(effect.pk, service.slug, _notes(policy_values(version)), version.number, now)
    moving.copy_apart(movers, apart)
    try:
        _switch(movers, service, now)
    except CopyDiffers:  # A record came in between: once more.
        moving.copy_apart(movers, apart)
        _switch(movers, service, now)
    gone = _dormant(movers)
    mine = [person for person in movers if person.pk in gone]
    moving.clear_live(mine, apart)
    moving.clear_archive([person for person in movers if person.pk not in gone])
    moving.settle(apart)
    effects.complete(effect, now=now)
    return len(mine)


def _switch(movers: Sequence[Person], service: Service, now: datetime) -> None:
    """ACTIVE -> DORMANT for those who may still go, under a lock that a sign-in and a new record wait for."""
    with transaction.atomic():
        mine = Among("pk", [person.pk for person in movers])
        active = DataSubject.objects.filter(mine, status=Status.ACTIVE)
        locked = list(active.select_for_update().order_by("pk").values_list("pk", flat=True))
        free = _movable(now, service).filter(Among("subject", locked))
        going = set(free.values_list("subject_id", flat=True))
        if not going:
            return
        leavers = [person for person in movers if person.pk in going]
        moving.take_live(leavers)
        DataSubject.objects.filter(Among("pk", going)).update(status=Status.DORMANT)
        Dormancy.objects.filter(Among("subject", going)).update(state=State.APART, apart_at=now)
        password.forget_of(going)
        ledger.record_batch(
            "members.dormancy.set_apart",
            [(person.public_id, {}) for person in leavers],
            actor=None,
            now=now,
            service=service,
            data={"people": len(going)},
        )


def _dormant(movers: Sequence[Person]) -> set[int]:
    mine = Among("pk", [person.pk for person in movers])
    found = DataSubject.objects.filter(mine, status=Status.DORMANT)
    return set(found.values_list("pk", flat=True))


def _notes(policy: Policy) -> Note:
    """Statutory records are noted by their own rule, and end on its day: no contract of use extends it (MIK-5.5c).

    Everything else is noted by the dormancy rule, without a last day.
    """
    statutory, sleeping = cache(partial(_statutory, policy)), cache(partial(terms_for, policy))

    def note(
        kind: str, record_class: str, anchors: Mapping[str, str]
    ) -> tuple[str, str, date | None]:
        if rule := statutory(kind, record_class):
            due = retention.due(rule, record.days(anchors), policy.timezone)
            return rule.code, rule.clause, due.last_day if due else None
        terms = sleeping(kind)
        return (terms.rule, terms.clause, None) if terms else ("", "", None)

    return note


def _statutory(policy: Policy, kind: str, record_class: str) -> RetentionRule | None:
    rule = retention.home_rule(policy, record_class, kind)
    return rule if rule and (rule.basis == "statutory" or rule.mandatory) else None


def _carry_back(
    effect: Effect, service: Service, actor: Account | Themselves | None, now: datetime
) -> None:
    version = policy_in_force(service)
    if version is None:
        raise LookupError(f"service {service.slug} has no policy in force")
    policy = policy_values(version)
    movers = moving.people(effect.payload["people"])
    _stop_clocks(movers)
    count = moving.copy_back(
        movers, lambda kind, of, anchors: record.clock(policy, kind, of, anchors)
    )
    with transaction.atomic():
        sleeping = DataSubject.objects.filter(
            pk__in=[person.pk for person in movers], status=Status.DORMANT
        )
        here = sleeping.update(status=Status.ACTIVE, last_used_at=effect.intended_at)
        if here:
            Dormancy.objects.filter(subject__in=[person.pk for person in movers]).update(
                state=State.RETURNED, apart_at=None
            )
            ledger.record(
                "members.dormancy.brought_back",
                actor=actor,
                now=now,
                service=service,
                subject=movers[0].public_id,
                data={"records": count},
            )
    moving.clear_archive(movers)
    effects.complete(effect, now=now, actor=actor)


def _stop_clocks(movers: Sequence[Person]) -> None:
    """From here on nothing apart of these people falls due any more: their contract of use runs again."""
    ArchivedRecord.objects.filter(
        subject__public_id__in=[person.public_id for person in movers],
        subject__why=ArchivedSubject.Why.DORMANT,
        due_on__isnull=False,
    ).update(due_on=None)

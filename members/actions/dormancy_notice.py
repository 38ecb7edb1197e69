"""Tell people in advance that they are about to be set apart, and note how they were told (MIK-5.5a).

The sweep ends rounds of people who have used the service since, notes what became of messages, and writes the
messages that are due: in batches, resumable anywhere, as often as you like.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, QuerySet
from django.db.models.functions import TruncDate

from compliance import bulk, ledger
from compliance.models import Account, Service
from compliance.rules.calendar import local_day, start_of_day, zone_of
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values
from compliance.sweeps import Report
from members import dormancy
from members.actions.delivery import delivery_id, message_id
from members.contacts import language_of
from members.models import DataSubject, Delivery, Dormancy
from members.rules import dormancy as rules
from members.rules.dormancy import Terms

EVENT, EMAIL = "dormancy", "email"
BATCH = 1_000
ONE_DAY = timedelta(days=1)
State, Sent = Dormancy.State, Delivery.State
Row = TypeVar("Row", bound=Model)
WAITING = (State.NOTICED, State.UNREACHED, State.TOLD)
SENDING = (Sent.PENDING, Sent.SENDING)
RENEWED = (
    "service",
    "rule_code",
    "state",
    "last_used_on",
    "notice_due_on",
    "separate_on",
    "notice",
    "told_on",
    "told_channel",
    "told_by",
    "apart_at",
    "lease_until",
)
NOTED = ("id", "state", "told_on", "told_channel", "separate_on")


class Answer(NamedTuple):
    """What became of the message of a round: when it left, or None where it reached nobody."""

    pk: int
    public_id: str
    last_used_on: date
    left_at: datetime | None


class NotPossible(ValueError):
    """This cannot be noted: ``code`` is ``not_waiting``, ``channel`` or ``day``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def notify_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Do for every service what is due: rounds ended by use, results of messages, new messages."""
    report = Report()
    for service in Service.objects.order_by("slug"):
        version = policy_in_force(service)
        policy = policy_values(version) if version else None
        if policy is not None and rules.terms(policy):
            report.done += _count(service, policy, now) if dry_run else _run(service, policy, now)
    return report


def to_tell(service: Service, terms: Terms, now: datetime) -> QuerySet[DataSubject]:
    """Return the people in daily use whose notice is due and who have not been told about this last use."""
    newest = terms.newest_use_to_tell(local_day(now, service.timezone))
    people = DataSubject.objects.reachable().filter(
        service=service,
        kind__in=terms.kinds,
        last_used_at__lt=start_of_day(newest + ONE_DAY, service.timezone),
    )
    rounds = Dormancy.objects.filter(
        subject=OuterRef("pk"), state__in=WAITING, last_used_on=OuterRef("used_on")
    )
    used_on = TruncDate("last_used_at", tzinfo=zone_of(service.timezone))
    return people.annotate(used_on=used_on).filter(~Exists(rounds))


def tell(row: Dormancy, *, channel: str, on: date, actor: Account, now: datetime) -> Dormancy:
    """Note that an officer told somebody by telephone or in writing; the days count from that day.

    Raises ``NotPossible`` for another channel than the policy's, for a day that is to come or lies before the
    last use, and where nobody waits to be told.
    """
    with transaction.atomic():
        locked = (
            Dormancy.objects.select_for_update(of=("self",))
            .select_related("subject")
            .get(pk=row.pk)
        )
        terms = _terms_of(locked)
        if locked.state not in (State.NOTICED, State.UNREACHED) or terms is None:
            raise NotPossible("not_waiting")
        if channel not in terms.channels or channel == EMAIL:
            raise NotPossible("channel")
        if not locked.last_used_on < on <= local_day(now, locked.service.timezone):
            raise NotPossible("day")
        locked.state, locked.told_on, locked.told_channel = State.TOLD, on, channel
        locked.told_by, locked.separate_on = actor, terms.separate_on(locked.last_used_on, on)
        locked.save(update_fields=["state", "told_on", "told_channel", "told_by", "separate_on"])
        ledger.record(
            "members.dormancy.told",
            actor=actor,
            now=now,
            service=locked.service,
            subject=locked.subject.public_id,
            obj=f"dormancy:{locked.pk}",
            clause=terms.clause,
            data={"channel": channel, "told_on": on, "separate_on": locked.separate_on},
        )
    return locked


def channels_to_tell(service: Service) -> tuple[str, ...]:
    """Return the ways in which an officer may tell somebody whom no e-mail reached."""
    found = (channel for terms in dormancy.terms_of(service) for channel in terms.channels)
    return tuple(dict.fromkeys(channel for channel in found if channel != EMAIL))


def _terms_of(row: Dormancy) -> Terms | None:
    return next((one for one in dormancy.terms_of(row.service) if one.rule == row.rule_code), None)


def _count(service: Service, policy: Policy, now: datetime) -> int:
    terms = rules.terms(policy)
    planned = sum(to_tell(service, one, now).count() for one in terms)
    answered = _answered(service).filter(rule_code__in=[one.rule for one in terms])
    return planned + _used(service).count() + answered.count()


def _run(service: Service, policy: Policy, now: datetime) -> int:
    done = 0
    for ended in _batches(_used(service).select_related("subject")):
        done += _end_by_use(service, ended, now)
    for terms in rules.terms(policy):
        for answered in _batches(_answered(service).filter(rule_code=terms.rule)):
            done += _note_results(service, terms, answered, now)
        for people in _batches(to_tell(service, terms, now)):
            done += _plan(service, policy, terms, people, now)
    return done


def _batches(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """Yield the rows by number, at most 1,000 at a time; each batch goes on behind the last one."""
    cursor = 0
    while batch := list(rows.filter(pk__gt=cursor).order_by("pk")[:BATCH]):
        yield batch
        cursor = batch[-1].pk


def _used(service: Service) -> QuerySet[Dormancy]:
    """Rounds of people in daily use who have used the service since their notice was written."""
    used_on = TruncDate("subject__last_used_at", tzinfo=zone_of(service.timezone))
    rows = Dormancy.objects.filter(
        service=service, state__in=WAITING, subject__status__in=dormancy.REACHABLE
    )
    return rows.alias(used_on=used_on).exclude(used_on=F("last_used_on"))


def _end_by_use(service: Service, rows: Sequence[Dormancy], now: datetime) -> int:
    with transaction.atomic():
        Dormancy.objects.filter(pk__in=[row.pk for row in rows]).delete()
        people = [row.subject.public_id for row in rows]
        _tell_batch("members.dormancy.ended_by_use", service, people, now)
    return len(rows)


def _answered(service: Service) -> QuerySet[Dormancy]:
    """Rounds whose message has a final state that is not noted yet."""
    rows = Dormancy.objects.filter(
        service=service,
        state=State.NOTICED,
        notice__isnull=False,
        subject__status__in=dormancy.REACHABLE,
    )
    used_on = TruncDate("subject__last_used_at", tzinfo=zone_of(service.timezone))
    same_use = rows.alias(used_on=used_on).filter(used_on=F("last_used_on"))
    return same_use.exclude(notice__state__in=SENDING)


def _note_results(service: Service, terms: Terms, found: Sequence[Dormancy], now: datetime) -> int:
    """NOTICED -> TOLD where the message is out, else UNREACHED; the days count from the day it left."""
    with transaction.atomic():
        mine = _answered(service).filter(pk__in=[row.pk for row in found])
        answers = _answers(mine.select_for_update(of=("self",)).order_by("pk"))
        if not answers:
            return 0
        reached = [one for one in answers if one.left_at]
        lost = [one.pk for one in answers if not one.left_at]
        bulk.update(Dormancy, NOTED, _told(reached, terms, service.timezone))
        Dormancy.objects.filter(pk__in=lost).update(state=State.UNREACHED)
        _tell_batch(
            "members.dormancy.results_noted",
            service,
            [one.public_id for one in answers],
            now,
            told=len(reached),
            unreached=len(lost),
        )
    return len(answers)


def _answers(rounds: QuerySet[Dormancy]) -> list[Answer]:
    columns = ("pk", "subject__public_id", "last_used_on", "notice__state", "notice__finished_at")
    return [
        Answer(pk, public_id, used_on, finished_at if state == Sent.SENT else None)
        for pk, public_id, used_on, state, finished_at in rounds.values_list(*columns)
    ]


def _told(answers: Sequence[Answer], terms: Terms, timezone: str) -> list[tuple[Any, ...]]:
    """Return the values of ``NOTED``; a day is counted once, however many people share it."""
    separate_on, rows = cache(terms.separate_on), []
    for one in answers:
        if one.left_at:
            told_on = local_day(one.left_at, timezone)
            first = separate_on(one.last_used_on, told_on)
            rows.append((one.pk, State.TOLD.value, told_on, EMAIL, first))
    return rows


def _plan(
    service: Service,
    policy: Policy,
    terms: Terms,
    people: Sequence[DataSubject],
    now: datetime,
) -> int:
    """Write one message and one round per person; without e-mail in the policy an officer has to tell them."""
    today, is_mailed = local_day(now, service.timezone), EMAIL in terms.channels
    rounds = [_round(service, terms, person, today) for person in people]
    if is_mailed:
        for row, person in zip(rounds, people, strict=True):
            row.notice = _message(row, language_of(person, policy), now)
    with transaction.atomic():
        bulk.insert_objects([row.notice for row in rounds if row.notice], ignore_conflicts=True)
        Dormancy.objects.bulk_create(
            rounds, update_conflicts=True, unique_fields=["subject"], update_fields=RENEWED
        )
        told = [person.public_id for person in people]
        _tell_batch("members.dormancy.noticed", service, told, now, rule=terms.rule)
    return len(rounds)


def _round(service: Service, terms: Terms, person: DataSubject, today: date) -> Dormancy:
    used_on: date = person.used_on  # type: ignore[attr-defined]
    return Dormancy(
        subject=person,
        service=service,
        rule_code=terms.rule,
        state=State.NOTICED if EMAIL in terms.channels else State.UNREACHED,
        last_used_on=used_on,
        notice_due_on=terms.notice_on(used_on),
        separate_on=terms.separate_on(used_on, today),
    )


def _message(row: Dormancy, language: str, now: datetime) -> Delivery:
    id = delivery_id(EVENT, row.subject.public_id, row.last_used_on)
    return Delivery(
        id=id,
        event=EVENT,
        kind=Delivery.Kind.NOTICE,
        stage=row.separate_on.isoformat(),
        subject=row.subject,
        service=row.service,
        language=language,
        not_before=now,
        message_id=message_id(id),
        created_at=now,
    )


def _tell_batch(
    code: str,
    service: Service,
    people: Sequence[str],
    now: datetime,
    **data: int | str,
) -> None:
    ledger.record_batch(
        code,
        [(public_id, {}) for public_id in people],
        actor=None,
        now=now,
        service=service,
        data={"count": len(people), **data},
    )

"""Record cases again after a restore, step by step as they were, so that a case in force holds again and no other."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.db.models import QuerySet

from compliance.models import Account
from compliance.restore.replays import Tally, Task
from members.actions import case_flag
from members.models import CaseFlag, DataSubject
from members.rules.replay import CONFIRMED, ENDED, PROPOSED, REVIEWED, Event

Proposals = Mapping[str, Event]


def proposals(events: Sequence[Event]) -> Proposals:
    """Return by its reference who proposed what, for the cases that the backup does not have."""
    return {event.ref: event for event in events if event.code == PROPOSED}


def record_again(subject: DataSubject, event: Event, known: Proposals, tally: Tally) -> None:
    """Take one step of a case again; what the backup or the house no longer allows is left for a person."""
    try:
        tally["case_steps"] += STEPS[event.code](subject, event, known)
    except (case_flag.NotPossible, Account.DoesNotExist, CaseFlag.DoesNotExist):
        tally.leave(as_task(event))


def as_task(event: Event) -> Task:
    """Return what a person has to do about an event."""
    about = (event.service, event.subject_key, event.ref, event.actor, event.count)
    return Task(event.code, event.at, *about)


def _propose(subject: DataSubject, event: Event, known: Proposals) -> int:
    if _cases(subject, event, known).exists():
        return 0
    case_flag.propose(
        subject,
        rule_code=event.data["rule"],
        reason=event.data["reason"],
        found_on=date.fromisoformat(event.data["found_on"]),
        actor=_who(event),
        now=event.at,
    )
    return 1


def _confirm(subject: DataSubject, event: Event, known: Proposals) -> int:
    case = _case(subject, event, known)
    if case.confirmed_at:
        return 0
    case_flag.confirm(case, actor=_who(event), now=event.at)
    return 1


def _review(subject: DataSubject, event: Event, known: Proposals) -> int:
    case = _case(subject, event, known)
    if case.ended_at or (case.reviewed_at and case.reviewed_at >= event.at):
        return 0
    case_flag.review(case, reason=event.data["reason"], actor=_who(event), now=event.at)
    return 1


def _end(subject: DataSubject, event: Event, known: Proposals) -> int:
    case = _case(subject, event, known)
    if case.ended_at:
        return 0
    who = Account.objects.filter(username=event.actor).first()  # None: the sweep ended it.
    case_flag.end(case, reason=event.data["reason"], actor=who, now=event.at)
    return 1


def _case(subject: DataSubject, event: Event, known: Proposals) -> CaseFlag:
    return _cases(subject, event, known).get()


def _cases(subject: DataSubject, event: Event, known: Proposals) -> QuerySet[CaseFlag]:
    """Return the case of an event: one of the backup by its number, a newer one by when it was proposed."""
    mine = CaseFlag.objects.filter(subject=subject).select_related("service", "subject", "stop")
    first = known.get(event.ref)
    if first is None:
        return mine.filter(pk=event.ref.partition(":")[2], proposed_at__lte=event.at)
    return mine.filter(rule_code=first.data["rule"], proposed_at=first.at)


def _who(event: Event) -> Account:
    return Account.objects.get(username=event.actor)


STEPS: dict[str, Callable[[DataSubject, Event, Proposals], int]] = {
    PROPOSED: _propose,
    CONFIRMED: _confirm,
    REVIEWED: _review,
    ENDED: _end,
}

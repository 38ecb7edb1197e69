"""Do again, after the main database was put back, what people asked for since: leave, answer, object, be held.

Each step looks first whether it is done, so that a replay may be stopped anywhere and called again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice

from compliance.keyring import digests
from compliance.models import PolicyVersion
from compliance.restore.replays import Tally, Task
from compliance.selectors import policy_in_force
from members.actions import (
    agreement,
    consent,
    replay_dormancy,
    replay_flags,
    replay_leaving,
    restriction,
)
from members.models import Answer, ConsentState, DataSubject, Restriction
from members.rules.replay import (
    AGREED,
    ANSWERED,
    BROUGHT_BACK,
    COMPLETED,
    FLAGS,
    LEFT,
    LIFTED,
    OF_PEOPLE,
    PLACED,
    REGISTERED,
    SET_APART,
    Event,
    settled,
    without_stops,
)

SOURCE = "replay"
GONE = replay_leaving.GONE
PAGE = 5_000


def do_again(events: Sequence[Event], tally: Tally, *, now: datetime) -> None:
    """Apply events in their order; ``tally`` takes what was done and what a person has to see."""
    events = [event for event in without_stops(events) if event.code in OF_PEOPLE]
    people = _people({event.subject_key for event in events if event.subject_key})
    _name_lost(events, set(people), tally)
    past = Past(events)
    for event in settled(events):
        subject = DataSubject.objects.filter(pk=people.get(event.subject_key)).first()
        if event.code in FLAGS and subject is None:
            tally.leave(replay_flags.as_task(event))
        elif subject is not None and event.code in STEPS:
            STEPS[event.code](subject, event, past, tally, now)


class Past:
    """What of the events themselves an event has to know."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.lifted = [event for event in events if event.code == LIFTED]
        self.proposals = replay_flags.proposals(events)
        self.completed = {event.ref: event.at for event in events if event.code == COMPLETED}

    def end_of(self, placed: Event) -> datetime | None:
        """Return when a hold was lifted again, if it was."""
        same = (placed.ref, placed.subject_key)
        ends = (e.at for e in self.lifted if (e.ref, e.subject_key) == same)
        return next((at for at in ends if at >= placed.at), None)


def _name_lost(events: Sequence[Event], here: set[str], tally: Tally) -> None:
    """Name who joined after the backup and has not left: one line for an entry, whole imports as one."""
    left = {event.subject_key for event in events if event.code == LEFT}
    lost: dict[int, list[Event]] = {}
    for event in events:
        if event.code == REGISTERED and event.subject_key not in left | here:
            lost.setdefault(event.seq, []).append(event)
    for [first, *others] in lost.values():
        person = "" if others else first.subject_key
        about = (first.service, person, first.ref, first.actor, 1 + len(others))
        tally.leave(Task("people_lost", first.at, *about))


def with_people(tasks: Sequence[Task]) -> list[Task]:
    """Return the lines with the public ids of those who are known here."""
    known = _people({task.subject_key for task in tasks if task.subject_key})
    here = DataSubject.objects.in_bulk(known.values())
    names = {key: here[pk].public_id for key, pk in known.items() if pk in here}
    return [replace(task, person=names.get(task.subject_key, "")) for task in tasks]


def _people(wanted: set[str]) -> Mapping[str, int]:
    """Return the keys of those people whose pseudonyms are wanted."""
    found: dict[str, int] = {}
    rows = DataSubject.objects.order_by().values_list("pk", "public_id").iterator(PAGE)
    while wanted and (part := list(islice(rows, PAGE))):
        names = digests.subject_digests([public_id for _, public_id in part])
        found |= {names[name]: pk for pk, name in part if names[name] in wanted}
    return found


def _answer(subject: DataSubject, event: Event, _past: Past, tally: Tally, _now: datetime) -> None:
    if subject.status in GONE:
        return
    data = event.data
    question = {name: data.get(name) or "" for name in ("purpose", "channel", "recipient")}
    state = ConsentState.objects.filter(subject=subject, **question).first()
    if state and state.since >= event.at:
        return
    version = _version(subject, data.get("version"))
    if version is None and data["answer"] == Answer.AGREED:
        _leave_by_code("agreement_without_its_version", event, tally)
        return
    consent.answer(
        subject,
        **question,
        answer=data["answer"],
        version=version or (state.version if state else _in_force(subject)),
        asked_by=SOURCE,
        language=data.get("language") or "",
        text_hash=data.get("text") or "",
        actor=None,
        now=event.at,
    )
    tally["answers"] += 1


def _version(subject: DataSubject, number: object) -> PolicyVersion | None:
    return PolicyVersion.objects.filter(service=subject.service, number=number).first()


def _in_force(subject: DataSubject) -> PolicyVersion:
    version = policy_in_force(subject.service)
    if version is None:
        raise LookupError(f"{subject.service} has no policy in force")
    return version


def _place(subject: DataSubject, event: Event, past: Past, tally: Tally, _now: datetime) -> None:
    if past.end_of(event) is not None:
        return
    data, known = event.data, isinstance(event.data["items"], list)
    items = data["items"] if known else []
    same = Restriction.objects.filter(
        subject=subject, ground=data["ground"], began_at=event.at, items=items
    )
    if same.exists():
        return
    review = data.get("review_on")
    try:
        restriction.place(
            subject,
            ground=data["ground"],
            items=items,
            blocks_use=data["blocks_use"],
            blocks_destruction=data["blocks_destruction"],
            review_on=date.fromisoformat(review) if review else None,
            actor=None,
            now=event.at,
        )
    except restriction.NotPossible:
        _leave_by_code("hold_without_records", event, tally)
        return
    tally["holds_placed"] += 1
    if not known and data["items"]:  # An old entry with a mere number of items: hold everything.
        _leave_by_code("hold_widened", event, tally)


def _lift(subject: DataSubject, event: Event, _past: Past, tally: Tally, _now: datetime) -> None:
    """Lift a hold that the backup still has; one that was placed after it is not placed at all."""
    number = event.ref.partition(":")[2]
    hold = Restriction.objects.filter(
        pk=number,
        subject=subject,
        ground=event.data["ground"],
        began_at__lte=event.at,
        ended_at=None,
    ).first()
    if hold:
        restriction.lift(hold, actor=None, now=event.at)
        tally["holds_lifted"] += 1


def _agree(subject: DataSubject, event: Event, _past: Past, tally: Tally, _now: datetime) -> None:
    version = _version(subject, event.data["version"])
    if version is None or version.state not in agreement.BINDING:
        tally.leave(replay_flags.as_task(event))
        return
    tally["agreements"] += agreement.agree([subject.pk], version, actor=None, now=event.at)


def _leave_by_code(code: str, event: Event, tally: Tally) -> None:
    tally.leave(replace(replay_flags.as_task(event), code=code))


def _flag(subject: DataSubject, event: Event, past: Past, tally: Tally, _now: datetime) -> None:
    replay_flags.record_again(subject, event, past.proposals, tally)


def _exit(subject: DataSubject, event: Event, past: Past, tally: Tally, now: datetime) -> None:
    replay_leaving.leave(subject, event, past.completed.get(event.ref), tally, now=now)


def _apart(subject: DataSubject, event: Event, _past: Past, tally: Tally, _now: datetime) -> None:
    replay_dormancy.set_apart_again(subject, event.at, tally)


def _back(subject: DataSubject, event: Event, _past: Past, tally: Tally, _now: datetime) -> None:
    replay_dormancy.bring_back_again(subject, event.at, tally)


STEPS: dict[str, Callable[[DataSubject, Event, Past, Tally, datetime], None]] = {
    AGREED: _agree,
    LEFT: _exit,
    SET_APART: _apart,
    BROUGHT_BACK: _back,
    ANSWERED: _answer,
    PLACED: _place,
    LIFTED: _lift,
    **dict.fromkeys(FLAGS, _flag),
}

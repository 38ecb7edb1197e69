"""Do again, after the main database was put back, what people asked for since: leave, answer, object, be held.

Each step looks first whether it is done, so that a replay may be stopped anywhere and called again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet

from compliance import effects, ledger
from compliance.keyring import digests, keys
from compliance.models import PolicyVersion
from compliance.rules.calendar import local_day
from compliance.selectors import policy_in_force, policy_values
from members import holdings
from members.actions import (
    consent,
    delivery_cancel,
    replay_dormancy,
    restriction,
    segregation,
    withdrawal,
)
from members.actions.record import DESTROY
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import Answer, ConsentState, DataSubject, Record, Restriction, Withdrawal
from members.rules.leaving import MOVED, Part
from members.rules.replay import (
    ANSWERED,
    BROUGHT_BACK,
    LEFT,
    LIFTED,
    PLACED,
    REGISTERED,
    SET_APART,
    Event,
    settled,
)

SOURCE = "replay"
MOVE = "members.replay.move"
GONE = (DataSubject.Status.LEAVING, DataSubject.Status.WITHDRAWN)
PAGE = 5_000


@dataclass(frozen=True)
class Exit:
    """How somebody left: reference of the withdrawal, local day, number of the policy version, moment."""

    reference: str
    left_on: date
    version: int
    at: datetime


def do_again(events: Sequence[Event], counts: Counter[str], *, now: datetime) -> None:
    """Apply events in their order; ``counts`` takes what was done, and under ``left:`` what a person has to see."""
    people = _people({event.subject_key for event in events if event.subject_key})
    lifted = [event for event in events if event.code == LIFTED]
    counts["left:people_lost"] += len(
        _names(events, REGISTERED) - _names(events, LEFT) - set(people)
    )
    for event in settled(events):
        subject = DataSubject.objects.filter(pk=people.get(event.subject_key)).first()
        if subject is None or event.code == REGISTERED:
            continue
        if event.code == LEFT:
            _leave(subject, event, counts, now)
        elif event.code == SET_APART:
            replay_dormancy.set_apart_again(subject, event.at, counts)
        elif event.code == BROUGHT_BACK:
            replay_dormancy.bring_back_again(subject, event.at, counts)
        elif event.code == ANSWERED:
            _answer(subject, event, counts)
        elif event.code == PLACED:
            _place(subject, event, _end_of(event, lifted), counts)
        elif event.code == LIFTED:
            _lift(subject, event, counts)
        else:
            counts[f"left:{event.code.partition('.')[2]}"] += 1


def _names(events: Sequence[Event], code: str) -> set[str]:
    return {event.subject_key for event in events if event.code == code}


def set_leavers_apart(counts: Counter[str]) -> None:
    """Let nobody's kept records go with the rest: an exit may stand before its move in what was put back."""
    over = (Withdrawal.Step.DESTROYED, Withdrawal.Step.COMPLETE)
    open_ = Withdrawal.objects.exclude(step__in=over).exclude(subject=None)
    for one in open_.select_related("subject__service", "version"):
        if not _apart(one.subject).exists():
            exit_ = Exit(f"withdrawal:{one.pk}", one.left_on, one.version.number, one.began_at)
            _set_apart(one.subject, withdrawal.parts_of(one), exit_, counts)


def _apart(subject: DataSubject) -> QuerySet[ArchivedRecord]:
    return ArchivedRecord.objects.filter(subject__public_id=subject.public_id)


def _people(wanted: set[str]) -> Mapping[str, int]:
    """Return the keys of those people whose pseudonyms are wanted."""
    found: dict[str, int] = {}
    rows = DataSubject.objects.order_by().values_list("pk", "public_id").iterator(PAGE)
    while wanted and (part := list(islice(rows, PAGE))):
        names = digests.subject_digests([public_id for _, public_id in part])
        found |= {names[name]: pk for pk, name in part if names[name] in wanted}
    return found


def _answer(subject: DataSubject, event: Event, counts: Counter[str]) -> None:
    if subject.status in GONE:
        return
    data = event.data
    question = {name: data.get(name) or "" for name in ("purpose", "channel", "recipient")}
    state = ConsentState.objects.filter(subject=subject, **question).first()
    if state and state.since >= event.at:
        return
    version = _version(subject, data.get("version"))
    if version is None and data["answer"] == Answer.AGREED:
        counts["left:agreement_without_its_version"] += 1
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
    counts["answers"] += 1


def _version(subject: DataSubject, number: object) -> PolicyVersion | None:
    return PolicyVersion.objects.filter(service=subject.service, number=number).first()


def _in_force(subject: DataSubject) -> PolicyVersion:
    version = policy_in_force(subject.service)
    if version is None:
        raise LookupError(f"{subject.service} has no policy in force")
    return version


def _end_of(placed: Event, lifted: Sequence[Event]) -> datetime | None:
    """Return when a hold was lifted again, if it was."""
    ends = (e.at for e in lifted if (e.ref, e.subject_key) == (placed.ref, placed.subject_key))
    return next((at for at in ends if at >= placed.at), None)


def _place(subject: DataSubject, event: Event, end: datetime | None, counts: Counter[str]) -> None:
    if end is not None:
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
        counts["left:hold_without_records"] += 1
        return
    counts["holds_placed"] += 1
    if not known and data["items"]:  # An old entry with a mere number of items: hold everything.
        counts["left:hold_widened"] += 1


def _lift(subject: DataSubject, event: Event, counts: Counter[str]) -> None:
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
        counts["holds_lifted"] += 1


def _leave(subject: DataSubject, event: Event, counts: Counter[str], now: datetime) -> None:
    """Close the account of a leaver again, without a message, and let nothing of it be in daily use."""
    if subject.status in GONE:
        return
    replay_dormancy.bring_back_again(subject, event.at, counts)
    apart = _apart(subject)
    if not apart.exists():
        _move(subject, event, counts)
    counts["keys_destroyed"] += _destroy_rest(subject, event, now)
    with transaction.atomic():
        kept = set(apart.values_list("pk", flat=True))
        consent.withdraw_all(subject, asked_by=SOURCE, now=event.at)
        delivery_cancel.cancel_unsent(subject, now=now)
        holdings.destroy_all(subject, now=now)
        counts["records_destroyed_default"] += Record.objects.filter(subject=subject).delete()[0]
        DataSubject.objects.filter(pk=subject.pk).update(
            status=DataSubject.Status.WITHDRAWN, left_at=event.at
        )
        ledger.record(
            "members.withdrawal.replayed",
            actor=None,
            now=now,
            service=subject.service,
            subject=subject.public_id,
            obj=event.ref,
            data={"records": len(kept)},
        )
        if not kept:
            subject.delete()
    counts["people_withdrawn"] += 1


def _move(subject: DataSubject, event: Event, counts: Counter[str]) -> None:
    """Set apart once more what has to be kept, under the plan of somebody who leaves at that moment."""
    version = _in_force(subject)
    exit_ = Exit(
        event.ref,
        local_day(event.at, policy_values(version).timezone),
        version.number,
        event.at,
    )
    _set_apart(subject, withdrawal.preview(subject, now=event.at), exit_, counts)


def _set_apart(
    subject: DataSubject, parts: Sequence[Part], exit_: Exit, counts: Counter[str]
) -> None:
    """Write the kept parts; the reference of the exit gives the same ids as the first time."""
    effect = effects.begin(
        MOVE,
        exit_.reference,
        {},
        service=subject.service,
        subject=subject.public_id,
        actor=None,
        now=exit_.at,
        destroys=False,
    )
    move = segregation.load(
        subject, parts, reference=exit_.reference, left_on=exit_.left_on, version=exit_.version
    )
    moved = segregation.set_apart(move, why=ArchivedSubject.Why.WITHDRAWN, now=exit_.at)
    segregation.hold_digests(move, now=exit_.at)
    effects.complete(effect, now=exit_.at)
    counts["records_set_apart"] += moved
    counts["left:kept_records_lost"] += sum(part.outcome in MOVED for part in parts) - moved


def _destroy_rest(subject: DataSubject, event: Event, now: datetime) -> int:
    ids = set(subject.records.values_list("pk", flat=True))
    ids -= set(ArchivedRecord.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if not ids:
        return 0
    gone = sorted(ids)
    effect = effects.begin(
        DESTROY,
        event.ref,
        {"records": [str(pk) for pk in gone]},
        service=subject.service,
        subject=subject.public_id,
        actor=None,
        now=now,
    )
    count = keys.destroy(gone)
    effects.complete(effect, now=now)
    return count

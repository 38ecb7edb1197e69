"""Let people leave once more after a restore: without a message, with the row of their leaving as it was.

Each step looks first whether it is done, so that a replay may be stopped anywhere and called again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import QuerySet

from compliance import effects, ledger
from compliance.keyring import digests, keys
from compliance.models import PolicyVersion
from compliance.restore.replays import Tally
from compliance.rules.calendar import local_day
from compliance.selectors import policy_in_force, policy_values
from members import holdings
from members.actions import (
    consent,
    delivery_cancel,
    replay_dormancy,
    replay_flags,
    segregation,
    withdrawal,
)
from members.actions.record import DESTROY
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Record, RightsRequest, Withdrawal
from members.rules.leaving import MOVED, Part
from members.rules.replay import Event

SOURCE = "replay"
MOVE = "members.replay.move"
GONE = (DataSubject.Status.LEAVING, DataSubject.Status.WITHDRAWN)
OVER = (Withdrawal.Step.DESTROYED, Withdrawal.Step.COMPLETE)


@dataclass(frozen=True)
class Exit:
    """How somebody left: reference of the withdrawal, local day, number of the policy version, moment."""

    reference: str
    left_on: date
    version: int
    at: datetime


def set_leavers_apart(tally: Tally) -> None:
    """Let nobody's kept records go with the rest: an exit may stand before its move in what was put back."""
    open_ = Withdrawal.objects.exclude(step__in=OVER).exclude(subject=None)
    for one in open_.select_related("subject__service", "version"):
        if not _apart(one.subject).exists():
            exit_ = Exit(f"withdrawal:{one.pk}", one.left_on, one.version.number, one.began_at)
            _set_apart(one.subject, withdrawal.parts_of(one), exit_, tally)


def _apart(subject: DataSubject) -> QuerySet[ArchivedRecord]:
    return ArchivedRecord.objects.filter(subject__public_id=subject.public_id)


def leave(
    subject: DataSubject, event: Event, completed: datetime | None, tally: Tally, *, now: datetime
) -> None:
    """Close the account of a leaver again, without a message, and let nothing of it be in daily use.

    ``completed``: when the first leaving was over; None where nothing proves that its confirmation was sent.
    """
    if subject.status in GONE:
        return
    replay_dormancy.bring_back_again(subject, event.at, tally)
    apart, parts = _apart(subject), withdrawal.preview(subject, now=event.at)
    exit_ = _exit_of(subject, event)
    if not apart.exists():
        _set_apart(subject, parts, exit_, tally)
    tally["keys_destroyed"] += _destroy_rest(subject, event, now)
    with transaction.atomic():
        kept = apart.count()
        _close(subject, event, tally, now)
        _write_row(subject, event, parts, exit_, completed or event.at)
        ledger.record(
            "members.withdrawal.replayed",
            actor=None,
            now=now,
            service=subject.service,
            subject=subject.public_id,
            obj=event.ref,
            data={"records": kept},
        )
        if not kept:
            subject.delete()
    tally["people_withdrawn"] += 1
    if completed is None:
        tally.leave(replace(replay_flags.as_task(event), code="confirmation_not_proven"))


def finish(subject_key: str, reference: str, tally: Tally, *, now: datetime) -> None:
    """CLOSED .. ARCHIVED -> DESTROYED for somebody whose certificate the tail has: the rest of it goes again."""
    open_ = Withdrawal.objects.exclude(step__in=OVER).exclude(subject=None)
    one = open_.filter(pk=reference.partition(":")[2]).select_related("subject").first()
    if one is None or digests.subject_digest(one.subject.public_id) != subject_key:
        return
    with transaction.atomic():
        holdings.destroy_all(one.subject, now=now)
        tally["records_destroyed_default"] += Record.objects.filter(subject=one.subject).delete()[0]
        Withdrawal.objects.filter(pk=one.pk).update(step=Withdrawal.Step.DESTROYED)


def _close(subject: DataSubject, event: Event, tally: Tally, now: datetime) -> None:
    consent.withdraw_all(subject, asked_by=SOURCE, now=event.at)
    delivery_cancel.cancel_unsent(subject, now=now)
    holdings.destroy_all(subject, now=now)
    tally["records_destroyed_default"] += Record.objects.filter(subject=subject).delete()[0]
    DataSubject.objects.filter(pk=subject.pk).update(
        status=DataSubject.Status.WITHDRAWN, left_at=event.at
    )


def _write_row(
    subject: DataSubject, event: Event, parts: Sequence[Part], exit_: Exit, completed: datetime
) -> None:
    """Write the leaving under the number that its ledger entries name, with the reference that the person has."""
    asked = RightsRequest.objects.create(
        reference=withdrawal.reference_of(subject, event.at),
        subject=subject,
        service=subject.service,
        kind=RightsRequest.Kind.MEMBERSHIP_WITHDRAWAL,
        channel=event.data["channel"],
        state=RightsRequest.State.DONE,
        received_at=event.at,
        due_at=event.at,
        closed_at=completed,
    )
    number = int(event.ref.partition(":")[2])
    is_free = not Withdrawal.objects.filter(pk=number).exists()
    Withdrawal.objects.create(
        pk=number if is_free else None,
        subject=subject,
        request=asked,
        version=_version(subject, exit_.version),
        step=Withdrawal.Step.COMPLETE,
        left_on=exit_.left_on,
        plan=[part.as_json() for part in parts],
        began_at=event.at,
        completed_at=completed,
    )
    _count_on_from(Withdrawal)


def _count_on_from(model: type[Withdrawal]) -> None:
    """Let the database give numbers above the ones that were given by hand."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def _exit_of(subject: DataSubject, event: Event) -> Exit:
    version = _version(subject, event.data.get("version"))
    zone = policy_values(version).timezone
    return Exit(event.ref, local_day(event.at, zone), version.number, event.at)


def _version(subject: DataSubject, number: object) -> PolicyVersion:
    """Return the version of an exit, or the one in force where the backup does not have it."""
    mine = PolicyVersion.objects.filter(service=subject.service, number=number).first()
    version = mine or policy_in_force(subject.service)
    if version is None:
        raise LookupError(f"{subject.service} has no policy in force")
    return version


def _set_apart(subject: DataSubject, parts: Sequence[Part], exit_: Exit, tally: Tally) -> None:
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
    tally["records_set_apart"] += moved
    tally["left:kept_records_lost"] += sum(part.outcome in MOVED for part in parts) - moved


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

"""A membership ends: at once for the person, step by step and resumable for the house.

Steps: closed -> confirmed -> archived -> destroyed -> complete. The confirmation is handed over, with a sealed copy
of its address, before the address itself is destroyed (MIK-8.1c, MIK-9.1.1); the copy dies when the mail is out.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from compliance import effects, ledger
from compliance.actions import certificate
from compliance.keyring import checkpoint, digests, keys
from compliance.ledger import Themselves
from compliance.models import Account
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_in_force, policy_values, policy_values_by_id
from members import gate, holdings
from members.actions import (
    case_flag,
    consent,
    delivery_cancel,
    dormancy_move,
    record,
    segregation,
)
from members.actions.confirmation import plan_confirmation
from members.archive.models import ArchivedRecord
from members.binding import Binding
from members.models import DataSubject, Delivery, Record, Restriction, RightsRequest, Withdrawal
from members.rules import leaving
from members.rules.leaving import Part

log = logging.getLogger(__name__)
Step = Withdrawal.Step
LEASE = timedelta(minutes=5)
MOVE, DESTROY = "members.withdrawal.move", "members.withdrawal.destroy"


class NotPossible(ValueError):
    """The person is not in a state that can be left."""


def preview(subject: DataSubject, *, now: datetime) -> tuple[Part, ...]:
    """Return what would happen to everything held about a person who left now; writes nothing."""
    policy = gate.policy_for(subject.service, now)
    return _plan(subject, policy, now)


def request(
    subject: DataSubject, *, channel: str, actor: Account | Themselves | None, now: datetime
) -> Withdrawal:
    """ACTIVE or RESTRICTED -> LEAVING: sign-in closed, consents ended, unsent mail cancelled, plan frozen.

    Asking twice returns the same withdrawal. A dormant person is brought back first: what leaves is in one place.
    Raises ``NotPossible`` for people who are joining or being set apart at this moment.
    """
    try:
        dormancy_move.bring_back(subject, now, actor=actor)
    except dormancy_move.InMotion as moving:
        raise NotPossible(DataSubject.Status.DORMANT) from moving
    with transaction.atomic():
        locked = (
            DataSubject.objects.select_for_update().select_related("service").get(pk=subject.pk)
        )
        running = Withdrawal.objects.filter(subject=locked).first()
        if running:
            return running
        if locked.status == DataSubject.Status.JOINING:
            raise NotPossible(locked.status)
        return _open(locked, channel=channel, actor=actor, now=now)


def _open(
    subject: DataSubject, *, channel: str, actor: Account | None, now: datetime
) -> Withdrawal:
    version = policy_in_force(subject.service)
    policy = policy_values(version)
    parts = _plan(subject, policy, now)
    subject.status, subject.left_at = DataSubject.Status.LEAVING, now
    subject.save(update_fields=["status", "left_at"])
    if subject.account_id:
        Account.objects.filter(pk=subject.account_id).update(is_active=False)
    ended = consent.withdraw_all(subject, asked_by=channel, now=now)
    withdrawal = Withdrawal.objects.create(
        subject=subject,
        request=_rights_request(subject, channel, now),
        version=version,
        left_on=local_day(now, policy.timezone),
        plan=[part.as_json() for part in parts],
        began_at=now,
    )
    ledger.record(
        "members.withdrawal.requested",
        actor=actor,
        now=now,
        service=subject.service,
        subject=subject.public_id,
        obj=f"withdrawal:{withdrawal.pk}",
        data={"channel": channel, "consents_ended": ended, "version": version.number},
    )
    return withdrawal


def _plan(subject: DataSubject, policy: Policy, now: datetime) -> tuple[Part, ...]:
    held = [
        leaving.Held(str(row.pk), row.record_class, tuple(row.item_codes), record.days(row.anchors))
        for row in _records_of(subject).order_by("occurred_at", "id")
    ]
    rows = Restriction.objects.filter(subject=subject, ended_at=None, blocks_destruction=True)
    holds = [
        leaving.Hold(ground, frozenset(items))
        for ground, items in rows.values_list("ground", "items")
    ]
    flags = case_flag.codes_in_force(subject)
    today = local_day(now, policy.timezone)
    earlier = Binding(policy).earlier(subject.agreed_version_id, today)
    return leaving.plan(
        policy, subject.kind, held, today, flags=flags, holds=holds, earlier=earlier
    )


def _records_of(subject: DataSubject) -> QuerySet[Record] | QuerySet[ArchivedRecord]:
    """Dormant people's records lie apart under the same ids; what would become of them needs no value."""
    if subject.status != DataSubject.Status.DORMANT:
        return subject.records.all()
    return ArchivedRecord.objects.filter(subject__public_id=subject.public_id)


def _rights_request(subject: DataSubject, channel: str, now: datetime) -> RightsRequest:
    return RightsRequest.objects.create(
        reference=reference_of(subject, now),
        subject=subject,
        service=subject.service,
        kind=RightsRequest.Kind.MEMBERSHIP_WITHDRAWAL,
        channel=channel,
        received_at=now,
        due_at=now,
    )


def reference_of(subject: DataSubject, now: datetime) -> str:
    """Return the reference of a leaving; a leaving repeated after a restore has the same one."""
    return digests.reference("withdrawal", subject.public_id, now)


def new_reference() -> str:
    """Return a reference that a person can read out: twelve letters and digits without look-alikes."""
    return "".join(secrets.choice(digests.LETTERS) for _ in range(12))


def carry_out(withdrawal: Withdrawal, *, now: datetime) -> Withdrawal:
    """Take every step that can be taken now; whoever holds the lease works, everybody else leaves it alone."""
    if not _claim(withdrawal, now):
        return withdrawal
    while withdrawal.step in STEPS and STEPS[withdrawal.step](withdrawal, now):
        withdrawal.refresh_from_db()
    Withdrawal.objects.filter(pk=withdrawal.pk).update(lease_until=None)
    withdrawal.refresh_from_db()
    return withdrawal


def attempt(withdrawal: Withdrawal, *, now: datetime) -> None:
    """Carry out what can be done in the request itself (X-ALL-4); whatever fails is left to the sweep."""
    try:
        carry_out(withdrawal, now=now)
    except Exception as error:
        log.warning("withdrawal %s goes on later: %s", withdrawal.pk, type(error).__name__)


def _claim(withdrawal: Withdrawal, now: datetime) -> bool:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = Withdrawal.objects.filter(free, pk=withdrawal.pk).exclude(step=Step.COMPLETE)
    return waiting.update(lease_until=now + LEASE) == 1


def _confirm(withdrawal: Withdrawal, now: datetime) -> bool:
    """CLOSED -> CONFIRMED: hand the confirmation over, with its own sealed copy of the address."""
    plan_confirmation(withdrawal, parts=parts_of(withdrawal), actor=None, now=now)
    return _advance(withdrawal, Step.CONFIRMED, now, "members.withdrawal.confirmation_planned")


def _archive(withdrawal: Withdrawal, now: datetime) -> bool:
    """CONFIRMED -> ARCHIVED, once no message to this person is being sent any more."""
    subject = withdrawal.subject
    if dormancy_move.is_moving(subject) or delivery_cancel.cancel_unsent(subject, now=now):
        return False
    effect = effects.begin(
        MOVE,
        f"withdrawal:{withdrawal.pk}",
        {},
        service=subject.service,
        subject=subject.public_id,
        actor=None,
        now=now,
    )
    move = segregation.load(
        subject,
        parts_of(withdrawal),
        reference=f"withdrawal:{withdrawal.pk}",
        left_on=withdrawal.left_on,
        version=withdrawal.version.number,
    )
    kept = segregation.set_apart(move, why="withdrawn", now=now)
    digests = segregation.hold_digests(move, now=now)
    with transaction.atomic():
        effects.complete(effect, now=now)
        return _advance(
            withdrawal,
            Step.ARCHIVED,
            now,
            "members.record.segregated",
            {"records": kept, "digests": digests},
        )


def _destroy(withdrawal: Withdrawal, now: datetime) -> bool:
    """ARCHIVED -> DESTROYED: keys, index rows, rows, and every other place that holds data of this person."""
    subject = withdrawal.subject
    living_on = segregation.moved_whole(parts_of(withdrawal))
    ids = list(subject.records.order_by("pk").values_list("pk", flat=True))
    doomed = [pk for pk in ids if str(pk) not in living_on]
    effect = effects.begin(
        DESTROY,
        f"withdrawal:{withdrawal.pk}",
        {"records": doomed},
        service=subject.service,
        subject=subject.public_id,
        actor=None,
        now=now,
    )
    keys.destroy(doomed)
    holdings.destroy_all(subject, now=now)
    with transaction.atomic():
        Record.objects.filter(subject=subject).delete()
        effects.complete(effect, now=now)
        certificate.issue_for_person(
            subject.service,
            subject.public_id,
            counts=_counts(parts_of(withdrawal)),
            run=f"withdrawal:{withdrawal.pk}",
            now=now,
        )
        advanced = _advance(
            withdrawal, Step.DESTROYED, now, "members.record.destroyed", {"records": len(ids)}
        )
    checkpoint.truncate_wal()
    return advanced


def _counts(parts: Sequence[Part]) -> list[dict[str, object]]:
    found: dict[tuple[str, str, str], int] = {}
    for part in parts:
        if part.outcome == "destroy":
            key = (part.record_class, part.rule, part.clause)
            found[key] = found.get(key, 0) + 1
    return [
        {"class": c, "rule": r, "clause": k, "records": n} for (c, r, k), n in sorted(found.items())
    ]


def _finish(withdrawal: Withdrawal, now: datetime) -> bool:
    """DESTROYED -> COMPLETE, once the confirmation has left and its copy of the address is gone."""
    subject = withdrawal.subject
    if Delivery.objects.filter(subject=subject, finished_at=None).exists():
        return False
    with transaction.atomic():
        subject.status = DataSubject.Status.WITHDRAWN
        subject.save(update_fields=["status"])
        RightsRequest.objects.filter(pk=withdrawal.request_id).update(
            state=RightsRequest.State.DONE, closed_at=now
        )
        Withdrawal.objects.filter(pk=withdrawal.pk).update(completed_at=now)
        advanced = _advance(withdrawal, Step.COMPLETE, now, "members.withdrawal.completed")
        if not _kept(subject):
            subject.delete()
    return advanced


def _kept(subject: DataSubject) -> bool:
    return ArchivedRecord.objects.filter(subject__public_id=subject.public_id).exists()


def _advance(
    withdrawal: Withdrawal, step: str, now: datetime, code: str, data: dict[str, int] | None = None
) -> bool:
    with transaction.atomic():
        moved = Withdrawal.objects.filter(pk=withdrawal.pk, step=withdrawal.step).update(step=step)
        if moved:
            ledger.record(
                code,
                actor=None,
                now=now,
                service=withdrawal.request.service,
                subject=withdrawal.subject.public_id,
                obj=f"withdrawal:{withdrawal.pk}",
                data=data or {},
            )
    return bool(moved)


def parts_of(withdrawal: Withdrawal) -> tuple[Part, ...]:
    """Return the frozen plan of a withdrawal."""
    return tuple(Part.from_json(row) for row in withdrawal.plan)


def policy_of(withdrawal: Withdrawal) -> Policy:
    """Return the policy that a withdrawal is carried out by: the one in force when the person left."""
    return policy_values_by_id(withdrawal.version_id)


STEPS: dict[str, Callable[[Withdrawal, datetime], bool]] = {
    Step.CLOSED: _confirm,
    Step.CONFIRMED: _archive,
    Step.ARCHIVED: _destroy,
    Step.DESTROYED: _finish,
}

"""What becomes of messages that a restored database takes for unsent."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import CharField, Count, Min
from django.db.models.functions import Cast

from compliance.keyring import digests
from compliance.restore.replays import Tally, Task
from members.actions import delivery_recovery
from members.models import Delivery, UntoldDestruction

BATCH = 1_000
State = Delivery.State
RESULT = "restored"
EVENT = "records_destroyed"


def settle(sent: set[str], tally: Tally, *, now: datetime) -> None:
    """PENDING, SENDING -> SENT where the tail proves it, else -> CANCELLED: nobody can tell whether it left.

    Nobody is written to twice, and nobody at an address that was corrected since; an officer decides about the
    cancelled ones. ``sent``: ids of messages as 32 hex digits. Addresses sealed with a message go with it.
    """
    for ids in _unfinished():
        known = [pk for pk in ids if pk.hex in sent]
        tally["mail_sent_already"] += _finish(known, State.SENT, now)
        _finish([pk for pk in ids if pk.hex not in sent], State.CANCELLED, now)
    _name_cancelled(tally, now)
    _name_untold(tally)
    delivery_recovery.forget_sealed(now)


def _name_cancelled(tally: Tally, now: datetime) -> None:
    """One line for each message to a person, and one for each message to many."""
    mine = Delivery.objects.filter(state=State.CANCELLED, result=RESULT, finished_at=now)
    groups = mine.order_by().values_list("service__slug", "event", "stage", "created_at")
    one = Min(Cast("pk", CharField()))  # PostgreSQL 15 knows no smallest UUID.
    counted = groups.annotate(n=Count("pk"), one=one, who=Min("subject__public_id"))
    for service, event, stage, at, n, one, who in counted:
        person = digests.subject_digest(who) if n == 1 and who else ""
        ref = f"delivery:{UUID(one).hex}" if n == 1 else f"{event}:{stage}"
        tally.leave(Task("mail_cancelled", at, service, person, ref, count=n))


def _name_untold(tally: Tally) -> None:
    """Drop what people had still to be told of a destruction: they may have been told after the backup."""
    groups = UntoldDestruction.objects.order_by().values_list("service__slug")
    counted = groups.annotate(
        n=Count("subject", distinct=True), at=Min("destroyed_at"), who=Min("subject__public_id")
    )
    for service, n, at, who in counted:
        person = digests.subject_digest(who) if n == 1 else ""
        tally.leave(Task("destruction_untold", at, service, person, EVENT, count=n))
    UntoldDestruction.objects.all().delete()


def _unfinished() -> Iterator[list[UUID]]:
    open_ = Delivery.objects.filter(state__in=(State.PENDING, State.SENDING)).order_by("pk")
    ids = iter(list(open_.values_list("pk", flat=True)))
    while part := list(islice(ids, BATCH)):
        yield part


def _finish(ids: Sequence[UUID], state: str, now: datetime) -> int:
    return Delivery.objects.filter(pk__in=ids).update(
        state=state, result=RESULT, finished_at=now, lease_until=None, lease_token=""
    )

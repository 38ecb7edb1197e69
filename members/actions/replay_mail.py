"""What becomes of messages that a restored database takes for unsent."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from members.actions import delivery_recovery
from members.models import Delivery

BATCH = 1_000
State = Delivery.State
RESULT = "restored"


def settle(sent: set[str], counts: Counter[str], *, now: datetime) -> None:
    """PENDING, SENDING -> SENT where the tail proves it, else -> CANCELLED: nobody can tell whether it left.

    Nobody is written to twice, and nobody at an address that was corrected since; an officer decides about the
    cancelled ones. ``sent``: ids of messages as 32 hex digits. Addresses sealed with a message go with it.
    """
    for ids in _unfinished():
        known = [pk for pk in ids if pk.hex in sent]
        counts["mail_sent_already"] += _finish(known, State.SENT, now)
        others = [pk for pk in ids if pk.hex not in sent]
        counts["left:mail_cancelled"] += _finish(others, State.CANCELLED, now)
    delivery_recovery.forget_sealed(now)


def _unfinished() -> Iterator[list[UUID]]:
    open_ = Delivery.objects.filter(state__in=(State.PENDING, State.SENDING)).order_by("pk")
    ids = iter(list(open_.values_list("pk", flat=True)))
    while part := list(islice(ids, BATCH)):
        yield part


def _finish(ids: Sequence[UUID], state: str, now: datetime) -> int:
    return Delivery.objects.filter(pk__in=ids).update(
        state=state, result=RESULT, finished_at=now, lease_until=None, lease_token=""
    )

"""Take back what is not sent yet, for instance because the person leaves."""

from datetime import datetime

from django.db import transaction

from compliance import ledger
from members.models import DataSubject, Delivery

State = Delivery.State
FAREWELL = "withdrawal_confirmed"


def cancel_unsent(subject: DataSubject, *, now: datetime) -> bool:
    """PENDING -> CANCELLED for all but the confirmation of leaving; tell whether a message is being sent right now.

    While the answer is true the person's keys must stay: a window of at most 50 messages is in flight and ends,
    at the latest, with its lease.
    """
    own = Delivery.objects.filter(subject=subject).exclude(event=FAREWELL)
    with transaction.atomic():
        count = own.filter(state=State.PENDING).update(
            state=State.CANCELLED, result="person_left", finished_at=now
        )
        if count:
            ledger.record(
                "members.delivery.cancelled",
                actor=None,
                now=now,
                service=subject.service,
                subject=subject.public_id,
                data={"count": count},
            )
    return own.filter(state=State.SENDING).exists()

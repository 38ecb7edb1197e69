"""What a stop leaves behind: leases of dead processes, journals, and sealed addresses of finished messages.

The lock of a journal slot dies with its process, so this host settles the rows of its own dead at once; rows of
other hosts are left alone until their lease is over.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from compliance.keyring import checkpoint, keys
from members import journal
from members.actions.delivery_evidence import FORGOTTEN, NOT_SENT, SENT, tell
from members.journal import ACCEPTED, BEGUN, Journal
from members.models import Delivery

State = Delivery.State


def recover(own: Journal, now: datetime) -> int:
    """Settle what dead processes of this host left, and leases that are over; return how many rows it was."""
    leased = Delivery.objects.filter(state=State.SENDING, lease_token__startswith=journal.host())
    slots = {journal.slot_of_token(token) for token in leased.values_list("lease_token", flat=True)}
    settled = _settle_slot(own, now)
    for slot in sorted((slots | set(journal.leftover_slots())) - {own.slot}):
        with journal.slot_of_the_dead(slot) as found:
            settled += _settle_slot(found, now) if found else 0
    return settled + _end_leases(now)


def _settle_slot(found: Journal, now: datetime) -> int:
    """Mark what the journal of a slot says was accepted, and hand back the rest of its rows."""
    lines = found.lines()
    accepted = [line.delivery_id for line in lines if line.code == ACCEPTED]
    begun = [line.delivery_id for line in lines if line.code == BEGUN]
    left = Delivery.objects.filter(state=State.SENDING, lease_token__startswith=found.slot)
    with transaction.atomic():
        settled = _mark_sent(accepted, now)
        settled += _mark_uncertain(list(left.filter(pk__in=begun, at_least_once=False)), now)
        settled += _free(left)
    found.clear()
    return settled


def _mark_sent(ids: Sequence[UUID], now: datetime) -> int:
    rows = list(
        Delivery.objects.filter(
            pk__in=ids, state__in=(State.SENDING, State.PENDING)
        ).select_related("subject", "service")
    )
    if not rows:
        return 0
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.SENT, result="journal", finished_at=now, lease_token="", lease_until=None
    )
    tell(SENT, rows, now=now)
    return len(rows)


def _mark_uncertain(rows: list[Delivery], now: datetime) -> int:
    if not rows:
        return 0
    Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(
        state=State.UNCERTAIN,
        result="sender_died",
        finished_at=now,
        lease_token="",
        lease_until=None,
    )
    tell(NOT_SENT, rows, state=State.UNCERTAIN, reason="sender_died", now=now)
    return len(rows)


def _end_leases(now: datetime) -> int:
    """Leases that are over: what may be sent twice waits again, the rest is uncertain for good."""
    over = Delivery.objects.filter(state=State.SENDING, lease_until__lt=now)
    with transaction.atomic():
        lost = list(over.filter(at_least_once=False).select_related("subject", "service")[:1000])
        return _mark_uncertain(lost, now) + _free(over.filter(at_least_once=True))


def _free(rows: QuerySet[Delivery]) -> int:
    return rows.update(state=State.PENDING, lease_token="", lease_until=None)


def forget_sealed(now: datetime) -> int:
    """Destroy the keys of sealed addresses whose message has a final state, then the sealed bytes; repeatable."""
    final = Delivery.objects.filter(sealed__isnull=False, finished_at__isnull=False)
    rows = list(final.select_related("subject", "service")[:1000])
    if not rows:
        return 0
    ids = [row.pk for row in rows]
    keys.destroy(ids)
    with transaction.atomic():
        Delivery.objects.filter(pk__in=ids).update(sealed=None)
        tell(FORGOTTEN, rows, now=now)
    checkpoint.truncate_wal()
    return len(rows)

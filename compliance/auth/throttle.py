"""Brakes on guessing: a small table of failures under keyed digests, the same in all processes.

Account and address together: 5 failures, then 15 minutes, doubling up to 24 hours.
One address: 50 failures an hour. One account from anywhere: 20 failures an hour slow down
unknown devices; a device that signed in before still gets in.
Example: the 5th failure at 09:00 blocks until 09:15, the 6th at 09:20 until 09:50.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from compliance.keyring import digests
from compliance.models import LoginThrottle


@dataclass(frozen=True)
class Limit:
    """`allowed` failures per `window`, then a block of `block` that doubles up to `longest`."""

    allowed: int
    window: timedelta
    block: timedelta
    longest: timedelta


LIMITS = {
    "account_ip": Limit(5, timedelta(hours=24), timedelta(minutes=15), timedelta(hours=24)),
    "account": Limit(20, timedelta(hours=1), timedelta(minutes=15), timedelta(minutes=15)),
    "ip": Limit(50, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
    "code_ip": Limit(60, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
    "code_address": Limit(10, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
    "child_address": Limit(10, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
    "contact_ip": Limit(20, timedelta(hours=1), timedelta(hours=1), timedelta(hours=1)),
    "contact_mail": Limit(5, timedelta(hours=24), timedelta(hours=24), timedelta(hours=24)),
    "second_factor": Limit(5, timedelta(hours=24), timedelta(minutes=15), timedelta(hours=24)),
}
Keys = dict[str, str]


def sign_in_keys(email: str, address: str, *, known_device: bool) -> Keys:
    """Keys of one attempt, by kind. `address` is the network address of the caller."""
    name = email.strip().casefold()
    keys = {"account_ip": f"{name}|{address}", "ip": address}
    if not known_device:
        keys["account"] = name
    return {kind: digests.throttle(kind, value) for kind, value in keys.items()}


def second_factor_keys(username: str) -> Keys:
    """Key of tries at the second factor of one account."""
    return {"second_factor": digests.throttle("second_factor", username)}


def blocked_until(keys: Keys, *, now: datetime) -> datetime | None:
    """The end of the longest running block of these keys, or None."""
    rows = LoginThrottle.objects.filter(_any(keys), blocked_until__gt=now)
    return max((row.blocked_until for row in rows if row.blocked_until), default=None)


def failed(keys: Keys, *, now: datetime) -> None:
    """Count one failure for every key; block those that have reached their limit."""
    with transaction.atomic():
        for kind, key in keys.items():
            _count(kind, key, now)


def succeeded(keys: Keys) -> None:
    """Forget the failures of this account here; those of the address stay."""
    own = {kind: key for kind, key in keys.items() if kind != "ip"}
    LoginThrottle.objects.filter(_any(own)).delete()


def forget_old(*, now: datetime) -> int:
    """Delete rows that neither block nor count any more; returns how many."""
    over = Q(blocked_until=None) | Q(blocked_until__lte=now - timedelta(days=1))
    old = LoginThrottle.objects.filter(over, window_started_at__lte=now - timedelta(days=2))
    return old.delete()[0]


def _count(kind: str, key: str, now: datetime) -> None:
    limit = LIMITS[kind]
    LoginThrottle.objects.get_or_create(kind=kind, key=key, defaults={"window_started_at": now})
    row = LoginThrottle.objects.select_for_update().get(kind=kind, key=key)
    if _is_forgotten(limit, row, now):
        row.failures, row.blocks, row.window_started_at = 0, 0, now
    row.failures += 1
    if row.failures >= limit.allowed:
        row.blocked_until = now + min(limit.block * 2**row.blocks, limit.longest)
        row.blocks = min(row.blocks + 1, 16)
    row.save()


def _is_forgotten(limit: Limit, row: LoginThrottle, now: datetime) -> bool:
    """A window counts from its first failure; doubling goes on until a window after the last block."""
    doubles = limit.longest > limit.block
    since = row.blocked_until if doubles and row.blocked_until else row.window_started_at
    return since + limit.window <= now


def _any(keys: Keys) -> Q:
    found = Q(pk__in=[])
    for kind, key in keys.items():
        found |= Q(kind=kind, key=key)
    return found

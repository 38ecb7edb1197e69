"""Who sends what: leases on deliveries, taken in one statement.

A lease names the journal slot of its holder, and lasts longer than all timeouts of a window together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from compliance.databases import claim_rows
from compliance.models import Notice, Service
from members.models import Delivery

WINDOW = 50
WINDOW_SECONDS = 60.0  # After this long a window hands back what it has not begun.
# Answers waited for at worst: MAIL on a stale line, then banner, EHLO, STARTTLS, EHLO, AUTH, MAIL, RCPT, DATA, dot.
STEPS = 10
URGENT = "kind IN ('code', 'confirmation')"
DUE = "state = 'pending' AND not_before <= %(now)s"
TAKE = "state = 'sending', lease_token = %(token)s, lease_until = %(until)s, attempts = attempts + 1, result = ''"


@dataclass(frozen=True)
class Claim:
    """A window: the token under which its rows are held, and the rows."""

    token: str
    deliveries: list[Delivery] = field(default_factory=list)


def claim(now: datetime, *, token: str, limit: int = WINDOW) -> Claim:
    """Take up to ``limit`` due deliveries: codes and confirmations if any are due, else the rest."""
    parameters = {"now": now, "token": token, "until": now + lease_time()}
    for where in (f"{DUE} AND {URGENT}", DUE):
        ids = claim_rows(
            Delivery,
            where=where,
            order="not_before, id",
            limit=limit,
            changes=TAKE,
            parameters=parameters,
        )
        if ids:
            return Claim(token, _load(ids))
    return Claim(token)


def lease_time() -> timedelta:
    """Return how long a window may take at worst: longer than all timeouts of its last message together."""
    return timedelta(seconds=WINDOW_SECONDS + STEPS * int(settings.EMAIL_TIMEOUT))


def _load(ids: Sequence[UUID]) -> list[Delivery]:
    """Read the rows with their people; service and notice are read once for all of them."""
    rows = list(
        Delivery.objects.filter(pk__in=ids).select_related("subject").order_by("not_before", "pk")
    )
    services = Service.objects.in_bulk({row.service_id for row in rows})
    notices = Notice.objects.select_related("version").in_bulk(
        {row.notice_id for row in rows if row.notice_id}
    )
    for row in rows:
        row.service = services[row.service_id]
        if row.notice_id:
            row.notice = notices[row.notice_id]
            row.notice.service = row.notice.version.service = row.service
    return rows

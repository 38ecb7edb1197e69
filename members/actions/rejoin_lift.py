"""Lifting the rejoin hold for the person whom identity details really belong to.

Whoever joined with another person's details and left leaves a hold behind that would stop that person. It is lifted
for the details that were checked to be theirs, and for no others. Source: X-MIK-2, MIK-5.4a, MIK-8.3.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from compliance import ledger
from compliance.models import Account, Service
from compliance.roles import may
from compliance.rules.calendar import local_day
from members import rejoin
from members.archive.models import RejoinDigest

CHECKS = ("identity_service", "document_seen", "address_answered")


class NotPossible(ValueError):
    """The hold cannot be lifted like this; the text is a code."""


def lift(
    service: Service, values: Mapping[str, str], *, check: str, actor: Account, now: datetime
) -> int:
    """Destroy the digests of a victim's own details and return how many there were; every try is in the ledger.

    ``values`` are identifying items by code, checked before as ``check`` says; they are stored nowhere. Raises
    ``NotPossible``: ``no_permission``, ``nothing_asked``, ``not_checked``.
    """
    if not may(actor, "holds.manage", service):
        raise NotPossible("no_permission")
    if check not in CHECKS:
        raise NotPossible("not_checked")
    if not any(values.get(item) for item in rejoin.IDENTIFYING):
        raise NotPossible("nothing_asked")
    found = rejoin.holding(service, values, today=local_day(now, service.timezone))
    lifted = list(RejoinDigest.objects.filter(pk__in=found))
    with transaction.atomic():
        ledger.record(
            "members.rejoin_digest.lifted",
            actor=actor,
            now=now,
            service=service,
            data={"digests": len(found), "check": check, "holds": sorted(map(name_of, lifted))},
        )
        RejoinDigest.objects.filter(pk__in=found).delete()
    return len(found)


def name_of(digest: RejoinDigest) -> str:
    """Return how the ledger names a digest, to lift it after a restore too. Example: ``withdrawal:7.email``."""
    return f"{digest.withdrawal_ref}.{digest.field}"

"""Is no child a member without its representative, and does nobody wait longer than told."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

from compliance.keyring.models import BlindIndex
from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules.promises import Verdict
from members.models import DataSubject, LegalRepresentative, Record

State = LegalRepresentative.State
LATE = timedelta(hours=1)
PART = 5_000


def asked(context: CheckContext) -> Finding:
    """Of children that wait nothing is held, none is a member without a yes, and no question stays open too long.

    A representative who agreed can still be recognised, so as to act for the child (LEJ-RGT-7).
    """
    if context.policy.age_threshold is None:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    rows = LegalRepresentative.objects.filter(subject__service=context.service)
    waiting, agreed = rows.filter(state=State.ASKED), rows.filter(state=State.CONFIRMED)
    active = waiting.exclude(subject__status=DataSubject.Status.JOINING).count()
    held = Record.objects.filter(subject__representatives__in=waiting).count()
    overdue = waiting.filter(expires_at__lt=context.now - LATE).count()
    unknown = _unknown(agreed.values_list("pk", flat=True).iterator())
    return found(
        gravest([(active + held + overdue + unknown > 0, Verdict.BROKEN)]),
        representatives_asked=waiting.count(),
        representatives_agreed=agreed.count(),
        members_without_yes=active,
        records_of_waiting=held,
        waiting_too_long=overdue,
        representatives_unknown=unknown,
    )


def _unknown(ids: Iterable[UUID]) -> int:
    """How many who agreed cannot be recognised by their address any more; read in parts."""
    missing = 0
    for part in batched(ids, PART):
        known = BlindIndex.objects.filter(key__in=part).values_list("key", flat=True)
        missing += len(part) - len(set(known))
    return missing


def batched(ids: Iterable[UUID], size: int) -> Iterator[list[UUID]]:
    """Yield ids in lists of at most ``size``."""
    iterator = iter(ids)
    while part := list(islice(iterator, size)):
        yield part

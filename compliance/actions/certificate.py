"""Certificates of destruction: what went, by which clause, and from when it is beyond recovery."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.keyring import digests, epochs
from compliance.keyring.models import Epoch
from compliance.models import Certificate, Service
from compliance.rules.calendar import local_day

METHOD = "key_destroyed"


def issue_for_person(
    service: Service,
    public_id: str,
    *,
    counts: Sequence[Mapping[str, Any]],
    run: str,
    now: datetime,
) -> Certificate:
    """Certify the destruction of one person's records; the caller holds the transaction."""
    return _issue(
        service,
        Certificate.Kind.PERSON,
        digests.subject_digest(public_id),
        counts,
        run,
        now,
        public_id,
    )


def issue_for_run(
    service: Service, *, counts: Sequence[Mapping[str, Any]], run: str, now: datetime
) -> Certificate:
    """Certify a destruction run over many people; the caller holds the transaction."""
    return _issue(service, Certificate.Kind.RUN, "", counts, run, now, None)


def finalise(epoch: int, now: datetime) -> int:
    """Make the certificates up to an epoch final, because its key is gone, and return how many; safe to repeat.

    Those without ``final_on`` never become final: they were issued while a key stood in the environment.
    """
    with transaction.atomic():
        waiting = Certificate.objects.filter(
            epoch__lte=epoch, final_at=None, final_on__isnull=False
        )
        count = waiting.update(final_at=now)
        if count:
            ledger.record(
                "compliance.certificate.finalised",
                actor=None,
                now=now,
                obj=f"key_epoch:{epoch}",
                data={"epoch": epoch, "certificates": count},
            )
    return count


def _final_on(epoch: Epoch, service: Service, now: datetime) -> date | None:
    """The local day by which the roll should be over; none while the key cannot be erased."""
    at = epochs.final_at(epoch)
    return local_day(max(at, now), service.timezone) if at else None


def _issue(
    service: Service,
    kind: str,
    subject_key: str,
    counts: Sequence[Mapping[str, Any]],
    run: str,
    now: datetime,
    public_id: str | None,
) -> Certificate:
    epoch = epochs.current()
    final_on = _final_on(epoch, service, now)
    records = sum(row["records"] for row in counts)
    entry = ledger.record(
        "compliance.certificate.issued",
        actor=None,
        now=now,
        service=service,
        subject=public_id,
        obj=run,
        data={"kind": kind, "records": records, "method": METHOD, "final_on": final_on},
    )
    return Certificate.objects.create(
        service=service,
        kind=kind,
        subject_key=subject_key,
        run_ref=run,
        counts=list(counts),
        method=METHOD,
        destroyed_at=now,
        epoch=epoch.number,
        final_on=final_on,
        ledger_entry=entry,
    )

"""Certificates of destruction: what went, by which clause, and from when it is beyond recovery."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from compliance import ledger
from compliance.keyring import digests, epochs
from compliance.models import Certificate, Service

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


def _issue(
    service: Service,
    kind: str,
    subject_key: str,
    counts: Sequence[Mapping[str, Any]],
    run: str,
    now: datetime,
    public_id: str | None,
) -> Certificate:
    records = sum(row["records"] for row in counts)
    entry = ledger.record(
        "compliance.certificate.issued",
        actor=None,
        now=now,
        service=service,
        subject=public_id,
        obj=run,
        data={"kind": kind, "records": records, "method": METHOD},
    )
    return Certificate.objects.create(
        service=service,
        kind=kind,
        subject_key=subject_key,
        run_ref=run,
        counts=list(counts),
        method=METHOD,
        destroyed_at=now,
        epoch=epochs.current().number,
        ledger_entry=entry,
    )

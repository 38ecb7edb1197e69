"""A person attests a measure that no software can see."""

from datetime import date, datetime

from django.db import transaction

from compliance import ledger
from compliance.models import Account, Attestation, Service
from compliance.rules.calendar import local_day


class AttestationRefused(ValueError):
    """The day lies ahead, or the reference names a person; the argument is a reason code."""


def attest(
    service: Service,
    *,
    obligation: str,
    control: str,
    attested_on: date,
    evidence_ref: str,
    actor: Account,
    now: datetime,
) -> Attestation:
    """Write that a measure was in place on a local day, and where the proof lies; attestations are never changed."""
    if attested_on > local_day(now, service.timezone):
        raise AttestationRefused("day_ahead")
    if "@" in evidence_ref or not evidence_ref.strip():
        raise AttestationRefused("no_reference")
    with transaction.atomic():
        made = Attestation.objects.create(
            service=service,
            obligation=obligation,
            control=control,
            attested_by=actor,
            attested_on=attested_on,
            evidence_ref=evidence_ref.strip(),
            recorded_at=now,
        )
        ledger.record(
            "compliance.promise.attested",
            actor=actor,
            now=now,
            service=service,
            obj=f"attestation:{made.pk}",
            data={"promise": obligation, "control": control, "attested_on": attested_on},
        )
    return made

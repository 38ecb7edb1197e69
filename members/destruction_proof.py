"""What was destroyed about one person: when, by which clause, and where the ledger proves it; values are gone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance import ledger
from compliance.keyring import digests
from compliance.ledger_proof import Proof, proofs_for
from compliance.models import Certificate, Service

CODE = "members.record.destroyed"


@dataclass(frozen=True)
class Line:
    """Records of one rule that were destroyed together."""

    rule: str
    clause: str
    records: int


@dataclass(frozen=True)
class Destroyed:
    """One destruction that a person was part of; ``proof`` is None where the ledger entry is theirs alone."""

    at: datetime
    entry: int
    lines: tuple[Line, ...]
    certificates: tuple[Certificate, ...]
    proof: Proof | None


def destroyed_of(public_id: str, service: Service) -> list[Destroyed]:
    """Return every destruction of records of a person in a service, oldest first."""
    batches = [
        _of_run(proof, data, service)
        for proof, data in proofs_for(public_id, CODE)
        if proof.entry.service_slug == service.slug
    ]
    return sorted([*batches, *_alone(public_id, service)], key=lambda one: (one.at, one.entry))


def _of_run(proof: Proof, data: dict[str, Any], service: Service) -> Destroyed:
    run = str(proof.entry.data.get("run", ""))
    certificates = tuple(Certificate.objects.filter(service=service, kind="run", run_ref=run))
    clauses = {line["rule"]: line["clause"] for one in certificates for line in one.counts}
    lines = tuple(
        Line(rule, clauses.get(rule, ""), n)
        for rule, n in zip(data.get("rules", ()), data.get("numbers", ()), strict=True)
    )
    return Destroyed(proof.entry.at, proof.entry.seq, lines, certificates, proof)


def _alone(public_id: str, service: Service) -> list[Destroyed]:
    """Destructions of a single person: leaving (the certificate names what went)."""
    key = digests.subject_digest(public_id)
    entries = ledger.entries_for(public_id).filter(
        code=CODE, subject_key=key, service_slug=service.slug
    )
    return [_of_leaving(entry, key, service) for entry in entries]


def _of_leaving(entry: Any, key: str, service: Service) -> Destroyed:
    certificates = tuple(
        Certificate.objects.filter(service=service, subject_key=key, run_ref=entry.object_ref)
    )
    lines = tuple(
        Line(line["rule"], line["clause"], line["records"])
        for one in certificates
        for line in one.counts
    )
    return Destroyed(entry.at, entry.seq, lines, certificates, None)

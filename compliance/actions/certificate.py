"""Certificates of destruction: what went, by which clause, and from when it is beyond recovery."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

from django.db import transaction

from compliance import ledger
from compliance.keyring import digests, epochs
from compliance.keyring.models import Epoch
from compliance.ledger_verifier import canonical
from compliance.models import Certificate, Service
from compliance.rules.calendar import local_day

METHOD = "key_destroyed"
LONGEST = (
    120  # Of a code in the ledger; a longer clause is cut, and its certificate is not made anew.
)


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


def digest_of(one: Certificate) -> str:
    """Return what a certificate says as one SHA-256, in hex; the ledger has it, and one made anew has the same."""
    said = [one.service.slug, one.kind, one.subject_key, one.run_ref, one.counts, one.method]
    dates = [one.destroyed_at.astimezone(UTC).isoformat(), one.epoch, str(one.final_on or "")]
    return sha256(canonical([*said, *dates]).encode()).hexdigest()


def facts_of(counts: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the lines of a certificate as the ledger keeps them: four lists, so that it can be made anew."""
    return {
        "classes": [line["class"] or None for line in counts],
        "rules": [line["rule"] or None for line in counts],
        "clauses": [clause_code(line["clause"]) for line in counts],
        "numbers": [line["records"] for line in counts],
    }


def clause_code(clause: str) -> str:
    """Return a clause as the ledger takes it: at most 120 characters, a colon before every escaped byte.

    >>> clause_code("§3 principle"), clause_of(clause_code("§3 principle"))
    ('c:C2:A73:20principle', '§3 principle')
    """
    return ("c" + quote(clause).replace("%", ":"))[:LONGEST]


def clause_of(code: str) -> str:
    """Return the clause of a code of ``clause_code``."""
    return unquote(code[1:].replace(":", "%"))


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
    issued = Certificate(
        service=service,
        kind=kind,
        subject_key=subject_key,
        run_ref=run,
        counts=list(counts),
        method=METHOD,
        destroyed_at=now,
        epoch=epoch.number,
        final_on=_final_on(epoch, service, now),
    )
    issued.ledger_entry = ledger.record(
        "compliance.certificate.issued",
        actor=None,
        now=now,
        service=service,
        subject=public_id,
        obj=run,
        data={
            "kind": kind,
            "records": sum(row["records"] for row in counts),
            "method": METHOD,
            "final_on": issued.final_on,
            "epoch": issued.epoch,
            "digest": digest_of(issued),
            **facts_of(counts),
        },
    )
    issued.save(force_insert=True)
    return issued

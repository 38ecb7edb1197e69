"""Certificates of many people at once: those of whom a run destroyed the last record."""

from collections.abc import Mapping, Sequence
from typing import Any

from compliance import bulk, ledger
from compliance.actions.certificate import facts_of
from compliance.keyring import digests
from compliance.models import Certificate

FIELDS = (
    "service_id",
    "kind",
    "subject_key",
    "run_ref",
    "counts",
    "method",
    "destroyed_at",
    "epoch",
    "final_on",
    "final_at",
    "ledger_entry_id",
)


def issue_for_people(of_run: Certificate, counts: Mapping[str, Sequence[Mapping[str, Any]]]) -> int:
    """Certify for each person (by public id) what a run destroyed of them; the caller holds the transaction.

    One ledger entry for up to 1,000 people and one statement for the rows. Returns how many were written.
    """
    people = list(counts)
    for start in range(0, len(people), ledger.MAX_ITEMS):
        _issue(
            of_run, {person: counts[person] for person in people[start : start + ledger.MAX_ITEMS]}
        )
    return len(people)


def _issue(of_run: Certificate, counts: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    entry = ledger.record_batch(
        "compliance.certificate.issued",
        [(person, _leaf(lines)) for person, lines in counts.items()],
        actor=None,
        now=of_run.destroyed_at,
        service=of_run.service,
        data={
            "kind": Certificate.Kind.PERSON,
            "method": of_run.method,
            "run": of_run.run_ref,
            "epoch": of_run.epoch,
            "final_on": of_run.final_on,
        },
    )
    pseudonyms = digests.subject_digests(list(counts))
    rows = (
        (
            of_run.service_id,
            Certificate.Kind.PERSON,
            pseudonyms[person],
            of_run.run_ref,
            list(lines),
            of_run.method,
            of_run.destroyed_at,
            of_run.epoch,
            of_run.final_on,
            of_run.final_at,
            entry.pk,
        )
        for person, lines in counts.items()
    )
    bulk.insert(Certificate, FIELDS, rows)


def _leaf(lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"records": sum(line["records"] for line in lines), **facts_of(lines)}

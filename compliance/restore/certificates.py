"""Make certificates of destruction anew from what the tail says of them, so that those given out still verify."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.actions.certificate import METHOD, clause_of, digest_of
from compliance.models import Certificate, Service

CODE, DESTROYED = "compliance.certificate.issued", "members.record.destroyed"
NEEDED = ("classes", "rules", "clauses", "numbers", "epoch", "method")


class NotTold(ValueError):
    """The tail does not say enough, or what is made anew has another digest than the one that was given out."""


def issue_again(
    service: Service, subject_key: str, run: str, data: Mapping[str, Any], *, at: datetime
) -> bool:
    """Write one certificate as it was, with its ledger entries, and say whether it was missing.

    ``data`` is what the tail has of its entry. Raises ``NotTold``: nothing was written.
    """
    if any(name not in data for name in NEEDED):
        raise NotTold(run)
    mine = {"service": service, "subject_key": subject_key, "run_ref": run, "destroyed_at": at}
    if Certificate.objects.filter(**mine, kind=data["kind"]).exists():
        return False
    final_on = data.get("final_on")
    made = Certificate(
        **mine,
        kind=data["kind"],
        counts=_counts(data),
        method=METHOD,
        epoch=data["epoch"],
        final_on=date.fromisoformat(final_on) if final_on else None,
    )
    if data.get("digest", digest_of(made)) != digest_of(made) or data["method"] != METHOD:
        raise NotTold(run)
    _write(made, data)
    return True


def _write(made: Certificate, data: Mapping[str, Any]) -> None:
    about = {
        "actor": None,
        "now": made.destroyed_at,
        "service_slug": made.service.slug,
        "subject_key": made.subject_key,
        "object_ref": made.run_ref,
    }
    left_out = ("items", "merkle_root")
    with transaction.atomic():
        if made.subject_key:
            ledger.append(DESTROYED, **about, data={"records": data["records"]})
        facts = {name: value for name, value in data.items() if name not in left_out}
        made.ledger_entry = ledger.append(CODE, **about, data=facts)
        made.save(force_insert=True)


def _counts(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    lines = zip(data["classes"], data["rules"], data["clauses"], data["numbers"], strict=True)
    return [
        {
            "class": record_class or "",
            "rule": rule or "",
            "clause": clause_of(clause),
            "records": number,
        }
        for record_class, rule, clause, number in lines
    ]

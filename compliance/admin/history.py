"""What the ledger says about an object or a person, in sentences for the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from compliance import ledger
from compliance.admin.ledger_words import ENTRIES
from compliance.keyring import digests
from compliance.ledger import FOR_PERSON, PERSON, SYSTEM
from compliance.models import Account, LedgerEntry

LIMIT = 200
WORDS = {
    "compliance.account.closed": gettext_noop("Staff account closed"),
    "compliance.account.created": gettext_noop("Staff account opened"),
    "compliance.account.password_changed": gettext_noop("Password changed"),
    "compliance.account.recovery_code_used": gettext_noop("Signed in with a recovery code"),
    "compliance.account.second_factor_enrolled": gettext_noop("Second step set up"),
    "compliance.account.second_factor_reset": gettext_noop("Second step reset"),
    "compliance.account.signed_in": gettext_noop("Signed in"),
    "compliance.officer.appointed": gettext_noop("Officer appointed"),
    "compliance.certificate.issued": gettext_noop("Certificate issued"),
    "compliance.certificate.finalised": gettext_noop("Certificate became final"),
    "compliance.paper.registered": gettext_noop("Paper registered"),
    "compliance.paper.reported": gettext_noop("Paper reported as destroyed"),
    "compliance.paper.taken_back": gettext_noop("Report about paper taken back"),
    "compliance.paper.destroyed": gettext_noop("Paper destroyed before a witness"),
    "compliance.policy.loaded": gettext_noop("Policy loaded from a file"),
    "compliance.policy.copied": gettext_noop("Draft copied from the policy in force"),
    "compliance.policy.row_changed": gettext_noop("Row of the draft changed"),
    "compliance.policy.text_changed": gettext_noop("Text of the draft changed"),
    "compliance.policy.class_chosen": gettext_noop("Kind of change chosen by hand"),
    "compliance.policy.submitted": gettext_noop("Handed in for review"),
    "compliance.policy.sent_back": gettext_noop("Sent back to the author"),
    "compliance.policy.approved": gettext_noop("Approved"),
    "compliance.policy.announced": gettext_noop("Announced"),
    "compliance.policy.took_effect": gettext_noop("Took effect"),
    "compliance.policy.superseded": gettext_noop("Replaced by a newer version"),
    "compliance.policy.cancelled": gettext_noop("Cancelled"),
    "compliance.notice.published": gettext_noop("Notice published"),
    "compliance.finding.settled": gettext_noop("Finding settled"),
    "compliance.service.went_live": gettext_noop("Service went live"),
    "compliance.service.approval_mode_set": gettext_noop("Who may approve alone was changed"),
    "compliance.service.dormant_keep_set": gettext_noop(
        "How long dormant members stay apart was set"
    ),
}


@dataclass(frozen=True)
class Line:
    """One entry of the ledger as a page shows it."""

    seq: int
    at: datetime
    who: str
    is_system: bool
    what: str
    code: str
    service: str
    clause: str
    details: str


def entries_about(reference: str, subject: str | None = None) -> list[Line]:
    """Newest entries about an object, and about a person if their public id is given."""
    about = Q(object_ref=reference)
    if subject:
        about |= Q(subject_key=digests.subject_digest(subject))
    return _lines(LedgerEntry.objects.filter(about).order_by("-seq")[:LIMIT])


def timeline_of(public_id: str, *, codes: str = "") -> list[Line]:
    """Newest entries that tell of a person, alone or in a batch; ``codes``: only those that begin so."""
    found = ledger.entries_for(public_id).filter(code__startswith=codes)
    return _lines(found.order_by("-seq")[:LIMIT])


def recent(services: list[str], limit: int = 8) -> list[Line]:
    """Newest entries of some services (slugs) and of the house itself."""
    rows = LedgerEntry.objects.filter(service_slug__in=[*services, ""]).order_by("-seq")
    return _lines(rows[:limit])


def words_for(code: str) -> str:
    """What an entry means, in words; a code without words of its own reads as it stands."""
    known = WORDS.get(code) or ENTRIES.get(code)
    if known:
        return _(known)
    noun, _dot, verb = code.split(".", 1)[-1].partition(".")
    return f"{noun} {verb}".replace("_", " ").strip().capitalize()


def _lines(rows: Any) -> list[Line]:
    found = list(rows)
    names = names_of({row.actor for row in found})
    return [
        Line(
            seq=row.seq,
            at=row.at,
            who=who(row.actor, names),
            is_system=row.actor == SYSTEM,
            what=words_for(row.code),
            code=row.code,
            service=row.service_slug,
            clause=row.clause,
            details=", ".join(f"{key} {value}" for key, value in row.data.items()),
        )
        for row in found
    ]


def who(actor: str, names: dict[str, str]) -> str:
    """Who acted: an officer by name, the system, the person; anybody else stays opaque."""
    known = {SYSTEM: _("System"), PERSON: _("The person")}
    known |= {FOR_PERSON: _("The legal representative")} | names
    return known.get(actor) or actor[:8]


def names_of(usernames: set[str]) -> dict[str, str]:
    """Return the names of staff by their opaque sign-in names."""
    accounts = Account.objects.filter(username__in=usernames, is_staff=True)
    return {account.username: str(account) for account in accounts}

"""What the ledger asks of people: a tail that is behind, a checkpoint that is late, too few places outside."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from compliance import checkpoints, duties
from compliance.duties import Duty
from compliance.models import Service

TURNS, PERMISSION = "admin:compliance_slot_changelist", "jobs.view"
PLACES = 2
SAID = {
    "ledger_tail": _("The copy of the ledger outside the database is behind: look at TAIL_DIR"),
    "ledger_checkpoint": _("No signed checkpoint of the ledger for two hours"),
}


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("compliance.ledger_late", late)
    duties.register("compliance.ledger_places", few_places)


def late(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """One duty for each part that keeps up no longer: a rewritten ledger could not be found from outside."""
    return [_duty(SAID[name], "overdue") for name in checkpoints.warnings(now)]


def few_places(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """A checkpoint in one place is lost with that place; a demo has nothing to prove."""
    signed = checkpoints.newest()
    if settings.DEMO or signed is None or checkpoints.places(now) >= PLACES:
        return []
    if now - signed.at > 2 * checkpoints.MAIL_EVERY:
        return []  # Nothing was signed lately: that is the other duty, or an idle house.
    title = _("Checkpoints of the ledger go to fewer than two places outside: set CHECKPOINT_DIRS")
    return [_duty(title, "note")]


def _duty(title: object, severity: str) -> Duty:
    return Duty(
        title,
        None,
        TURNS,
        severity=severity,
        query={"entry": "ledger.checkpoint"},
        permission=PERMISSION,
    )

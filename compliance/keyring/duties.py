"""What the keys ask of people: a roll that is late, and a recovery copy that nobody set up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from compliance import duties
from compliance.duties import Duty
from compliance.keyring import epochs, recovery
from compliance.keyring.models import Epoch

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from compliance.models import Service

TURNS, PERMISSION = "admin:compliance_slot_changelist", "jobs.view"


def register() -> None:
    """Put these duties on the first page of the office."""
    duties.register("compliance.key_roll", late_roll)
    duties.register("compliance.key_recovery", missing_recovery)


def late_roll(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """An epoch that should have been forgotten by now: destructions since then can still be undone."""
    waiting = Epoch.objects.filter(Q(erasable=True) | Q(retired_at=None), forgotten_at=None)
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"]
    if oldest is None or now < oldest + 2 * epochs.interval():
        return []
    return [
        Duty(
            _("The roll of the keys is late: destructions are not final"),
            oldest + epochs.interval(),
            TURNS,
            severity="overdue",
            query={"entry": "keys.roll"},
            permission=PERMISSION,
        )
    ]


def missing_recovery(services: QuerySet[Service], now: datetime) -> list[Duty]:
    """Without a recovery copy the loss of the key files is the loss of everybody; a demo has nobody to lose."""
    if settings.DEMO or recovery.is_set_up():
        return []
    title = _("No recovery copy of the keys is written: set up a recovery key and RECOVERY_DIRS")
    return [
        Duty(
            title,
            None,
            TURNS,
            severity="note",
            query={"entry": "keys.roll"},
            permission=PERMISSION,
        )
    ]

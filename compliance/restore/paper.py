"""Say again what was said of paper after the backup: reported as destroyed, taken back, seen by a witness."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from compliance.actions import paper
from compliance.models import Account, PaperBatch

REPORTED, WITNESSED = "compliance.paper.reported", "compliance.paper.destroyed"
TAKEN_BACK = "compliance.paper.taken_back"
CODES = frozenset({REPORTED, WITNESSED, TAKEN_BACK})


class NotPossible(ValueError):
    """The backup has no such batch or no such colleague: a person has to enter it."""


def say_again(code: str, ref: str, actor: str, data: Mapping[str, Any], *, at: datetime) -> bool:
    """Take one step of a batch again and say whether it was missing. Raises ``NotPossible``."""
    batch = PaperBatch.objects.filter(pk=ref.partition(":")[2], registered_at__lte=at).first()
    who = Account.objects.filter(username=actor).first()
    if batch is None or who is None:
        raise NotPossible(ref)
    if batch.witness_id:
        return False
    try:
        return _step(code, batch, who, data, at)
    except paper.PaperRefused as refused:
        raise NotPossible(ref) from refused


def _step(
    code: str, batch: PaperBatch, who: Account, data: Mapping[str, Any], at: datetime
) -> bool:
    if code == REPORTED and batch.destroyed_on is None:
        day = date.fromisoformat(data["destroyed_on"])
        paper.destroy(batch, method=data["method"], destroyed_on=day, actor=who, now=at)
    elif code == TAKEN_BACK and batch.destroyed_on is not None:
        paper.take_back(batch, actor=who, now=at)
    elif code == WITNESSED:
        paper.witness(batch, actor=who, now=at)
    else:
        return False
    return True

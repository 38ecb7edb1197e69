"""The bracket around an effect outside ``default``: intent, idempotent effect, completion.

``begin`` and ``complete`` write state and ledger entry in one transaction. A process killed in between leaves
an unfinished effect; the sweep of its kind repeats the effect and completes it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models, transaction

from compliance import ledger
from compliance.keyring import digests
from compliance.models.effect import Effect

INTENDED, COMPLETED = Effect.State.INTENDED, Effect.State.COMPLETED


def begin(
    kind: str,
    ref: str,
    payload: Mapping[str, Any],
    *,
    actor: Any,
    now: datetime,
    service: Any = None,
    subject: str | None = None,
    clause: str = "",
) -> Effect:
    """Write the intent and return it; an unfinished effect of the same kind and object is returned as it is.

    ``payload`` holds what the repeat needs: numbers, opaque ids and codes, or lists of them. Raises
    ``LedgerValueRefused`` for anything else, ``ValueError`` if the unfinished one was begun for other ids.
    """
    checked = {key: _opaque(key, value) for key, value in payload.items()}
    with transaction.atomic():
        effect, new = Effect.objects.get_or_create(
            kind=kind,
            object_ref=ref,
            state=INTENDED,
            defaults={
                "payload": checked,
                "service_slug": ledger.slug_of(service),
                "subject_key": digests.subject_digest(subject) if subject else "",
                "clause": clause,
                "intended_at": now,
            },
        )
        if new:
            _tell("compliance.effect.intended", effect, actor=actor, now=now)
    if effect.payload != checked:
        raise ValueError(f"effect {effect.pk} is unfinished and was begun for other ids")
    return effect


def complete(effect: Effect, *, now: datetime, actor: Any = None) -> bool:
    """Write the completion and say whether this call did it; a second call changes nothing."""
    with transaction.atomic():
        mine = Effect.objects.filter(pk=effect.pk, state=INTENDED)
        if not mine.update(state=COMPLETED, completed_at=now):
            return False
        effect.state, effect.completed_at = COMPLETED, now
        _tell("compliance.effect.completed", effect, actor=actor, now=now)
    return True


def unfinished(kind: str) -> models.QuerySet[Effect]:
    """Return the effects of a kind that were begun and not completed, oldest first."""
    return Effect.objects.filter(kind=kind, state=INTENDED).order_by("id")


def _tell(code: str, effect: Effect, *, actor: Any, now: datetime) -> None:
    ledger.append(
        code,
        actor=actor,
        now=now,
        service_slug=effect.service_slug,
        subject_key=effect.subject_key,
        object_ref=effect.object_ref,
        clause=effect.clause,
        data={"effect": effect.pk, "kind": effect.kind},
    )


def _opaque(key: str, value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [_opaque(key, part) for part in value]
    return ledger.plain(key, value)

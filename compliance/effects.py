"""The bracket around an effect outside ``default``: intent, idempotent effect, completion.

``begin`` and ``complete`` write state and ledger entry in one transaction. A process killed in between leaves
an unfinished effect; the sweep of its kind repeats the effect and completes it. Between the two a line with the
record ids goes to the tail: without it nothing is destroyed.
"""

import logging
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models, transaction

from compliance import ledger, marks, tail
from compliance.keyring import digests
from compliance.models.effect import Effect

log = logging.getLogger(__name__)
OPAQUE_LINES = re.compile(rf"(?:(?:{ledger.OPAQUE.pattern})\n)*")
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
    destroys: bool = True,
) -> Effect:
    """Write the intent and return it; an unfinished effect of the same kind and object is returned as it is.

    ``payload`` holds what the repeat needs: numbers, opaque ids and codes, or lists of them. Raises
    ``LedgerValueRefused`` for anything else, ``ValueError`` if the unfinished one was begun for other ids, and
    ``OSError`` if the tail cannot be written: then nothing may be destroyed yet, and a repeat works later.
    ``destroys`` is False for what only makes keys or rows; its line may be missing.
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
                "destroys": destroys,
                "intended_at": now,
            },
        )
        if new:
            effect.seq = _tell("compliance.effect.intended", effect, actor=actor, now=now)
            effect.save(update_fields=["seq"])
            effect._is_pending = True  # type: ignore[attr-defined]
            transaction.on_commit(partial(_committed, effect))
    if effect.payload != checked:
        raise ValueError(f"effect {effect.pk} is unfinished and was begun for other ids")
    if not new:
        _tell_again(effect)
    return effect


def complete(effect: Effect, *, now: datetime, actor: Any = None) -> bool:
    """Write the completion and say whether this call did it; a second call changes nothing.

    The marks of the other databases come first, so that they are never behind a completed effect that counts as
    marked. An intent that may still be taken back with its transaction raises no mark before it is committed: a
    mark ahead of the ledger would look like a restore. The ids leave the row; the object in hand keeps them.
    """
    is_pending = getattr(effect, "_is_pending", False)
    if not is_pending:
        marks.raise_to(effect.seq)
    with transaction.atomic():
        mine = Effect.objects.filter(pk=effect.pk, state=INTENDED)
        if not mine.update(state=COMPLETED, completed_at=now, payload={}, marked=not is_pending):
            return False
        effect.state, effect.completed_at = COMPLETED, now
        if is_pending:
            transaction.on_commit(partial(_mark, effect))
        _tell("compliance.effect.completed", effect, actor=actor, now=now)
    return True


def unfinished(kind: str) -> models.QuerySet[Effect]:
    """Return the effects of a kind that were begun and not completed, oldest first, each with its line."""
    for effect in Effect.objects.filter(kind=kind, state=INTENDED, told=False):
        _tell_again(effect)
    return Effect.objects.filter(kind=kind, state=INTENDED).order_by("id")


def _committed(effect: Effect) -> None:
    effect._is_pending = False  # type: ignore[attr-defined]
    _write_line(effect)


def _mark(effect: Effect) -> None:
    """Raise the marks after the commit; stopped before the end, the effect does not count as marked."""
    marks.raise_to(effect.seq)
    Effect.objects.filter(pk=effect.pk).update(marked=True)


def _tell_again(effect: Effect) -> None:
    """Write the line of an effect whose writer may have been stopped before it; once is enough."""
    if not effect.told:
        _write_line(effect)
        Effect.objects.filter(pk=effect.pk).update(told=True)
        effect.told = True


def _write_line(effect: Effect) -> None:
    try:
        tail.append("effect", _line(effect), sync=effect.destroys)
    except OSError as error:
        if effect.destroys:
            raise
        log.error("the tail is behind: %s", type(error).__name__)


def _line(effect: Effect) -> dict[str, Any]:
    """Return what the tail keeps: record ids as they are, numbers of people as their pseudonyms."""
    payload = effect.payload
    people = {
        value
        for key, values in payload.items()
        if key != "records"
        for value in (values if isinstance(values, list) else [values])
        if isinstance(value, str) and ledger.PUBLIC_ID.fullmatch(value)
    }
    keys = digests.subject_digests(sorted(people))
    return {
        "seq": effect.seq,
        "at": effect.intended_at.isoformat(),
        "kind": effect.kind,
        "ref": effect.object_ref,
        "service": effect.service_slug,
        "subject_key": effect.subject_key,
        "destroys": effect.destroys,
        "payload": {k: v if k == "records" else _hidden(v, keys) for k, v in payload.items()},
    }


def _hidden(value: Any, keys: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_hidden(part, keys) for part in value]
    return keys.get(value, value) if isinstance(value, str) else value


def _tell(code: str, effect: Effect, *, actor: Any, now: datetime) -> int:
    entry = ledger.append(
        code,
        actor=actor,
        now=now,
        service_slug=effect.service_slug,
        subject_key=effect.subject_key,
        object_ref=effect.object_ref,
        clause=effect.clause,
        data={"effect": effect.pk, "kind": effect.kind},
    )
    return int(entry.seq)


def _opaque(key: str, value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return list(value) if _are_opaque(value) else [_opaque(key, part) for part in value]
    return ledger.plain(key, value)


def _are_opaque(values: Sequence[Any]) -> bool:
    """Tell at one look whether a long list holds numbers alone, or opaque texts alone."""
    kinds = set(map(type, values))
    if kinds != {str}:
        return kinds == {int}
    lines = "\n".join(values) + "\n"
    return lines.count("\n") == len(values) and bool(OPAQUE_LINES.fullmatch(lines))

"""Editing a draft: rows, facts and texts, one ledger entry for each saved change.

Only a draft can be edited; whatever else is asked is refused with ``wrong_state``. What the ledger says is
that a row changed, never what it says.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from compliance import ledger
from compliance.actions.policy_version import TransitionRefused
from compliance.models import Account, PolicyItemSubject, PolicyText, PolicyVersion
from compliance.models.policy_row import PolicyRow
from compliance.models.policy_tables import TABLE_MODELS

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
SINGLE_TABLES = ("service", "never_collect")


def save_row(
    version: PolicyVersion,
    table: str,
    columns: Mapping[str, Any],
    *,
    row_id: int | None = None,
    subjects: Sequence[Mapping[str, Any]] | None = None,
    actor: Account | None,
    now: datetime,
) -> PolicyRow:
    """Add a row to a draft, or with ``row_id`` change one; ``subjects`` are the people of an item.

    Raises ``TransitionRefused``: ``wrong_state`` or ``row_unknown``.
    """
    with _editing(version) as draft:
        row = _row(draft, table, row_id) if row_id else _new_row(draft, table)
        for name, value in columns.items():
            setattr(row, name, value)
        row.save()
        if subjects is not None:
            _write_subjects(draft, row, subjects)
        _tell_row(draft, table, row, CHANGED if row_id else ADDED, actor, now)
    return row


def remove_row(
    version: PolicyVersion, table: str, row_id: int, *, actor: Account | None, now: datetime
) -> None:
    """Remove a row of a draft. Raises ``TransitionRefused``: ``wrong_state`` or ``row_unknown``."""
    with _editing(version) as draft:
        row = _row(draft, table, row_id)
        _tell_row(draft, table, row, REMOVED, actor, now)
        row.delete()


def save_facts(
    version: PolicyVersion,
    table: str,
    columns: Mapping[str, Any],
    *,
    actor: Account | None,
    now: datetime,
) -> PolicyVersion:
    """Change what a draft says in its single tables, ``service`` or ``never_collect``."""
    if table not in SINGLE_TABLES:
        raise TransitionRefused("row_unknown")
    with _editing(version) as draft:
        for name, value in columns.items():
            setattr(draft, name, value)
        draft.save(update_fields=list(columns))
        _tell(draft, {"table": table, "row": table, "kind": CHANGED}, actor, now)
    return draft


def save_text(
    version: PolicyVersion,
    language: str,
    body: str,
    *,
    ready: bool,
    actor: Account | None,
    now: datetime,
) -> PolicyText:
    """Write the text of a draft in one language and say whether it is ready to be shown."""
    with _editing(version) as draft:
        place = (draft.texts.aggregate(last=Max("position"))["last"] or 0) + 1
        text = draft.texts.filter(language=language).first()
        text = text or PolicyText(version=draft, language=language, position=place)
        text.body, text.ready = body, ready
        text.save()
        data = {"language": language, "ready": ready, "digest": text.digest}
        _record("compliance.policy.text_changed", draft, data, actor, now)
    return text


def set_stricter(
    version: PolicyVersion, *, stricter: bool, actor: Account | None, now: datetime
) -> PolicyVersion:
    """Treat the change as important whatever its rows say, or stop doing so; no change, no entry."""
    with _editing(version) as draft:
        if draft.stricter_by_hand == stricter:
            return draft
        draft.stricter_by_hand = stricter
        draft.save(update_fields=["stricter_by_hand"])
        _record("compliance.policy.class_chosen", draft, {"stricter": stricter}, actor, now)
    return draft


@contextmanager
def _editing(version: PolicyVersion) -> Iterator[PolicyVersion]:
    """Lock a draft; its digest is forgotten, because it belonged to what the draft said before."""
    with transaction.atomic():
        draft = (
            PolicyVersion.objects.select_for_update().select_related("service").get(pk=version.pk)
        )
        if draft.state != PolicyVersion.State.DRAFT:
            raise TransitionRefused("wrong_state", state=draft.state)
        if draft.content_hash:
            draft.content_hash = ""
            draft.save(update_fields=["content_hash"])
        yield draft


def _row(draft: PolicyVersion, table: str, row_id: int) -> PolicyRow:
    found = _model(table).objects.filter(version=draft, pk=row_id).first()
    if found is None:
        raise TransitionRefused("row_unknown")
    return found


def _new_row(draft: PolicyVersion, table: str) -> PolicyRow:
    model = _model(table)
    last = model.objects.filter(version=draft).aggregate(last=Max("position"))["last"] or 0
    return model(version=draft, position=last + 1)


def _model(table: str) -> type[PolicyRow]:
    if table not in TABLE_MODELS:
        raise TransitionRefused("row_unknown")
    return TABLE_MODELS[table]


def _write_subjects(
    draft: PolicyVersion, item: PolicyRow, subjects: Sequence[Mapping[str, Any]]
) -> None:
    item.subjects.all().delete()
    PolicyItemSubject.objects.bulk_create(
        PolicyItemSubject(version=draft, item=item, position=number, **entry)
        for number, entry in enumerate(subjects, start=1)
    )


def _tell_row(
    draft: PolicyVersion,
    table: str,
    row: PolicyRow,
    kind: str,
    actor: Account | None,
    now: datetime,
) -> None:
    _tell(draft, {"table": table, "row": row.pk, "kind": kind}, actor, now)


def _tell(
    draft: PolicyVersion, data: Mapping[str, Any], actor: Account | None, now: datetime
) -> None:
    _record("compliance.policy.row_changed", draft, data, actor, now)


def _record(
    code: str,
    draft: PolicyVersion,
    data: Mapping[str, Any],
    actor: Account | None,
    now: datetime,
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=draft.service,
        obj=f"policy_version:{draft.pk}",
        data={"number": draft.number, **data},
    )

"""Pages on which the rows of a draft are added, changed and removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance import policy_show, refusal_words
from compliance.actions import policy_draft
from compliance.actions.policy_version import TransitionRefused
from compliance.admin import policy_pages as pages
from compliance.admin.policy_forms import SINGLE, FactsForm, RowForm
from compliance.models import PolicyVersion
from compliance.models.policy_tables import TABLE_MODELS
from compliance.policy_data import data_of
from compliance.rules.policy_spec import SCHEMA, TABLES

EDIT = "policies.edit"


def row(request: HttpRequest, pk: int, table: str, row_id: int | None = None) -> HttpResponse:
    """Add a row, or change one; of a version that is no draft the row can only be read."""
    version = pages.find(
        request, pk, EDIT if request.method == "POST" or row_id is None else "policies.view"
    )
    place = _place(version, table, row_id)
    data = data_of(version)
    told = data[table][place] if place is not None else {}
    form = RowForm(
        table, request.POST or None, data=data, row=told, taken=_taken(data, table, place)
    )
    if request.method != "POST":
        return _form_page(request, version, table, form, told, row_id)
    return _save(request, version, table, form, told, row_id)


def facts(request: HttpRequest, pk: int, table: str) -> HttpResponse:
    """Change what a draft says in its single tables."""
    version = pages.find(request, pk, EDIT if request.method == "POST" else "policies.view")
    if table not in SINGLE:
        raise Http404
    data = data_of(version)
    form = FactsForm(table, request.POST or None, data=data, row=data[table])
    if request.method != "POST":
        return _form_page(request, version, table, form, data[table], None)
    return _save(request, version, table, form, data[table], None)


def remove(request: HttpRequest, pk: int, table: str, row_id: int) -> HttpResponse:
    """Ask, saying which rows mention this one; POST removes it."""
    version = pages.find(request, pk, EDIT)
    place = _place(version, table, row_id)
    if request.method == "POST":
        return _remove(request, version, table, row_id)
    data = data_of(version)
    told = data[table][place]  # type: ignore[index]
    context = {
        "table": table,
        "table_words": policy_show.table_words(table),
        "row_title": _title(table, told, data),
        "mentions": mentions(data, table, told.get("code", "")),
        "back": _back(version, table),
    }
    return pages.show(request, "row_remove", version, _("Remove this row?"), context)


def mentions(data: Mapping[str, Any], table: str, code: str) -> list[str]:
    """Return the rows that cite a row, by table and name."""
    found = []
    for other, spec in TABLES.items():
        fields = [
            name for name, wanted in spec.items() if wanted.ref == table and table != "clauses"
        ]
        for one in data[other]:
            cited = [one[name] for name in fields if name in one]
            if code and any(code == value or code in value for value in cited if value):
                found.append(f"{policy_show.table_words(other)}: {_title(other, one, data)}")
    return found


def _save(
    request: HttpRequest,
    version: PolicyVersion,
    table: str,
    form: RowForm,
    told: Mapping[str, Any],
    row_id: int | None,
) -> HttpResponse:
    if version.state != PolicyVersion.State.DRAFT:
        refusal = TransitionRefused("wrong_state", state=version.state)
        return pages.refused(request, version, refusal_words.sentence(refusal))
    if not form.is_valid():
        return _form_page(request, version, table, form, told, row_id, answer=422)
    try:
        _write(request, version, table, form, row_id)
    except TransitionRefused as refusal:
        return pages.refused(request, version, refusal_words.sentence(refusal))
    messages.success(
        request, _("Saved. Nothing is promised before this draft is approved and announced.")
    )
    return redirect(_back(version, table))


def _write(
    request: HttpRequest, version: PolicyVersion, table: str, form: RowForm, row_id: int | None
) -> None:
    who: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
    if table in SINGLE:
        policy_draft.save_facts(version, table, form.columns(), **who)
        return
    policy_draft.save_row(
        version, table, form.columns(), row_id=row_id, subjects=form.subjects(), **who
    )


def _remove(request: HttpRequest, version: PolicyVersion, table: str, row_id: int) -> HttpResponse:
    who: dict[str, Any] = {"actor": request.user, "now": timezone.now()}
    try:
        policy_draft.remove_row(version, table, row_id, **who)
    except TransitionRefused as refusal:
        return pages.refused(request, version, refusal_words.sentence(refusal))
    messages.success(request, _("Removed from this draft."))
    return redirect(_back(version, table))


def _form_page(
    request: HttpRequest,
    version: PolicyVersion,
    table: str,
    form: RowForm,
    told: Mapping[str, Any],
    row_id: int | None,
    *,
    answer: int = 200,
) -> HttpResponse:
    data = data_of(version)
    context = {
        "form": form,
        "table": table,
        "table_words": policy_show.table_words(table),
        "row_id": row_id,
        "row_title": _title(table, told, data) if told else "",
        "facts": policy_show.facts(table, told, policy_show.names_of(data)) if told else [],
        "stated": told.get("stated", True),
        "back": _back(version, table),
    }
    title = (
        _title(table, told, data)
        if told
        else _("Add: %(row)s") % {"row": policy_show.row_words(table)}
    )
    return pages.show(request, "row_form", version, title, context, answer=answer)


def _place(version: PolicyVersion, table: str, row_id: int | None) -> int | None:
    """Return the place of a row in the data of its version. Raises 404 for what is not there."""
    if table not in TABLE_MODELS:
        raise Http404
    if row_id is None:
        return None
    rows = TABLE_MODELS[table].objects.filter(version=version).order_by("position", "pk")
    keys = list(rows.values_list("pk", flat=True))
    if row_id not in keys:
        raise Http404
    return keys.index(row_id)


def _taken(data: Mapping[str, Any], table: str, place: int | None) -> list[str]:
    name = "id" if table == "clauses" else "code"
    if name not in SCHEMA[table]:
        return []
    return [one[name] for number, one in enumerate(data[table]) if number != place]


def _title(table: str, told: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    if table in SINGLE:
        words = policy_show.table_words(table)
        return words[:1].upper() + words[1:]
    return policy_show.title(told, table, policy_show.names_of(data))


def _back(version: PolicyVersion, table: str) -> str:
    return f"{pages.url('change', version.pk)}?tab=says&open={table}#{table}"

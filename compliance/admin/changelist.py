"""Lists that never count: one page and a link to the next, by the place of the last row.

The place (`after`, `before`) is the last row's values of the ordering columns. Where an ordering
column may be empty or is reached through another table, pages go by number instead, still
without counting.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, Model, OrderBy, Q, QuerySet
from django.http import HttpRequest

AFTER, BEFORE = "after", "before"
CURSORS = (AFTER, BEFORE)
LAST_PAGE = 100_000


@dataclass(frozen=True)
class Column:
    """One column of a total order."""

    field: Field[Any, Any]
    descending: bool

    def past(self, value: Any, *, backwards: bool) -> Q:
        """Rows that come after `value` in this column, or before it."""
        lookup = "lt" if self.descending != backwards else "gt"
        return Q(**{f"{self.field.attname}__{lookup}": value})


class OfficeChangeList(ChangeList):
    """A change list with next and previous pages; `result_count` is that of the page."""

    columns: list[Column] | None
    next_url = ""
    previous_url = ""

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Filters of the query string, without the place in the list."""
        found = super().get_filters_params(params)
        return {key: value for key, value in found.items() if key not in CURSORS}

    def get_query_string(
        self, new_params: dict[str, Any] | None = None, remove: list[str] | None = None
    ) -> str:
        """Every link but next and previous starts at the first page again."""
        return super().get_query_string(dict.fromkeys(CURSORS) | (new_params or {}), remove)

    def get_results(self, request: HttpRequest) -> None:
        """Read one page and one row more, which tells whether there is another page."""
        self.columns = _columns(self.model, self.get_ordering(request, self.queryset))
        rows = self._by_place(request) if self.columns else self._by_number()
        self.result_list = rows
        self.result_count = len(rows)
        self.show_full_result_count = False
        self.full_result_count = None
        self.show_admin_actions = True
        self.can_show_all = False
        self.multi_page = bool(self.next_url or self.previous_url)
        self.paginator = None

    def _by_place(self, request: HttpRequest) -> list[Any]:
        after, before = request.GET.get(AFTER), request.GET.get(BEFORE)
        backwards = bool(before)
        queryset = self._ordered(backwards=backwards)
        place = before or after
        if place:
            queryset = queryset.filter(self._past(place, backwards=backwards))
        rows = list(queryset[: self.list_per_page + 1])
        more = len(rows) > self.list_per_page
        rows = rows[: self.list_per_page]
        if backwards:
            rows.reverse()
        self._link(
            rows, has_next=more or backwards, has_previous=bool(after) or (backwards and more)
        )
        return rows

    def _by_number(self) -> list[Any]:
        if self.page_num > LAST_PAGE:
            raise IncorrectLookupParameters
        first = (max(self.page_num, 1) - 1) * self.list_per_page
        rows = list(self.queryset[first : first + self.list_per_page + 1])
        if len(rows) > self.list_per_page:
            self.next_url = self.get_query_string({PAGE_VAR: self.page_num + 1})
        if self.page_num > 1:
            self.previous_url = self.get_query_string({PAGE_VAR: self.page_num - 1})
        return rows[: self.list_per_page]

    def _ordered(self, *, backwards: bool) -> QuerySet[Any]:
        return self.queryset.reverse() if backwards else self.queryset

    def _past(self, place: str, *, backwards: bool) -> Q:
        columns = self.columns or []
        values = _read(place, columns)
        found, same = Q(pk__in=[]), Q()
        for column, value in zip(columns, values, strict=True):
            found |= same & column.past(value, backwards=backwards)
            same &= Q(**{column.field.attname: value})
        return found

    def _link(self, rows: list[Any], *, has_next: bool, has_previous: bool) -> None:
        if not rows or self.columns is None:
            return
        if has_next:
            self.next_url = self.get_query_string({AFTER: _write(rows[-1], self.columns)})
        if has_previous:
            self.previous_url = self.get_query_string({BEFORE: _write(rows[0], self.columns)})


def _columns(model: type[Model], ordering: list[Any]) -> list[Column] | None:
    """The order as columns, or None where the place of a row cannot be told from them."""
    columns: list[Column] = []
    for term in ordering:
        name, descending = _term(term)
        try:
            field = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if not isinstance(field, Field) or field.null or field.is_relation:
            return None
        columns.append(Column(field, descending))
        if field.unique:
            return columns
    return None


def _term(term: Any) -> tuple[str, bool]:
    if isinstance(term, OrderBy):
        name = term.expression.name if isinstance(term.expression, F) else ""
        return name, term.descending
    text = str(term)
    return text.lstrip("-"), text.startswith("-")


def _write(row: Any, columns: list[Column]) -> str:
    values = [column.field.value_to_string(row) for column in columns]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _read(place: str, columns: list[Column]) -> list[Any]:
    try:
        padded = place + "=" * (-len(place) % 4)
        texts = json.loads(base64.urlsafe_b64decode(padded))
        return [_value(column, text) for column, text in zip(columns, texts, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError) as error:
        raise IncorrectLookupParameters from error


def _value(column: Column, text: Any) -> Any:
    """What a column can be compared with; no ordering column is empty, and moments have to exist in UTC."""
    value = column.field.to_python(text)
    if value is None or "\0" in str(value):
        raise ValueError("not a place in this list")
    return value.astimezone(UTC) if isinstance(value, datetime) else value

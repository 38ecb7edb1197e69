"""Filters that several lists share: own services, days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from compliance.roles import services_of


class OwnServiceFilter(admin.SimpleListFilter):
    """Services in which the officer may see the page; `path` leads from the row to the slug."""

    title = _("service")
    parameter_name = "service"
    path = "service__slug"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The officer's services by name; nothing to choose while there is only one."""
        rows = services_of(request.user, model_admin.view_permission)  # type: ignore[arg-type]
        return list(rows.order_by("name").values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows of the service."""
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class OwnSlugFilter(OwnServiceFilter):
    """The same for rows that know their service by its slug."""

    path = "service_slug"


class DayFilter(admin.SimpleListFilter):
    """One end of a range of days in the officer's zone; it shows only while it is set."""

    column = "at"
    is_end = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day = _parsed(self.value())

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The day that was asked for."""
        day = _parsed(self.used_parameters.get(self.parameter_name))
        return [(day.isoformat(), date_format(day, "DATE_FORMAT"))] if day else []

    def has_output(self) -> bool:
        """Kept while it is set, also if it is no day: it has to be read here and nowhere else."""
        return self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Rows from the first moment of the day on, or up to the last."""
        if self.day is None:
            return queryset
        if self.is_end:
            return queryset.filter(**{f"{self.column}__lt": _start(self.day + timedelta(days=1))})
        return queryset.filter(**{f"{self.column}__gte": _start(self.day)})


class FromDayFilter(DayFilter):
    """Not before a day."""

    title = _("from")
    parameter_name = "from"


class ToDayFilter(DayFilter):
    """Not after a day."""

    title = _("to")
    parameter_name = "to"
    is_end = True


def _parsed(text: Any) -> date | None:
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return None
    return day if 1970 <= day.year < 2200 else None


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_current_timezone())

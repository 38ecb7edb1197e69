"""Rehearsal: what the sweeps of retention would do on a day; nothing is written."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from django import forms
from django.contrib.admin import site
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from compliance.admin.menu import Page, register_page
from compliance.admin.work import counts_in_words
from compliance.rehearsal import rehearse


class DayForm(forms.Form):
    """The day to rehearse."""

    at = forms.DateField(
        label=_("Day"),
        help_text=_("Any day, past or future. Nothing is written, whatever the answer is."),
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2199, 12, 31))],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


def page(request: HttpRequest) -> HttpResponse:
    """A form for the day; with `at`, what every entry would do at noon UTC of it."""
    form = DayForm(request.GET if "at" in request.GET else None)
    is_asked = form.is_bound and form.is_valid()
    context = site.each_context(request) | {
        "title": _("Rehearsal"),
        "form": form,
        "rows": _rows(form.cleaned_data["at"]) if is_asked else None,
    }
    return render(request, "admin/records/rehearsal.html", context)


def _rows(day: date) -> list[dict[str, Any]]:
    at = datetime.combine(day, time(12), tzinfo=UTC)
    return [
        {
            "entry": one.entry.name,
            "done": one.report.done if one.report else None,
            "skipped": counts_in_words(one.report.skipped) if one.report else "",
            "stopped": one.report is None,
        }
        for one in rehearse(at)
    ]


register_page(
    Page(
        route="rehearsal/",
        view=page,
        name="rehearsal",
        permission="retention.view",
        section="retention",
        label=_("Rehearsal"),
        order=12,
    )
)

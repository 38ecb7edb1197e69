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
from compliance.rehearsal import rehearse

WORK: dict[str, Any] = {
    "retention.reclock": _("Follow a new version of the policy"),
    "retention.destroy": _("Destroy records that are due"),
    "retention.release_holds": _("Destroy rejoin digests that are due"),
    "dormancy.notify": _("Tell people of dormancy in advance"),
    "dormancy.move": _("Set dormant people apart"),
    "dormancy.end": _("End memberships after dormancy"),
    "cases.look_at": _("Follow recorded cases"),
    "codes.forget": _("Forget sign-in codes"),
    "copies.destroy": _("Destroy copies that are due"),
    "uploads.destroy": _("Destroy uploaded files"),
    "ledger.checkpoint": _("Sign the ledger"),
    "keys.roll": _("Roll the keys"),
    "retention.wipe": _("Wipe deleted rows from files"),
    "sessions.forget": _("Forget old sessions"),
    "throttles.forget": _("Forget counts of tries"),
    "promises.check": _("Check the promises"),
}
REASONS: dict[str, Any] = {
    "hold": _("under a hold"),
    "approval": _("waits for a second officer"),
    "reclocking": _("a new version of the policy is being followed"),
    "restricted": _("a dispute is open"),
    "message_under_way": _("a message is on its way"),
    "being_moved": _("is being moved"),
}


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
            "entry": WORK.get(one.entry.name, one.entry.name),
            "on_the_day": one.on_the_day,
            "done": one.report.done if one.report else None,
            "skipped": _reasons(one.report.skipped) if one.report else "",
            "stopped": one.report is None,
        }
        for one in rehearse(at)
    ]


def _reasons(skipped: dict[str, int]) -> str:
    return ", ".join(f"{REASONS.get(why, why)}: {n}" for why, n in sorted(skipped.items())) or "–"


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

"""Restores: what was put back from a backup, what was repeated, who signed it off. Shown, never changed here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import RestoreReport


@admin.register(RestoreReport)
class RestoreReportAdmin(ReadOnlyPage):
    """One row per restore; while one is open nobody can see this page, the command line shows it."""

    menu_section, menu_label, menu_order = "oversight", _("Restores"), 40
    view_permission, service_path = "ledger.view", None
    list_display = ("number", "databases", "repeated", "open_steps", "found_at", "status")
    list_display_links = ("number",)
    fields = (
        "databases",
        "repeated",
        "open_steps",
        "steps",
        "found_at",
        "replayed_at",
        "signed_off_at",
        "signed_off_by",
        "common_seq",
        "tail_seq",
        "tail_lost",
    )
    readonly_fields = ("databases", "repeated", "open_steps", "steps")
    ordering = ("-pk",)
    empty_message = _("No database was ever put back from a backup.")

    @admin.display(description=_("restore"))
    def number(self, row: RestoreReport) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("put back"))
    def databases(self, row: RestoreReport) -> str:
        """What was put back or lost."""
        return ", ".join(row.names)

    @admin.display(description=_("repeated"))
    def repeated(self, row: RestoreReport) -> int:
        """How many steps were repeated from the tail."""
        return row.repeated

    @admin.display(description=_("left for a person"))
    def open_steps(self, row: RestoreReport) -> int:
        """How many steps nobody but a person can repeat."""
        return row.open_steps

    @admin.display(description=_("by step"))
    def steps(self, row: RestoreReport) -> str:
        """The figures by code."""
        return ", ".join(f"{code} {count}" for code, count in (row.counts | row.left).items())

    @admin.display(description=_("state"))
    def status(self, row: RestoreReport) -> SafeString:
        """Whether it is signed off."""
        tone = "good" if row.state == RestoreReport.State.SIGNED_OFF else "wait"
        return status(tone, row.get_state_display())

    def object_status(self, obj: RestoreReport) -> Any:
        """As in the list."""
        return self.status(obj)

    def object_summary(self, request: HttpRequest, obj: RestoreReport) -> Any:
        """What was put back."""
        return self.databases(obj)

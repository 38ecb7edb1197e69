"""Restores: what was put back, what was repeated, who signed it off, and what is left for a person to do."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance.admin import restore_tasks
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import RestoreReport, RestoreTask
from compliance.restore import by_hand
from compliance.restore.words import words_of
from compliance.roles import may

SHOWN = 200


@admin.register(RestoreReport)
class RestoreReportAdmin(ReadOnlyPage):
    """One row per restore; while one is open nobody can see this page, the command line shows it."""

    menu_section, menu_label, menu_order = "oversight", _("Restores"), 40
    view_permission, service_path = "ledger.view", None
    list_display = ("number", "databases", "repeated", "open_steps", "found_at", "status")
    list_display_links = ("number",)
    change_form_template = "admin/records/restore.html"
    list_select_related = ("asked_by", "signed_off_by")
    fields = (
        "databases",
        "repeated",
        "open_steps",
        "found_at",
        "replayed_at",
        "asked_at",
        "asked_by",
        "signed_off_at",
        "signed_off_by",
        "alone",
        "report_number",
        "common_seq",
        "tail_seq",
        "tail_lost",
    )
    readonly_fields = ("databases", "repeated", "open_steps", "report_number")
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

    @admin.display(description=_("number of the report"))
    def report_number(self, row: RestoreReport) -> str:
        """The digest that two officers signed."""
        return row.digest

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

    def page_parts(self, request: HttpRequest, obj: RestoreReport) -> dict[str, Any]:
        """What was repeated, and line by line what a person has to do."""
        return {
            "repeated": [(words_of(code), count) for code, count in obj.counts.items()],
            "figures": _figures(obj),
            "tasks": restore_tasks.lines(obj, limit=SHOWN),
            "waiting": obj.tasks.filter(done_at=None).count(),
            "more": max(0, obj.tasks.count() - SHOWN),
            "may_finish": self._may_finish(request),
        }

    def get_urls(self) -> list[Any]:
        """Saying that a line is done."""
        done = path(
            "<int:pk>/done/<int:task>/",
            self.admin_site.admin_view(self.done_view),
            name="compliance_restorereport_done",
        )
        return [done, *super().get_urls()]

    def done_view(self, request: HttpRequest, pk: int, task: int) -> HttpResponse:
        """Note who did a line."""
        if request.method != "POST" or not self._may_finish(request):
            raise PermissionDenied
        line = get_object_or_404(RestoreTask, pk=task, report=pk)
        restore_tasks.finish(line, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        messages.success(request, _now("Noted as done."))
        return HttpResponseRedirect(reverse("admin:compliance_restorereport_change", args=[pk]))

    def _may_finish(self, request: HttpRequest) -> bool:
        return may(request.user, "retention.approve")  # type: ignore[arg-type]


def _figures(report: RestoreReport) -> list[tuple[str, int]]:
    """Return what is left and has no lines of its own."""
    named = set(report.tasks.values_list("code", flat=True).order_by().distinct())
    return [(by_hand.words(code), n) for code, n in report.left.items() if code not in named]

"""What the house does by itself and what officers started: turns of the timetable, jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance.admin.base import WHOLE_HOUSE
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import Job, Slot
from compliance.roles import services_of
from compliance.schedule import TIMETABLE

STATES = {
    "waiting": "wait",
    "running": "wait",
    "done": "good",
    "problems": "risk",
    "failed": "bad",
    "cancelled": "quiet",
}


def counts_in_words(counts: Any) -> str:
    """A dictionary of counts on one line. Example: `hold 3, waiting 1`."""
    if not isinstance(counts, dict):
        return "–"
    parts = [
        f"{key} {value}" for key, value in sorted(counts.items()) if isinstance(value, (int, str))
    ]
    return ", ".join(parts) or "–"


@admin.register(Job)
class JobAdmin(ReadOnlyPage):
    """Long pieces of work, newest first."""

    menu_section, menu_label, menu_order = "system", _("Jobs"), 20
    view_permission, service_path = "jobs.view", "service"
    list_display = ("asked", "kind", "service", "who", "progress", "state_label", "finished_at")
    list_display_links = ("asked",)
    list_select_related = ("service", "owner")
    list_filter = ("state", OwnServiceFilter)
    quick_views = (
        (_("All"), ""),
        (_("Running"), "state__exact=running"),
        (_("Failed"), "state__exact=failed"),
    )
    fields = (
        "kind",
        "service",
        "who",
        "state_label",
        "progress",
        "created_at",
        "started_at",
        "finished_at",
        "result",
    )
    readonly_fields = ("who", "state_label", "progress", "result")
    ordering = ("-created_at", "-pk")
    show_history = False
    empty_message = _("No jobs. Imports and exports run as jobs and are listed here.")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Jobs of the officer's services, and those of no service."""
        services = services_of(request.user, self.view_permission)  # type: ignore[arg-type]
        rows = self.model._default_manager.order_by(*self.ordering)
        return rows.filter(service__in=services) | rows.filter(service=None)

    @admin.display(description=_("asked"))
    def asked(self, job: Job) -> Any:
        """When it was asked for."""
        return job.created_at

    @admin.display(description=_("by"))
    def who(self, job: Job) -> Any:
        """The officer, or the system."""
        return str(job.owner) if job.owner else _("System")

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        """How far it is."""
        if job.total is None:
            return str(job.done)
        return _now("%(done)d of %(total)d") % {"done": job.done, "total": job.total}

    @admin.display(description=_("state"))
    def state_label(self, job: Job) -> SafeString:
        """A word and a shape."""
        return self.object_status(job)

    @admin.display(description=_("result"))
    def result(self, job: Job) -> str:
        """Counts of the outcome."""
        return counts_in_words(job.outcome)

    def object_status(self, obj: Job) -> SafeString:
        """A word and a shape."""
        return status(STATES[obj.state], obj.get_state_display())


class EntryFilter(admin.SimpleListFilter):
    """One line of the timetable."""

    title = _("entry")
    parameter_name = "entry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """All lines."""
        return [(entry.name, entry.name) for entry in TIMETABLE]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Turns of that line."""
        return queryset.filter(entry=self.value()) if self.value() else queryset


@admin.register(Slot)
class SlotAdmin(ReadOnlyPage):
    """Each turn of each line of the timetable, with what it did."""

    menu_section, menu_label, menu_order = "system", _("Timetable"), 30
    view_permission, service_path = "jobs.view", WHOLE_HOUSE
    list_display = ("slot_at", "entry", "started_at", "finished_at", "done", "left_out", "state")
    list_display_links = ("slot_at",)
    list_filter = (EntryFilter, ("finished_at", admin.EmptyFieldListFilter))
    quick_views = ((_("All"), ""), (_("Running or killed"), "finished_at__isempty=1"))
    fields = ("entry", "slot_at", "started_at", "finished_at", "done", "left_out")
    readonly_fields = ("left_out",)
    ordering = ("-pk",)
    show_history = False
    empty_message = _("The worker has not run yet.")

    @admin.display(description=_("left alone"))
    def left_out(self, slot: Slot) -> str:
        """What was left alone, by reason."""
        return counts_in_words(slot.skipped)

    @admin.display(description=_("state"))
    def state(self, slot: Slot) -> SafeString:
        """A word and a shape."""
        return self.object_status(slot)

    def object_status(self, obj: Slot) -> SafeString:
        """A word and a shape."""
        return (
            status("good", _("Done")) if obj.finished_at else status("wait", _("Running or killed"))
        )

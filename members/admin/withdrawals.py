"""Withdrawals: memberships that end, step by step, and what was done so far."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from members.actions import withdrawal
from members.admin import fates, links
from members.models import Withdrawal

STEPS = {
    "closed": "wait",
    "confirmed": "wait",
    "archived": "wait",
    "destroyed": "wait",
    "complete": "good",
}


class UnfinishedFilter(admin.SimpleListFilter):
    """Whether steps are open."""

    title = _("progress")
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Two answers."""
        return [("1", _("Steps are open")), ("0", _("Complete"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Withdrawals with open steps, or without."""
        if self.value() == "1":
            return queryset.exclude(step=Withdrawal.Step.COMPLETE)
        return queryset.filter(step=Withdrawal.Step.COMPLETE) if self.value() == "0" else queryset


@admin.register(Withdrawal)
class WithdrawalAdmin(ReadOnlyPage):
    """Memberships that end, step by step."""

    menu_section, menu_label, menu_order = "requests", _("Withdrawals"), 20
    view_permission, service_path = "requests.view", "request__service"
    change_form_template = "admin/records/withdrawal.html"
    list_display = (
        "reference",
        "person",
        "service",
        "channel",
        "progress",
        "left_on",
        "began_at",
        "completed_at",
    )
    list_display_links = ("reference",)
    list_select_related = ("subject", "request__service")
    list_filter = (UnfinishedFilter, "step")
    quick_views = ((_("All"), ""), (_("Steps are open"), "open=1"), (_("Complete"), "open=0"))
    fields = (
        "reference",
        "person",
        "service",
        "channel",
        "progress",
        "left_on",
        "began_at",
        "completed_at",
    )
    readonly_fields = ("reference", "person", "service", "channel", "progress")
    ordering = ("-pk",)
    show_history = False
    empty_message = _("Nobody has left yet.")

    @admin.display(description=_("reference"))
    def reference(self, row: Withdrawal) -> str:
        """The reference the person was given."""
        return row.request.reference

    @admin.display(description=_("person"))
    def person(self, row: Withdrawal) -> Any:
        """The pseudonym."""
        return links.words_for(row.subject)

    @admin.display(description=_("service"))
    def service(self, row: Withdrawal) -> str:
        """The service that was left."""
        return row.request.service.name

    @admin.display(description=_("channel"))
    def channel(self, row: Withdrawal) -> str:
        """By which way it was asked for."""
        return row.request.get_channel_display()

    @admin.display(description=_("step"))
    def progress(self, row: Withdrawal) -> SafeString:
        """The last step that is done."""
        return self.object_status(row)

    def object_status(self, obj: Withdrawal) -> SafeString:
        """The last step that is done."""
        return status(STEPS[obj.step], obj.get_step_display())

    def object_links(self, request: HttpRequest, obj: Withdrawal) -> list[tuple[Any, str]]:
        """To the person while there is one."""
        return links.to_person(request, obj.subject)

    def page_parts(self, request: HttpRequest, obj: Withdrawal) -> dict[str, Any]:
        """The frozen plan by count, and what was done so far."""
        table = fates.rows(withdrawal.policy_of(obj), withdrawal.parts_of(obj))
        return {
            "fates": table,
            "totals": fates.totals(table),
            "timeline": history.entries_about(f"withdrawal:{obj.pk}"),
        }

    def ledger_reference(self, obj: Withdrawal) -> str:
        """As the actions write it."""
        return f"withdrawal:{obj.pk}"

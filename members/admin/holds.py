"""Holds: what is stopped or postponed, why, and the page on which one is lifted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.roles import may
from members.actions import restriction
from members.admin import links
from members.admin.named import NamedPage
from members.admin.people_list import policy_of
from members.admin.person_page import item_names
from members.models import Restriction


class ServiceFilter(OwnServiceFilter):
    """Service of the person."""

    path = "subject__service__slug"


class RunningFilter(admin.SimpleListFilter):
    """Whether the hold still holds."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Three answers; review means that the day to look again has come."""
        return [("running", _("Holds")), ("review", _("To be looked at")), ("ended", _("Lifted"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Holds in that state."""
        running = queryset.filter(ended_at=None)
        found = {
            "running": running,
            "review": running.filter(review_on__lte=timezone.localdate()),
            "ended": queryset.exclude(ended_at=None),
        }
        return found.get(str(self.value()), queryset)


@admin.register(Restriction)
class RestrictionAdmin(NamedPage):
    """Set on a person's page, lifted here."""

    menu_section, menu_label, menu_order = "retention", _("Holds"), 30
    view_permission, service_path = "retention.view", "subject__service"
    list_display = (
        "hold",
        "person",
        "ground",
        "what",
        "blocks_use",
        "blocks_destruction",
        "began_at",
        "review_on",
        "state",
    )
    list_display_links = ("hold",)
    list_select_related = ("subject__service",)
    list_filter = (RunningFilter, "ground", ServiceFilter)
    quick_views = (
        (_("All"), ""),
        (_("Holds"), "state=running"),
        (_("To be looked at"), "state=review"),
        (_("Lifted"), "state=ended"),
    )
    fields = (
        "person",
        "ground",
        "what",
        "blocks_use",
        "blocks_destruction",
        "began_at",
        "review_on",
        "ended_at",
    )
    readonly_fields = ("person", "what")
    ordering = ("-pk",)
    show_history = False
    empty_message = _(
        "No holds. Open a person to set one; it counts everywhere from that second on."
    )

    def get_urls(self) -> list[Any]:
        """The page on which a hold is lifted."""
        lift = self.admin_site.admin_view(self.lift_view)
        return [path("<int:pk>/lift/", lift, name="members_restriction_lift"), *super().get_urls()]

    @admin.display(description=_("no."))
    def hold(self, row: Restriction) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("person"))
    def person(self, row: Restriction) -> Any:
        """The pseudonym."""
        return links.words_for(row.subject)

    @admin.display(description=_("items"))
    def what(self, row: Any) -> Any:
        """The items, or everything."""
        return ", ".join(item_names(row.policy, row.items)) or _("everything")

    @admin.display(description=_("state"))
    def state(self, row: Restriction) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    def object_status(self, obj: Restriction) -> SafeString:
        """A word and a shape."""
        return status("quiet", _("Lifted")) if obj.ended_at else status("risk", _("Holds"))

    def object_links(self, request: HttpRequest, obj: Restriction) -> list[tuple[Any, str]]:
        """Lift it, and the person."""
        found = links.to_person(request, obj.subject)
        if obj.ended_at is None and may(request.user, "holds.manage", obj.subject.service):  # type: ignore[arg-type]
            found.insert(
                0, (_("Lift this hold"), reverse("admin:members_restriction_lift", args=[obj.pk]))
            )
        return found

    def page_parts(self, request: HttpRequest, obj: Restriction) -> dict[str, Any]:
        """What the ledger says about the hold."""
        return {"timeline": history.entries_about(f"restriction:{obj.pk}")}

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what follows; POST ends the hold."""
        hold: Restriction = self.get_object(request, str(pk))
        if not may(request.user, "holds.manage", hold.subject.service):  # type: ignore[arg-type]
            raise PermissionDenied
        back = reverse("admin:members_restriction_change", args=[pk])
        if request.method != "POST":
            context = self.admin_site.each_context(request) | {
                "hold": hold,
                "items": item_names(policy_of(hold.subject.service), hold.items)
                or [_("everything")],
                "opts": self.opts,
                "list_label": self.menu_label,
                "person": str(hold),
                "person_url": back,
            }
            return render(request, "admin/people/lift.html", context)
        try:
            restriction.lift(hold, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        except restriction.NotPossible:
            messages.info(request, _("This hold was lifted already."))
        else:
            messages.success(request, _("The hold is lifted. The policy counts again from now on."))
        return HttpResponseRedirect(back)

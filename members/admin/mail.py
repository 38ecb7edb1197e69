"""Sent mail: who was told what, and with which result. No address and no text is kept here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from members.admin import links
from members.admin.person_page import DELIVERIES
from members.models import Delivery


class NoticeFilter(admin.SimpleListFilter):
    """Messages of one notice; it shows while a link chose one."""

    title = _("notice")
    parameter_name = "notice__id__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The notice that was asked for."""
        asked = request.GET.get(self.parameter_name, "")
        return [(asked, _("No. %(number)s") % {"number": asked})] if asked.isdecimal() else []

    def has_output(self) -> bool:
        """Kept while it is set."""
        return self.value() is not None

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Messages of the notice."""
        asked = str(self.value() or "")
        return (
            queryset.filter(notice_id=int(asked))
            if asked.isdecimal() and len(asked) < 16
            else queryset
        )


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyPage):
    """One line per message and person."""

    menu_section, menu_label, menu_order = "policies", _("Sent mail"), 40
    view_permission, service_path = "deliveries.view", "service"
    list_display = (
        "created_at",
        "kind",
        "person",
        "service",
        "state_label",
        "code",
        "attempts",
        "about",
    )
    list_display_links = ("created_at",)
    list_select_related = ("subject", "service", "notice")
    list_filter = ("state", "kind", OwnServiceFilter, NoticeFilter)
    quick_views = (
        (_("All"), ""),
        (_("Waiting"), "state__exact=pending"),
        (_("Sent"), "state__exact=sent"),
        (_("Failed"), "state__exact=failed"),
        (_("No address"), "state__exact=unreachable"),
    )
    fields = (
        "kind",
        "event",
        "stage",
        "person",
        "service",
        "language",
        "about",
        "state_label",
        "code",
        "attempts",
        "not_before",
        "created_at",
        "finished_at",
        "message_id",
    )
    readonly_fields = ("person", "about", "state_label", "code")
    ordering = ("-created_at", "-pk")
    show_history = False
    empty_message = _(
        "No mail yet. Notices, codes and confirmations are listed here when they are written."
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the sealed copy of an address, which no page needs."""
        return super().get_queryset(request).defer("sealed")

    @admin.display(description=pgettext_lazy("message", "to"))
    def person(self, row: Delivery) -> Any:
        """The pseudonym; the address is not stored."""
        return links.words_for(row.subject)

    @admin.display(description=_("result"))
    def state_label(self, row: Delivery) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    @admin.display(description=_("details"))
    def code(self, row: Delivery) -> str:
        """Reply code of the mail server or code of the reason."""
        return row.result or "–"

    @admin.display(description=_("about"))
    def about(self, row: Delivery) -> str:
        """The notice it belongs to."""
        return str(row.notice) if row.notice else "–"

    def object_status(self, obj: Delivery) -> SafeString:
        """A word and a shape."""
        return status(DELIVERIES[obj.state], obj.get_state_display())

    def object_links(self, request: HttpRequest, obj: Delivery) -> list[tuple[Any, str]]:
        """To the person."""
        return links.to_person(request, obj.subject)

    def page_parts(self, request: HttpRequest, obj: Delivery) -> dict[str, Any]:
        """What the ledger says about the message."""
        return {"timeline": history.entries_about(f"delivery:{obj.pk}")}

"""Enquiries and complaints: who waits for an answer until when, by which way it came, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.roles import may
from members.actions import enquiry
from members.admin import enquiry_steps as steps
from members.admin import links
from members.admin.enquiry_forms import TOPIC_WORDS
from members.admin.requests import DueFilter, MineFilter
from members.models import Enquiry, RequestMessage
from members.rules.enquiry import warn_at


@admin.register(Enquiry)
class EnquiryAdmin(ReadOnlyPage):
    """All enquiries and complaints, the most urgent first."""

    menu_section, menu_label, menu_order = "requests", _("Enquiries and complaints"), 15
    view_permission, service_path = "requests.view", "service"
    change_form_template = "admin/records/enquiry.html"
    change_list_template = "admin/records/enquiries.html"
    list_display = (
        "due",
        "reference",
        "kind",
        "from_whom",
        "service",
        "channel",
        "topic",
        "assigned",
        "received",
    )
    list_display_links = ("reference",)
    list_select_related = ("subject", "service", "handler")
    list_filter = (DueFilter, "kind", OwnServiceFilter, "channel", MineFilter)
    quick_views = (
        (_("All"), ""),
        (_("Open"), "due=open"),
        (_("Overdue"), "due=overdue"),
        (_("Mine"), "mine=1"),
        (_("Closed"), "due=closed"),
    )
    fields = (
        "reference",
        "kind",
        "topic",
        "from_whom",
        "service",
        "channel",
        "contact",
        "received",
        "due_by",
        "later",
        "answered",
        "clause",
        "assigned",
    )
    readonly_fields = (
        "topic",
        "from_whom",
        "contact",
        "received",
        "due_by",
        "later",
        "answered",
        "assigned",
    )
    ordering = (F("closed_at").desc(nulls_first=True), F("due_at").asc(nulls_last=True), "-pk")
    show_history = False
    empty_message = _(
        "Nobody waits for an answer. New ones arrive by the contact page, or register one above."
    )

    def get_urls(self) -> list[Any]:
        """One page for each step, beside the stock pages."""
        return [*steps.urls(self), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with the ways to register what came by telephone, mail, fax or post."""
        extra = {"register_links": steps.register_links(request)} | (extra_context or {})
        return super().changelist_view(request, extra)

    @admin.display(description=_("due"))
    def due(self, row: Enquiry) -> SafeString:
        """How urgent, to the minute: the promise counts hours."""
        return self.object_status(row)

    @admin.display(description=_("person"))
    def from_whom(self, row: Enquiry) -> Any:
        """The pseudonym of a known person."""
        return str(row.subject) if row.subject else _("Not known here")

    @admin.display(description=_("about"))
    def topic(self, row: Enquiry) -> Any:
        """What it is about."""
        return TOPIC_WORDS.get(row.outcome.get("topic", ""), "–")

    @admin.display(description=_("contact used"))
    def contact(self, row: Enquiry) -> str:
        """The contact of the policy that was used."""
        return row.outcome.get("contact", "–")

    @admin.display(description=_("received"))
    def received(self, row: Enquiry) -> str:
        """Moment with its zone."""
        return _moment(row.received_at)

    @admin.display(description=_("answer promised by"))
    def due_by(self, row: Enquiry) -> Any:
        """Moment with its zone, or that the policy gives no figure."""
        return _moment(row.due_at) or _("No figure in the policy")

    @admin.display(description=_("extended to"))
    def later(self, row: Enquiry) -> str:
        """Moment with its zone."""
        return _moment(row.extended_to) or "–"

    @admin.display(description=_("answered"))
    def answered(self, row: Enquiry) -> str:
        """Moment with its zone."""
        return _moment(row.answered_at) or "–"

    @admin.display(description=_("assigned"))
    def assigned(self, row: Enquiry) -> str:
        """Who works on it."""
        return row.handler.full_name if row.handler else "–"

    def object_status(self, obj: Enquiry) -> SafeString:
        """Answered, late, about to be late, or until when."""
        now = timezone.now()
        if obj.closed_at:
            in_time = obj.due_at is None or obj.closed_at <= obj.due_at
            return status("quiet", _("Answered") if in_time else _("Answered late"))
        if obj.due_at is None:
            return status("wait", _("No figure in the policy"))
        said = {"moment": _moment(obj.due_at)}
        if obj.due_at < now:
            return status("bad", _("Late since %(moment)s") % said)
        warn = warn_at(obj.received_at, obj.due_at)
        if warn is not None and warn <= now:
            return status("risk", _("Answer now: until %(moment)s") % said)
        return status("wait", _("Until %(moment)s") % said)

    def object_links(self, request: HttpRequest, obj: Enquiry) -> list[tuple[Any, str]]:
        """Answer later, and the person."""
        found = links.to_person(request, obj.subject) if obj.subject else []
        if obj.state in enquiry.OPEN and self._may(request, obj):
            found.insert(0, (_("Extend with a reason"), steps.url("extend", obj.pk)))
        return found

    def page_parts(self, request: HttpRequest, obj: Enquiry) -> dict[str, Any]:
        """The story of the case, and the ways to read and to take it."""
        is_open = obj.state in enquiry.OPEN
        return {
            "timeline": history.entries_about(f"rightsrequest:{obj.pk}"),
            "texts_count": RequestMessage.objects.filter(request=obj).count(),
            "is_open": is_open,
            "read_url": steps.url("read", obj.pk) if self._may(request, obj) else "",
            "take_url": steps.url("take", obj.pk)
            if is_open and self._may(request, obj) and obj.handler_id != request.user.pk
            else "",
        }

    def _may(self, request: HttpRequest, obj: Enquiry) -> bool:
        return may(request.user, steps.HANDLE, obj.service)  # type: ignore[arg-type]


def _moment(moment: Any) -> str:
    """A moment in the zone of the officer's pages, which stands with it; empty for none."""
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""

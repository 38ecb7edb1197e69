"""Requests: what was asked, until when it has to be answered, how far it is, and what may be done now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from members import request_words
from members.admin import links, request_work
from members.admin.people_list import OPEN_STATES, policy_of
from members.admin.person_page import REQUESTS, item_names
from members.models import RightsRequest, Withdrawal

SOON = timedelta(days=3)
END = Coalesce("extended_to", "due_at")


def due_tag(row: RightsRequest, now: Any) -> SafeString:
    """How urgent a request is: late, due soon, due on a day, without a figure, or closed."""
    if row.state not in OPEN_STATES:
        return status("quiet", _now("Closed"))
    due_at = row.extended_to or row.due_at
    if due_at is None:
        return status("wait", _now("No figure in the policy"))
    if due_at < now:
        days = (now - due_at).days
        if not days:  # a withdrawal is due at once; the worker has it done within minutes
            return status("risk", _now("Due today"))
        return status("bad", ngettext("%(n)d day late", "%(n)d days late", days) % {"n": days})
    day = date_format(timezone.localtime(due_at), "SHORT_DATE_FORMAT")
    return status("risk" if due_at - now <= SOON else "wait", _now("Due %(day)s") % {"day": day})


class DueFilter(admin.SimpleListFilter):
    """How urgent."""

    title = _("due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Four answers."""
        return [
            ("open", _("Open")),
            ("overdue", _("Overdue")),
            ("soon", _("Due in 3 days")),
            ("closed", _("Closed")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Requests of that urgency."""
        now = timezone.now()
        waiting = queryset.filter(state__in=OPEN_STATES).annotate(end=END)
        found = {
            "open": waiting,
            "overdue": waiting.filter(end__lt=now),
            "soon": waiting.filter(end__gte=now, end__lte=now + SOON),
            "closed": queryset.exclude(state__in=OPEN_STATES),
        }
        return found.get(str(self.value()), queryset)


class MineFilter(admin.SimpleListFilter):
    """Who works on it."""

    title = _("assigned")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Me, or nobody."""
        return [("1", _("To me")), ("0", _("To nobody"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Requests of the officer, or without a handler."""
        if self.value() == "1":
            return queryset.filter(handler_id=request.user.pk)
        return queryset.filter(handler=None) if self.value() == "0" else queryset


@admin.register(RightsRequest)
class RightsRequestAdmin(ReadOnlyPage):
    """All requests, the most urgent first."""

    change_form_template = "admin/records/request.html"
    menu_section, menu_label, menu_order = "requests", _("All requests"), 10
    view_permission, service_path = "requests.view", "service"
    list_display = (
        "due",
        "reference",
        "kind",
        "person",
        "service",
        "channel",
        "stage",
        "assigned",
        "received_on",
    )
    list_display_links = ("reference",)
    list_select_related = ("subject", "service", "handler")
    list_filter = (DueFilter, "kind", "state", OwnServiceFilter, "channel", MineFilter)
    quick_views = (
        (_("All"), ""),
        (_("Open"), "due=open"),
        (_("Overdue"), "due=overdue"),
        (_("Due in 3 days"), "due=soon"),
        (_("Mine"), "mine=1"),
        (_("Waiting for the person"), "state__exact=waiting"),
        (_("Closed"), "due=closed"),
    )
    fields = (
        "reference",
        "kind",
        "person",
        "service",
        "channel",
        "stage",
        "received_at",
        "due_at",
        "extended_to",
        "closed_at",
        "clause",
        "made_by",
        "proof",
        "asked_items",
        "paused",
        "why_refused",
        "assigned",
    )
    readonly_fields = (
        "person",
        "stage",
        "asked_items",
        "assigned",
        "proof",
        "paused",
        "why_refused",
    )
    ordering = (F("closed_at").desc(nulls_first=True), END.asc(nulls_last=True), "-pk")
    show_history = False
    empty_message = _(
        "No open requests. New ones arrive from members' pages, or add one on the page of a person."
    )

    @admin.display(description=_("due"))
    def due(self, row: RightsRequest) -> SafeString:
        """How urgent."""
        return due_tag(row, timezone.now())

    @admin.display(description=_("received"))
    def received_on(self, row: RightsRequest) -> str:
        """Day in the officer's zone."""
        return date_format(timezone.localtime(row.received_at), "SHORT_DATE_FORMAT")

    @admin.display(description=_("person"))
    def person(self, row: RightsRequest) -> Any:
        """The pseudonym."""
        return links.words_for(row.subject)

    @admin.display(description=_("status"))
    def stage(self, row: RightsRequest) -> SafeString:
        """A word and a shape."""
        return status(REQUESTS[row.state], row.get_state_display())

    @admin.display(description=_("assigned"))
    def assigned(self, row: RightsRequest) -> str:
        """Who works on it."""
        return row.handler.full_name if row.handler else "–"

    @admin.display(description=_("items"))
    def asked_items(self, row: RightsRequest) -> str:
        """Names of the items it is about."""
        return ", ".join(item_names(policy_of(row.service), row.items)) or "–"

    @admin.display(description=_("identity"))
    def proof(self, row: RightsRequest) -> Any:
        """How it was made sure that the right person asks."""
        return row.get_identity_display()

    @admin.display(description=_("use stopped"))
    def paused(self, row: RightsRequest) -> str:
        """Since when the items are not used."""
        hold = row.restrictions.filter(ended_at=None).order_by("began_at").first()
        if hold is None:
            return "–"
        return date_format(timezone.localtime(hold.began_at), "DATETIME_FORMAT")

    @admin.display(description=_("reason for refusing"))
    def why_refused(self, row: RightsRequest) -> str:
        """The reason that the person was told."""
        return request_words.refusal(row.refusal_reason) or "–"

    def get_urls(self) -> list[Any]:
        """One page for each step with a request, beside the stock pages."""
        return request_work.urls(self) + super().get_urls()

    def object_status(self, obj: RightsRequest) -> SafeString:
        """How urgent."""
        return due_tag(obj, timezone.now())

    def object_summary(self, request: HttpRequest, obj: RightsRequest) -> Any:
        """Who asked, by which way."""
        return _("%(kind)s, asked by %(channel)s, %(person)s") % {
            "kind": obj.get_kind_display(),
            "channel": obj.get_channel_display(),
            "person": links.words_for(obj.subject),
        }

    def object_links(self, request: HttpRequest, obj: RightsRequest) -> list[tuple[Any, str]]:
        """To the person, and to the withdrawal it became."""
        found = request_work.links(request, obj) + links.to_person(request, obj.subject)
        leaving = Withdrawal.objects.filter(request=obj).first()
        if leaving:
            url = reverse("admin:members_withdrawal_change", args=[leaving.pk])
            found.append((_("See the withdrawal"), url))
        return found

    def page_parts(self, request: HttpRequest, obj: RightsRequest) -> dict[str, Any]:
        """The timeline of the request, and of the withdrawal it became."""
        leaving = Withdrawal.objects.filter(request=obj).first()
        reference = f"withdrawal:{leaving.pk}" if leaving else self.ledger_reference(obj)
        return {"timeline": history.entries_about(reference)} | request_work.parts(request, obj)

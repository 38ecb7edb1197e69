"""People kept apart: how many records, under which rule, until when. Never a value, not even masked."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnSlugFilter
from compliance.admin.labels import status
from compliance.admin.menu import Page, register_page
from compliance.models import Service
from compliance.roles import may, services_of
from compliance.rules.policy_values import Policy
from members import kept_apart, words
from members.admin.hidden import HiddenPage
from members.admin.named import NamedPage
from members.admin.people_list import policy_of
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DataSubject

WHY = {"withdrawn": "quiet", "dormant": "wait"}


@admin.register(ArchivedSubject)
class ArchivedSubjectAdmin(NamedPage, HiddenPage):
    """Withdrawn and dormant people of whom something has to be kept."""

    menu_section, menu_label, menu_order = "people", _("People kept apart"), 30
    view_permission, service_path, by_slug = "retention.view", "service_slug", True
    change_form_template = "admin/records/apart.html"
    list_display = (
        "number",
        "why_label",
        "of_service",
        "kind_of_person",
        "left_on",
        "archived_at",
        "records_kept",
    )
    list_display_links = ("number",)
    list_filter = ("why", OwnSlugFilter)
    quick_views = (
        (_("All"), ""),
        (_("Withdrawn"), "why__exact=withdrawn"),
        (_("Dormant"), "why__exact=dormant"),
    )
    fields = ("number", "of_service", "kind_of_person", "language", "left_on", "archived_at")
    readonly_fields = ("number", "of_service", "kind_of_person")
    ordering = ("-archived_at", "-pk")
    show_history = False
    empty_message = _(
        "Nobody is kept apart. Records of leavers come here while a law or the policy keeps them."
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """People with the number of their records."""
        return super().get_queryset(request).annotate(kept=Count("records"))

    @admin.display(description=_("no."))
    def number(self, person: ArchivedSubject) -> str:
        """The pseudonym."""
        return f"p_{person.public_id[:8]}"

    @admin.display(description=_("why"))
    def why_label(self, person: ArchivedSubject) -> SafeString:
        """A word and a shape."""
        return self.object_status(person)

    @admin.display(description=_("service"), ordering="service_slug")
    def of_service(self, person: Any) -> str:
        """The service by its name."""
        return str(person.service_name)

    @admin.display(description=_("kind"))
    def kind_of_person(self, person: ArchivedSubject) -> Any:
        """What the person is to the service, in words."""
        return DataSubject.Kind(person.kind).label

    @admin.display(description=_("records"))
    def records_kept(self, person: Any) -> int:
        """How many records are kept."""
        return int(person.kept)

    def object_status(self, obj: ArchivedSubject) -> SafeString:
        """A word and a shape."""
        return status(WHY[obj.why], obj.get_why_display())

    def object_links(self, request: HttpRequest, obj: ArchivedSubject) -> list[tuple[Any, str]]:
        """Ask to read it, for those who may."""
        if not may(request.user, "archive.ask", obj.service_slug):  # type: ignore[arg-type]
            return []
        url = reverse("admin:members_archivereading_ask", args=[obj.pk])
        return [(_("Ask to read what is kept"), url)]

    def page_parts(self, request: HttpRequest, obj: ArchivedSubject) -> dict[str, Any]:
        """Every item with the sentence that explains it, and what the ledger tells of the person."""
        kept = kept_apart.of_person(obj, now=timezone.now())
        return {"kept": kept, "timeline": history.timeline_of(obj.public_id)}


def _policies(slugs: set[str]) -> dict[str, Policy | None]:
    return {one.slug: policy_of(one) for one in Service.objects.filter(slug__in=slugs)}


@admin.register(ArchivedRecord)
class ArchivedRecordAdmin(NamedPage, HiddenPage):
    """Each record that is kept for one rule only."""

    menu_section, menu_label, menu_order = "retention", _("Records kept apart"), 20
    view_permission, service_path, by_slug = "retention.view", "subject__service_slug", True
    list_display = (
        "record",
        "person",
        "class_name",
        "rule_name",
        "clause",
        "last_day",
        "archived_at",
    )
    list_display_links = ("record",)
    list_select_related = ("subject",)
    fields = (
        "person",
        "class_name",
        "rule_name",
        "clause",
        "policy_version",
        "number_of_items",
        "last_day",
        "archived_at",
    )
    readonly_fields = ("person", "class_name", "rule_name", "number_of_items", "last_day")
    change_form_template = "admin/records/apart.html"
    ordering = ("-archived_at", "-pk")
    show_history = False
    empty_message = _("No record is kept apart.")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Without the sealed bytes."""
        return super().get_queryset(request).defer("sealed")

    def page_parts(self, request: HttpRequest, obj: ArchivedRecord) -> dict[str, Any]:
        """Every item with the sentence that explains it."""
        return {"kept": kept_apart.of_record(obj, now=timezone.now())}

    @admin.display(description=_("record class"), ordering="record_class")
    def class_name(self, row: Any) -> str:
        """The class in words."""
        return words.record_class(row.policy, row.record_class) if row.policy else row.record_class

    @admin.display(description=_("rule"), ordering="rule_code")
    def rule_name(self, row: Any) -> str:
        """The rule in words."""
        return words.rule(row.policy, row.rule_code)

    @admin.display(description=_("kept until"), ordering="due_on")
    def last_day(self, row: ArchivedRecord) -> Any:
        """The last day of keeping, in words."""
        return words.last_day(row.due_on)

    @admin.display(description=_("no."))
    def record(self, row: ArchivedRecord) -> str:
        """The beginning of its id."""
        return row.pk.hex[:8]

    @admin.display(description=_("person"))
    def person(self, row: ArchivedRecord) -> str:
        """The pseudonym."""
        return str(row.subject)

    @admin.display(description=_("items"))
    def number_of_items(self, row: ArchivedRecord) -> int:
        """How many items it holds."""
        return len(row.item_codes)


def rejoin_digests(request: HttpRequest) -> HttpResponse:
    """How many digests each service holds, under which rule, and when the last of them ends."""
    names = dict(services_of(request.user, "retention.view").values_list("slug", "name"))  # type: ignore[arg-type]
    rows = RejoinDigest.objects.filter(service_slug__in=list(names))
    counted = rows.values("service_slug", "rule_code", "clause", "due_on").annotate(n=Count("pk"))
    policies = _policies(set(names))
    context = admin.site.each_context(request) | {
        "title": _("Rejoin digests"),
        "may_lift": may(request.user, "holds.manage"),  # type: ignore[arg-type]
        "rows": [
            row
            | {
                "service": names[row["service_slug"]],
                "rule": words.rule(policies.get(row["service_slug"]), row["rule_code"]),
            }
            for row in counted.order_by("service_slug", "due_on", "rule_code")
        ],
    }
    return render(request, "admin/records/digests.html", context)


register_page(
    Page(
        route="rejoin-digests/",
        view=rejoin_digests,
        name="rejoin_digests",
        permission="retention.view",
        section="retention",
        label=_("Rejoin digests"),
        order=40,
    )
)

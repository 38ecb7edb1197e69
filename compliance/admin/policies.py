"""Policies and versions: the list, the page of one version, and the pages that lead it on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from compliance.actions import policy_copy
from compliance.admin import (
    policy_move,
    policy_review,
    policy_rows,
    policy_texts,
    policy_upload,
    policy_version_page,
)
from compliance.admin import policy_pages as pages
from compliance.admin.base import OfficeModelAdmin
from compliance.admin.policy_list import VersionList, languages
from compliance.models import PolicyVersion
from compliance.roles import services_of


@admin.register(PolicyVersion)
class PolicyVersionAdmin(OfficeModelAdmin):
    """Read first. Nothing is saved through the stock form: every change is an action of its own page."""

    menu_section, menu_label, menu_order = "policies", _("Policies and versions"), 10
    view_permission, service_path = "policies.view", "service"
    list_display = (
        "service_name",
        "number",
        "kind",
        "status",
        "effective",
        "notice_by",
        "told",
        "ready",
    )
    list_display_links = ("service_name", "number")
    list_select_related = ("service",)
    list_filter = ("service", "state", "change_class")
    quick_views = (
        (_("All"), ""),
        (_("In effect"), "state__exact=in_effect"),
        (_("Drafts"), "state__exact=draft"),
        (_("In review"), "state__exact=in_review"),
    )
    fields = ("service", "number")
    ordering = ("-pk",)
    change_list_template = "admin/policies/list.html"
    empty_message = _("No policy yet. Load a policy file, or start from one of the samples.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[VersionList]:
        """Rows with what the columns show of other tables."""
        return VersionList

    def get_urls(self) -> list[URLPattern]:
        """The pages of a version before those of the stock admin."""
        house = self.admin_site.admin_view
        own = [
            ("copy/", copy, "copy"),
            ("upload/", policy_upload.upload, "upload"),
            ("<int:pk>/rows/<slug:table>/add/", policy_rows.row, "row_add"),
            ("<int:pk>/rows/<slug:table>/<int:row_id>/", policy_rows.row, "row"),
            ("<int:pk>/rows/<slug:table>/<int:row_id>/remove/", policy_rows.remove, "row_remove"),
            ("<int:pk>/facts/<slug:table>/", policy_rows.facts, "facts"),
            ("<int:pk>/texts/<slug:language>/", policy_texts.text, "text"),
            ("<int:pk>/check/", policy_review.check, "check"),
            ("<int:pk>/review/", policy_review.review, "review"),
            ("<int:pk>/announce/", policy_review.announce, "announce"),
            ("<int:pk>/cancel/", policy_review.cancel, "cancel"),
            ("<int:pk>/move/", policy_move.move, "move"),
        ]
        named = [
            path(route, house(view), name=f"compliance_policyversion_{name}")
            for route, view, name in own
        ]
        return named + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with what starts a new version."""
        editable = services_of(request.user, "policies.edit").filter(versions__state="in_effect")  # type: ignore[arg-type]
        may_load = bool(services_of(request.user, "policies.edit"))  # type: ignore[arg-type]
        extra = {"editable_services": list(editable), "may_load": may_load}
        return super().changelist_view(request, extra | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of one version, for reading."""
        if not object_id.isdecimal():
            raise Http404
        return policy_version_page.page(request, int(object_id))

    def ledger_reference(self, obj: PolicyVersion) -> str:
        """As actions write it."""
        return f"policy_version:{obj.pk}"

    @admin.display(description=_("service"))
    def service_name(self, version: PolicyVersion) -> str:
        """Whose policy."""
        return version.service.name

    @admin.display(description=_("kind of change"))
    def kind(self, version: PolicyVersion) -> str:
        """General or important, once it is known."""
        return version.get_change_class_display() or "–"

    @admin.display(description=_("status"))
    def status(self, version: PolicyVersion) -> SafeString:
        """A word and a shape."""
        return pages.state_label(version)

    @admin.display(description=_("effective on"))
    def effective(self, version: PolicyVersion) -> str:
        """The first day it counts, in the zone of the service."""
        return _day(version.effective_on)

    @admin.display(description=_("notice by"))
    def notice_by(self, version: PolicyVersion) -> str:
        """The last day for its notice, or the day it was given."""
        return _day(version.announced_on or version.extra.notice_by)  # type: ignore[attr-defined]

    @admin.display(description=_("told"))
    def told(self, version: PolicyVersion) -> str:
        """How many of how many."""
        progress = version.extra.progress  # type: ignore[attr-defined]
        return f"{progress.told:,} / {progress.all:,}" if progress and progress.all else "–"

    @admin.display(description=_("texts ready"))
    def ready(self, version: PolicyVersion) -> SafeString:
        """Each language with its mark."""
        return ready_marks(languages(version, version.extra.texts))  # type: ignore[attr-defined]


def ready_marks(texts: dict[str, bool]) -> SafeString:
    """Return languages with a mark and a word for assistive software."""
    words = {True: gettext("ready"), False: gettext("not ready")}
    marks = ((_kind(ready), language, words[ready]) for language, ready in texts.items())
    line = '<span class="language {}"><span lang="zxx">{}</span> <span class="visually-hidden">{}</span></span>'
    return format_html('<span class="languages">{}</span>', format_html_join("", line, marks))


def copy(request: HttpRequest) -> HttpResponse:
    """Start a draft as a copy of the policy in force: one click."""
    refused = pages.only_post(request)
    if refused:
        return refused
    services = services_of(request.user, "policies.edit")  # type: ignore[arg-type]
    wanted = request.POST.get("service", "")
    service = get_object_or_404(services, pk=wanted if wanted.isdecimal() else 0)
    try:
        draft = policy_copy.copy_in_force(service, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    except policy_copy.NothingInForce:
        messages.error(
            request, _("No policy is in force for this service yet. Load a policy file first.")
        )
        return redirect("admin:compliance_policyversion_changelist")
    rows = ngettext(
        "%(n)d draft is open for this service.",
        "%(n)d drafts are open for this service.",
        _open(draft),
    )
    messages.success(
        request, f"{gettext('This is a copy of the policy in force.')} {rows % {'n': _open(draft)}}"
    )
    return redirect(pages.url("change", draft.pk))


def _open(draft: PolicyVersion) -> int:
    return draft.service.versions.filter(state=PolicyVersion.State.DRAFT).count()


def _kind(ready: bool) -> str:
    return "is-ready" if ready else "is-missing"


def _day(value: Any) -> str:
    return date_format(value, "DATE_FORMAT") if value else "–"

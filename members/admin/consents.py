"""Consent records: every answer that was ever given, as it was given. Nobody changes them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from compliance.admin.filters import FromDayFilter, OwnServiceFilter, ToDayFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from members.admin import links
from members.admin.person_page import ANSWERS
from members.models import ConsentEvent


class ServiceFilter(OwnServiceFilter):
    """Service of the person."""

    path = "subject__service__slug"


class From(FromDayFilter):
    """Answered not before."""

    column = "answered_at"


class To(ToDayFilter):
    """Answered not after."""

    column = "answered_at"


class ChannelFilter(admin.SimpleListFilter):
    """By which way an agreement to contact counts."""

    title = _("channel")
    parameter_name = "channel"
    CHANNELS = ("email", "sms", "phone", "post", "app", "web")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Channels by code, and answers that name none."""
        return [("none", _("None named")), *((code, code) for code in self.CHANNELS)]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Answers for the channel."""
        if not self.value():
            return queryset
        return queryset.filter(channel="" if self.value() == "none" else self.value())


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyPage):
    """When, who, for what, which answer, under which wording."""

    menu_section, menu_label, menu_order = "consent", _("Consent records"), 10
    view_permission, service_path = "consents.view", "subject__service"
    change_list_template = "admin/records/dated_list.html"
    list_display = (
        "answered_at",
        "person",
        "purpose",
        "given",
        "version_number",
        "language",
        "channel",
        "asked_by",
    )
    list_display_links = ("answered_at",)
    list_select_related = ("subject__service", "version")
    list_filter = ("answer", ServiceFilter, ChannelFilter, From, To)
    quick_views = (
        (_("All"), ""),
        (_("Agreed"), "answer__exact=agreed"),
        (_("Disagreed"), "answer__exact=disagreed"),
        (pgettext_lazy("consent", "Withdrawn"), "answer__exact=withdrawn"),
    )
    fields = (
        "person",
        "purpose",
        "given",
        "channel",
        "recipient",
        "version_number",
        "language",
        "text_hash",
        "asked_by",
        "answered_at",
    )
    readonly_fields = ("person", "given", "version_number")
    ordering = ("-answered_at", "-pk")
    show_history = False
    empty_message = _(
        "No answers yet. They are given on the member pages and never change afterwards."
    )

    @admin.display(description=_("person"))
    def person(self, event: ConsentEvent) -> Any:
        """The pseudonym."""
        return links.words_for(event.subject)

    @admin.display(description=_("answer"))
    def given(self, event: ConsentEvent) -> SafeString:
        """A word and a shape."""
        return self.object_status(event)

    @admin.display(description=_("version"))
    def version_number(self, event: ConsentEvent) -> str:
        """The number of the policy version that was shown."""
        return str(event.version.number)

    def object_status(self, obj: ConsentEvent) -> SafeString:
        """A word and a shape."""
        return status(ANSWERS[obj.answer], obj.get_answer_display())

    def object_links(self, request: HttpRequest, obj: ConsentEvent) -> list[tuple[Any, str]]:
        """To the person."""
        return links.to_person(request, obj.subject)

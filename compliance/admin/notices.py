"""Notices: what was announced, to whom, and how far its messages are."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance import audience, term_words
from compliance.admin import policy_pages as pages
from compliance.admin.base import OfficeModelAdmin
from compliance.admin.changelist import OfficeChangeList
from compliance.admin.labels import status
from compliance.audience import Progress
from compliance.models import Notice


class NoticeList(OfficeChangeList):
    """The rows of the page, each with its ``progress``."""

    def get_results(self, request: HttpRequest) -> None:
        """Read the page, and the progress of all its rows at once."""
        super().get_results(request)
        found = audience.progress([notice.pk for notice in self.result_list])
        for notice in self.result_list:
            notice.progress = found[notice.pk]


@admin.register(Notice)
class NoticeAdmin(OfficeModelAdmin):
    """For reading: a notice comes from the announcement of a version."""

    menu_section, menu_label, menu_order = "policies", _("Notices"), 20
    view_permission, service_path = "notices.view", "service"
    list_display = (
        "about",
        "event",
        "state_label",
        "effective_on",
        "people",
        "progress",
        "published_at",
    )
    list_select_related = ("service", "version")
    list_filter = ("service", "event", "state")
    quick_views = (
        (_("All"), ""),
        (_("Showing"), "state__exact=published"),
        (_("Taken down"), "state__exact=withdrawn"),
    )
    fields = (
        "about_version",
        "event",
        "effective_on",
        "places_in_words",
        "published_at",
        "until",
        "people",
        "progress",
        "fallback",
        "completed_at",
        "reminder_on",
        "reminded_at",
        "promise",
    )
    readonly_fields = (
        "about_version",
        "places_in_words",
        "until",
        "people",
        "progress",
        "fallback",
        "promise",
    )
    ordering = ("-pk",)
    empty_message = _("No notices yet. One appears here when a policy version is announced.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[NoticeList]:
        """Rows with their progress."""
        return NoticeList

    def object_status(self, obj: Notice) -> SafeString:
        """Whether it shows, and whether everybody is told."""
        if obj.state == Notice.State.WITHDRAWN:
            return status("quiet", obj.get_state_display())
        return (
            status("good", _("Everybody told"))
            if obj.completed_at
            else status("wait", _("Being sent"))
        )

    def object_summary(self, request: HttpRequest, obj: Notice) -> str:
        """Where the messages are."""
        found = _progress(obj)
        return progress_words(found) if found.all else gettext("The messages are being prepared.")

    def object_links(self, request: HttpRequest, obj: Notice) -> list[tuple[Any, str]]:
        """The version it announces."""
        return [(_("Open the policy version"), pages.url("change", obj.version_id))]

    @admin.display(description=_("about"))
    def about(self, notice: Notice) -> str:
        """Service and version."""
        return f"{notice.service.name} {notice.version.number}"

    @admin.display(description=_("about"))
    def about_version(self, notice: Notice) -> SafeString:
        """Service and version, as a link."""
        link = '<a href="{}">{}</a>'
        return format_html(link, pages.url("change", notice.version_id), self.about(notice))

    @admin.display(description=_("status"))
    def state_label(self, notice: Notice) -> SafeString:
        """A word and a shape."""
        return self.object_status(notice)

    @admin.display(description=_("people"))
    def people(self, notice: Notice) -> str:
        """How many people it is mailed to."""
        count = notice.audience_size or _progress(notice).all
        return f"{count:,}" if count or notice.planned_at else "–"

    @admin.display(description=_("progress"))
    def progress(self, notice: Notice) -> SafeString:
        """A bar and the numbers."""
        found = _progress(notice)
        if not found.all:
            return format_html("<span>{}</span>", _("No messages yet"))
        bar = '<progress max="{}" value="{}" aria-label="{}"></progress> <span class="progress-words">{}</span>'
        return format_html(
            bar, found.all, found.all - found.left, _("progress"), progress_words(found)
        )

    @admin.display(description=_("shown at"))
    def places_in_words(self, notice: Notice) -> str:
        """Public places."""
        return ", ".join(term_words.word(place) for place in notice.places)

    @admin.display(description=_("shown until"))
    def until(self, notice: Notice) -> str:
        """Until when the public sees it."""
        if notice.shown_until:
            return date_format(notice.shown_until, "DATETIME_FORMAT")
        return gettext("Until it is taken down")

    @admin.display(description=_("people who could not be told by message"))
    def fallback(self, notice: Notice) -> str:
        """What counts instead."""
        count = _progress(notice).unreachable
        if not count:
            return gettext("Nobody so far")
        words = gettext(
            "%(count)s people have no usable address. For them the public notice counts."
        )
        return words % {"count": f"{count:,}"}

    @admin.display(description=_("promised"))
    def promise(self, notice: Notice) -> str:
        """Whether the policy promises a message to each person."""
        if notice.beyond_promise:
            return gettext("Beyond the promise: the policy promises a public notice only")
        return gettext("The policy promises each person a message")


def progress_words(progress: Progress) -> str:
    """Return the numbers of a notice in one line."""
    words = gettext(
        "Sent %(sent)s · failed %(failed)s · not reachable %(unreachable)s · left %(left)s"
    )
    names = ("sent", "failed", "unreachable", "left")
    return words % {name: f"{getattr(progress, name):,}" for name in names}


def _progress(notice: Notice) -> Progress:
    """Return what the list read for all rows, or read it once for the page of one notice."""
    if not hasattr(notice, "progress"):
        notice.progress = audience.progress([notice.pk])[notice.pk]  # type: ignore[attr-defined]
    return notice.progress  # type: ignore[attr-defined, no-any-return]

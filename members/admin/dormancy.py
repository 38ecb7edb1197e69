"""Dormancy: who is told on which day, whom no message reached, who is kept apart, and what an officer notes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.menu import Page, register_page
from compliance.admin.readonly import ReadOnlyPage
from compliance.roles import may, services_of
from compliance.rules.calendar import local_day
from members import dormancy_ahead
from members.actions import dormancy_notice
from members.admin import links
from members.models import Dormancy

State = Dormancy.State
TELL = "notices.manage"
LIST = "admin:members_dormancy_changelist"
STATES = {
    State.NOTICED: "quiet",
    State.UNREACHED: "bad",
    State.TOLD: "good",
    State.APART: "wait",
    State.RETURNED: "quiet",
}
REFUSALS: dict[str, Any] = {
    "not_waiting": _(
        "Nobody waits to be told here: this person was told, or has used the service again."
    ),
    "channel": _("The policy names no such way of telling people."),
    "day": _("Choose a day after the last use, and not one that is still to come."),
}


class ToldForm(forms.Form):
    """How and on which day an officer told the person."""

    channel = forms.ChoiceField(label=_("How did you tell the person?"), widget=forms.RadioSelect)
    on = forms.DateField(
        label=_("On which day?"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The days until the separation count from the day after."),
    )

    def __init__(self, *args: Any, channels: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = dict(Dormancy.Channel.choices)
        self.fields["channel"].choices = [(code, words[code]) for code in channels]  # type: ignore[attr-defined]


@admin.register(Dormancy)
class DormancyAdmin(ReadOnlyPage):
    """One line per person on the way into dormancy, apart, or back."""

    menu_section, menu_label, menu_order = "people", _("Dormancy, by person"), 41
    view_permission, service_path = "retention.view", "service"
    list_display = (
        "person",
        "service",
        "state_label",
        "last_used_on",
        "notice_due_on",
        "told_on",
        "separate_on",
        "apart_since",
    )
    list_display_links = ("person",)
    list_select_related = ("subject", "service")
    list_filter = (OwnServiceFilter, "state")
    quick_views = (
        (_("All"), ""),
        (_("Reached nobody"), "state__exact=unreached"),
        (_("Told"), "state__exact=told"),
        (_("Kept apart"), "state__exact=apart"),
    )
    fields = (
        "person",
        "last_used_on",
        "notice_due_on",
        "told_on",
        "way",
        "noted_by",
        "separate_on",
        "apart_since",
    )
    readonly_fields = ("person", "way", "noted_by", "apart_since")
    ordering = ("-pk",)
    show_history = False
    empty_message = _(
        "Nobody is near dormancy. People come here when the notice before it is written."
    )

    def get_urls(self) -> list[Any]:
        """The page on which an officer notes that somebody was told."""
        tell = self.admin_site.admin_view(self.tell_view)
        return [path("<int:pk>/told/", tell, name="members_dormancy_told"), *super().get_urls()]

    @admin.display(description=_("person"))
    def person(self, row: Dormancy) -> Any:
        """The pseudonym."""
        return links.words_for(row.subject)

    @admin.display(description=_("state"))
    def state_label(self, row: Dormancy) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    @admin.display(description=_("way of telling"))
    def way(self, row: Dormancy) -> str:
        """By e-mail, by telephone or in writing; nothing while the person is not told."""
        return row.get_told_channel_display() or "–"

    @admin.display(description=_("noted by"))
    def noted_by(self, row: Dormancy) -> str:
        """The officer who told the person, or the house itself."""
        if row.told_on is None:
            return "–"
        return str(row.told_by) if row.told_by else _("System")

    @admin.display(description=_("apart since"), ordering="apart_at")
    def apart_since(self, row: Dormancy) -> str:
        """The local day of the separation; nothing while the person is in daily use."""
        if row.apart_at is None:
            return "–"
        return date_format(local_day(row.apart_at, row.service.timezone), "DATE_FORMAT")

    def object_status(self, obj: Dormancy) -> SafeString:
        """A word and a shape."""
        return status(STATES[State(obj.state)], obj.get_state_display())

    def object_links(self, request: HttpRequest, obj: Dormancy) -> list[tuple[Any, str]]:
        """Note that the person was told, and the person."""
        found = links.to_person(request, obj.subject)
        if obj.state == State.UNREACHED and may(request.user, TELL, obj.service):  # type: ignore[arg-type]
            url = reverse("admin:members_dormancy_told", args=[obj.pk])
            found.insert(0, (_("Note that this person was told"), url))
        return found

    def page_parts(self, request: HttpRequest, obj: Dormancy) -> dict[str, Any]:
        """What the ledger says about the person's dormancy, this round and earlier ones."""
        return {"timeline": history.timeline_of(obj.subject.public_id, codes="members.dormancy.")}

    def tell_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks how and when; POST notes it, with the officer's name in the ledger."""
        row: Dormancy = self.get_object(request, str(pk))
        if not may(request.user, TELL, row.service):  # type: ignore[arg-type]
            raise PermissionDenied
        channels = dormancy_notice.channels_to_tell(row.service)
        form = ToldForm(request.POST or None, channels=channels)
        back = reverse("admin:members_dormancy_change", args=[pk])
        if request.method == "POST" and form.is_valid():
            try:
                told = dormancy_notice.tell(
                    row,
                    **form.cleaned_data,
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except dormancy_notice.NotPossible as refusal:
                form.add_error(None, REFUSALS[refusal.code])
            else:
                day = told.separate_on
                messages.success(
                    request, _("Noted. Nobody is set apart before %(day)s.") % {"day": day}
                )
                return HttpResponseRedirect(back)
        context = self.admin_site.each_context(request) | {
            "title": _("Note that %(person)s was told") % {"person": row.subject},
            "form": form,
            "back": back,
            "list_url": reverse(LIST),
            "list_label": self.menu_label,
        }
        return render(request, "admin/records/dormancy_told.html", context)


def overview(request: HttpRequest) -> HttpResponse:
    """By service: rounds by state, and the days of the next weeks on which people are told or set apart."""
    now = timezone.now()
    services = services_of(request.user, "retention.view").order_by("name")  # type: ignore[arg-type]
    found = [dormancy_ahead.of_service(service, now) for service in services]
    context = admin.site.each_context(request) | {
        "title": _("Dormancy"),
        "days": dormancy_ahead.DAYS,
        "parts": [part for part in found if part.terms],
        "without": [part.service.name for part in found if not part.terms],
    }
    return render(request, "admin/records/dormancy.html", context)


register_page(
    Page(
        route="dormancy/",
        view=overview,
        name="dormancy",
        permission="retention.view",
        section="people",
        label=_("Dormancy"),
        order=40,
    )
)

"""Readings of the archive: ask for one person and one ground, release another officer's, open what was released."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.models import Service
from compliance.register_words import said
from compliance.roles import may
from compliance.rules.policy_values import Policy
from members import words
from members.actions import archive_reading
from members.admin.hidden import HiddenPage, guard
from members.admin.people_list import policy_of
from members.archive.models import ArchivedSubject
from members.models import ArchiveReading

State = ArchiveReading.State
MARKS = {State.ASKED: "wait", State.RELEASED: "good", State.REFUSED: "quiet"}
GROUNDS: dict[str, Any] = {
    "dispute": _("A dispute with this person"),
    "agency_request": _("A lawful request of an investigative agency"),
    "unpaid_claim": _("An unpaid claim"),
}
REFUSALS: dict[str, Any] = {
    "ground_not_allowed": _("The rule that keeps this does not allow that ground."),
    "item_not_there": _("Choose items that this ground opens."),
    "own_reading": _("You asked for this reading yourself, so somebody else has to release it."),
    "decided_already": _("This reading was decided already."),
    "somebody_elses": _("Only the officer who asked may open this reading."),
    "not_released": _("This reading is not released."),
    "shown_already": _("The values of this reading were shown already, once."),
    "over": _("The 30 minutes of this reading are over. Ask again if you still need it."),
    "nothing_left": _("Nothing is left to read: it was destroyed, or the ground has ended."),
}


class AskForm(forms.Form):
    """One ground of the closed list, and the items that are needed for it."""

    ground = forms.ChoiceField(label=_("On which ground?"), widget=forms.RadioSelect)
    items = forms.MultipleChoiceField(
        label=_("Which items do you need?"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only those that the ground opens are shown later."),
    )

    def __init__(
        self, *args: Any, grounds: list[tuple[str, Any]], items: list[tuple[str, str]], **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["ground"].choices = grounds  # type: ignore[attr-defined]
        self.fields["items"].choices = items  # type: ignore[attr-defined]


@admin.register(ArchiveReading)
class ArchiveReadingAdmin(HiddenPage):
    """Who asked to read what of whom, on which ground, released by whom; never what was read."""

    menu_section, menu_label, menu_order = "retention", _("Readings of the archive"), 25
    view_permission, service_path = "archive.view", "service"
    list_display = (
        "number",
        "who",
        "ground_label",
        "number_of_items",
        "asked_by",
        "asked_at",
        "decided_by",
        "open_until",
        "state_label",
    )
    list_display_links = ("number",)
    list_select_related = ("asked_by", "decided_by", "service")
    list_filter = ("state", OwnServiceFilter)
    quick_views = (
        (_("All"), ""),
        (_("Waiting"), "state__exact=asked"),
        (_("Released"), "state__exact=released"),
    )
    fields = (
        "who",
        "ground_label",
        "what",
        "asked_by",
        "asked_at",
        "decided_by",
        "decided_at",
        "open_until",
    )
    readonly_fields = ("who", "ground_label", "what")
    ordering = ("-pk",)
    show_history = False
    empty_message = _(
        "Nobody has asked to read the archive. Ask on the page of a person who is kept apart."
    )

    def get_urls(self) -> list[Any]:
        """Ask, decide, read."""
        view = self.admin_site.admin_view
        own = [
            path("ask/<int:pk>/", view(self.ask_view), name="members_archivereading_ask"),
            path("<int:pk>/decide/", view(self.decide_view), name="members_archivereading_decide"),
            path("<int:pk>/read/", view(self.read_view), name="members_archivereading_read"),
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("no."))
    def number(self, row: ArchiveReading) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("person"))
    def who(self, row: ArchiveReading) -> str:
        """The pseudonym."""
        return f"p_{row.person[:8]}"

    @admin.display(description=_("ground"))
    def ground_label(self, row: ArchiveReading) -> Any:
        """In words."""
        return ground_words(policy_of(row.service), row.ground)

    @admin.display(description=_("items"))
    def what(self, row: ArchiveReading) -> str:
        """Names of the items."""
        policy = policy_of(row.service)
        return ", ".join(words.items(policy, row.items) if policy else row.items)

    @admin.display(description=_("state"))
    def state_label(self, row: ArchiveReading) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    @admin.display(description=_("items"))
    def number_of_items(self, row: ArchiveReading) -> int:
        """How many were asked for."""
        return len(row.items)

    def object_status(self, obj: ArchiveReading) -> SafeString:
        """A word and a shape; a release that was used or is over says so."""
        if obj.openings:
            return status("quiet", _("Shown"))
        if obj.open_until and obj.open_until <= timezone.now():
            return status("quiet", _("Over"))
        return status(MARKS[State(obj.state)], obj.get_state_display())

    def object_links(self, request: HttpRequest, obj: ArchiveReading) -> list[tuple[Any, str]]:
        """Decide on another officer's, open one's own."""
        own = obj.asked_by_id == request.user.pk
        may_release = may(request.user, "archive.release", obj.service)  # type: ignore[arg-type]
        if obj.state == State.ASKED and not own and may_release:
            return [(_("Release or refuse"), _url("decide", obj.pk))]
        is_open = (
            obj.open_until is not None and timezone.now() < obj.open_until and not obj.openings
        )
        return [(_("Open the page"), _url("read", obj.pk))] if own and is_open else []

    def page_parts(self, request: HttpRequest, obj: ArchiveReading) -> dict[str, Any]:
        """What the ledger says about the reading."""
        return {"timeline": history.entries_about(f"archive_reading:{obj.pk}")}

    def ask_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for ground and items; POST asks a second officer."""
        person = ArchivedSubject.objects.filter(pk=pk).first()
        service = Service.objects.filter(slug=person.service_slug).first() if person else None
        if person is None or service is None:
            raise Http404
        guard(request, "archive.ask", service, person.public_id)
        policy = policy_of(service)
        open_for = archive_reading.grounds(person, policy) if policy else {}
        there = {i for records in open_for.values() for one in records for i in one.item_codes}
        form = AskForm(
            request.POST or None,
            grounds=[(code, ground_words(policy, code)) for code in open_for],
            items=[(code, words.item(policy, code)) for code in sorted(there)] if policy else [],
        )
        if request.method == "POST" and form.is_valid():
            try:
                reading = archive_reading.ask(
                    person,
                    service=service,
                    **form.cleaned_data,
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except archive_reading.NotAllowed as refused:
                form.add_error("items", REFUSALS[str(refused)])
            else:
                messages.success(request, _("Asked. A second officer has to release it."))
                return HttpResponseRedirect(_url("change", reading.pk))
        more = {"form": form, "fields": list(form) if open_for else [], "is_empty": not open_for}
        title = _("Ask to read what is kept of %(person)s") % {"person": person}
        back = reverse("admin:archive_archivedsubject_change", args=[person.pk])
        return self.step_page(request, "reading_ask", title, back, more)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows what is asked; POST releases or refuses it."""
        reading = self._reading(request, pk, "archive.release")
        back = _url("change", pk)
        if request.method != "POST":
            rows = [
                (_("Person"), self.who(reading)),
                (_("Ground"), self.ground_label(reading)),
                (_("Items"), self.what(reading)),
                (_("Asked by"), str(reading.asked_by)),
            ]
            more = {"rows": rows, "is_own": reading.asked_by_id == request.user.pk}
            return self.step_page(request, "reading_decide", _("Release this reading?"), back, more)
        is_release = request.POST.get("step") == "release"
        step = archive_reading.release if is_release else archive_reading.turn_down
        try:
            step(reading, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        except archive_reading.NotAllowed as refused:
            messages.error(request, REFUSALS[str(refused)])
        else:
            done = _("Released for 30 minutes.") if is_release else _("Refused.")
            messages.success(request, done)
        return HttpResponseRedirect(back)

    def read_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks once more, or says that it is used; POST opens the values once, and the ledger has the opening."""
        reading = self._reading(request, pk, "archive.ask")
        back = _url("change", pk)
        title = _("Reading #%(number)s") % {"number": pk}
        if request.method != "POST":
            name = "reading_shown" if reading.openings else "reading_open"
            more = {"opened": None, "again": _ask_again(reading)}
            return self.step_page(request, name, title, back, more)
        try:
            found = archive_reading.read(
                reading,
                actor=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except archive_reading.NotAllowed as refused:
            messages.error(request, REFUSALS[str(refused)])
            return HttpResponseRedirect(_url("read" if reading.openings else "change", pk))
        policy = policy_of(reading.service)
        opened = [
            {
                "title": words.record_class(policy, one.record.record_class) if policy else "",
                "rule": words.rule(policy, one.record.rule_code),
                "clause": one.record.clause,
                "lines": [
                    (words.item(policy, code) if policy else code, value)
                    for code, value in sorted(one.values.items())
                ],
            }
            for one in found
        ]
        answer = self.step_page(request, "reading_open", title, back, {"opened": opened})
        answer["Cache-Control"] = "no-store, private"
        return answer

    def _reading(self, request: HttpRequest, pk: int, permission: str) -> ArchiveReading:
        reading = ArchiveReading.objects.select_related("service").filter(pk=pk).first()
        if reading is None:
            raise Http404
        guard(request, permission, reading.service, reading.person)
        return reading


def ground_words(policy: Policy | None, code: str) -> Any:
    """A ground in words: one of ours, or a purpose of the policy."""
    if code in GROUNDS:
        return GROUNDS[code]
    row = policy.purposes_by_code.get(code) if policy else None
    return said(row.label) if row else code


def _ask_again(reading: ArchiveReading) -> str:
    """The page on which to ask anew; empty once nothing is kept of the person."""
    found = ArchivedSubject.objects.filter(public_id=reading.person).values_list("pk", flat=True)
    return _url("ask", found[0]) if found else ""


def _url(name: str, pk: int) -> str:
    return reverse(f"admin:members_archivereading_{name}", args=[pk])

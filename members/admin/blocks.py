"""Refusals of service: decided on a person's page on a stated ground, looked at again and ended here (LMK-2j)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import Service
from compliance.roles import may
from members import words
from members.actions import service_block
from members.admin import links
from members.admin.people_list import policy_of
from members.admin.reveal_source import page_of
from members.models import DataSubject, ServiceBlock
from members.rules import service_block as rule_of

End = ServiceBlock.End
ENDS = (End.SETTLED, End.WRONG, End.PERIOD)
REFUSALS: dict[str, Any] = {
    "facts_missing": _(
        "Give the number of the file in which the facts lie: letters, digits, . _ / -"
    ),
    "no_end": _("Give a last day or a day to look again."),
    "day_is_over": _("That day is over. Choose today or later."),
    "no_open_claim": _("No unpaid claim of this person is open. Set that hold first."),
    "blocked_already": _("Service is refused to this person on this ground already."),
    "ended_already": _("This refusal has ended already."),
}


def _day(label: Any, **more: Any) -> forms.DateField:
    box = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=box, **more)


class PlaceForm(forms.Form):
    """One of three grounds, the file with the facts, what tells the person, and until when."""

    ground = forms.ChoiceField(
        label=_("On which ground?"), choices=ServiceBlock.Ground.choices, widget=forms.RadioSelect
    )
    facts = forms.CharField(
        label=_("Number of the file with the facts"),
        max_length=40,
        help_text=_("Only the number. The facts stay in the file."),
    )
    items = forms.MultipleChoiceField(
        label=_("Which items tell this person? Choose only what is needed."),
        widget=forms.CheckboxSelectMultiple,
    )
    ends_on = _day(_("Last day"), required=False)
    review_on = _day(_("Look again on"), required=False)

    def __init__(self, *args: Any, items: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["items"].choices = items  # type: ignore[attr-defined]


class ReviewForm(forms.Form):
    """Keep it until another day, or end it with an outcome."""

    answer = forms.ChoiceField(
        label=_("What holds now?"),
        widget=forms.RadioSelect,
        choices=[
            ("keep", _("Keep it, and look again on the day below")),
            *((code, _("End it now: %(why)s") % {"why": End(code).label}) for code in ENDS),
        ],
    )
    review_on = _day(_("Look again on"), required=False)


@admin.register(ServiceBlock)
class ServiceBlockAdmin(ReadOnlyPage):
    """To whom service is refused, on which ground, by whom, until when."""

    menu_section, menu_label, menu_order = "retention", _("Refusals of service"), 32
    view_permission, service_path = "retention.view", "service"
    list_display = (
        "number",
        "person",
        "ground",
        "decided_by",
        "decided_at",
        "ends_on",
        "review_on",
        "state",
    )
    list_display_links = ("number",)
    list_select_related = ("subject", "service", "decided_by")
    list_filter = ("ground", OwnServiceFilter)
    fields = (
        "person",
        "ground",
        "facts",
        "what",
        "decided_by",
        "decided_at",
        "ends_on",
        "review_on",
        "reviewed_at",
        "ended_at",
        "end_reason",
    )
    readonly_fields = ("person", "what")
    ordering = ("-pk",)
    show_history = False
    empty_message = _("Service is refused to nobody. A refusal is recorded on a person's page.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ServiceBlock]:
        """With `is_due`: to be looked at now."""
        due = service_block.to_review(list(Service.objects.all()), timezone.now())
        rows = super().get_queryset(request)
        return rows.annotate(is_due=Exists(due.filter(pk=OuterRef("pk"))))

    def get_urls(self) -> list[Any]:
        """Place and review."""
        view = self.admin_site.admin_view
        own = [
            path("place/<int:pk>/", view(self.place_view), name="members_serviceblock_place"),
            path("<int:pk>/review/", view(self.review_view), name="members_serviceblock_review"),
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("no."))
    def number(self, row: ServiceBlock) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("person"))
    def person(self, row: ServiceBlock) -> Any:
        """The pseudonym."""
        return links.words_for(row.subject)

    @admin.display(description=_("items"))
    def what(self, row: ServiceBlock) -> str:
        """Names of the items that tell the person."""
        policy = policy_of(row.service)
        return ", ".join(words.items(policy, row.items) if policy else row.items)

    @admin.display(description=_("state"))
    def state(self, row: ServiceBlock) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    def object_status(self, obj: ServiceBlock) -> SafeString:
        """A word and a shape."""
        if obj.ended_at or obj.subject_id is None:
            return status("quiet", _("Ended"))
        if obj.is_due:  # type: ignore[attr-defined]
            return status("wait", _("To be looked at"))
        return status("risk", _("Refused"))

    def object_links(self, request: HttpRequest, obj: ServiceBlock) -> list[tuple[Any, str]]:
        """Review it, and the person."""
        found = links.to_person(request, obj.subject)
        if obj.ended_at is None and may(request.user, "holds.manage", obj.service):  # type: ignore[arg-type]
            found.insert(0, (_("Look at it again"), _url("review", obj.pk)))
        return found

    def page_parts(self, request: HttpRequest, obj: ServiceBlock) -> dict[str, Any]:
        """What the ledger says about the refusal."""
        return {"timeline": history.entries_about(f"service_block:{obj.pk}")}

    def place_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for ground, facts, items and days; POST refuses service from now on."""
        person = get_object_or_404(DataSubject.objects.select_related("service"), pk=pk)
        if not may(request.user, "members.view_masked", person.service):  # type: ignore[arg-type]
            raise Http404
        self._demand(request, person)
        policy = policy_of(person.service)
        codes = rule_of.items_for(policy, person.kind) if policy else ()
        if policy is None or not codes:
            raise Http404
        form = PlaceForm(
            request.POST or None, items=[(code, words.item(policy, code)) for code in codes]
        )
        if request.method == "POST" and form.is_valid():
            actor: Any = request.user
            try:
                block = service_block.place(
                    person, **form.cleaned_data, actor=actor, now=timezone.now()
                )
            except service_block.NotPossible as refused:
                form.add_error(None, REFUSALS[str(refused)])
            else:
                messages.success(request, _("Recorded. Service is refused from now on."))
                return HttpResponseRedirect(_url("change", block.pk))
        title = _("Refuse service to %(person)s") % {"person": person}
        more = {"form": form, "button": _("Refuse service")}
        return self.step_page(request, "block_form", title, page_of(person), more)

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks what holds now; POST keeps or ends the refusal."""
        block: ServiceBlock = self.get_object(request, str(pk))
        self._demand(request, block)
        form = ReviewForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                self._review(request, block, form.cleaned_data)
            except service_block.NotPossible as refused:
                form.add_error(None, REFUSALS[str(refused)])
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(_url("change", pk))
        more = {"form": form, "button": _("Save")}
        title = _("Does this refusal still hold?")
        return self.step_page(request, "block_form", title, _url("change", pk), more)

    def _review(self, request: HttpRequest, block: ServiceBlock, given: dict[str, Any]) -> None:
        actor: Any = request.user
        if given["answer"] != "keep":
            service_block.end(block, reason=given["answer"], actor=actor, now=timezone.now())
            return
        service_block.keep(block, review_on=given["review_on"], actor=actor, now=timezone.now())

    def _demand(self, request: HttpRequest, obj: ServiceBlock | DataSubject) -> None:
        if not may(request.user, "holds.manage", obj.service):  # type: ignore[arg-type]
            raise PermissionDenied


def _url(view: str, pk: int) -> str:
    return reverse(f"admin:members_serviceblock_{view}", args=[pk])

"""The paper register: list, add, report a destruction, confirm it as a witness."""

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
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from compliance import selectors
from compliance.actions import paper as paper_actions
from compliance.actions.paper import Content, PaperRefused
from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.paper_forms import BatchForm, DestroyForm
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import PaperBatch
from compliance.roles import may, services_of
from compliance.rules import paper
from compliance.rules.calendar import local_day
from compliance.term_words import word

REFUSALS: dict[str, Any] = {
    "unknown_rule": _("The policy in force has no such rule. Choose one of the list."),
    "names_a_person": _("Describe the content, not a person and no address."),
    "ends_before_it_begins": _("The newest content is older than the oldest. Check both days."),
    "day_ahead": _("This day lies ahead."),
    "method_not_allowed": _("The policy does not allow this method for paper."),
    "gone_already": _("This batch was reported as destroyed already."),
    "still_kept": _("The rule still keeps this batch. Choose a day after the last day of keeping."),
    "still_here": _("Nobody has reported this batch as destroyed yet."),
    "witnessed_already": _("This destruction is witnessed and does not change any more."),
    "own_destruction": _("You destroyed it yourself, so somebody else has to confirm it."),
    "no_policy_in_force": _("The service has no policy in force. Load one first."),
}


class StateFilter(admin.SimpleListFilter):
    """Where a batch stands."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Four answers."""
        return [
            ("here", _("Kept")),
            ("due", _("Due")),
            ("reported", _("Waits for a witness")),
            ("gone", _("Destroyed")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Batches in that state."""
        found = {
            "here": queryset.here,
            "due": lambda: queryset.due(timezone.localdate()),
            "reported": queryset.unwitnessed,
            "gone": lambda: queryset.exclude(witness=None),
        }
        chosen = found.get(str(self.value()))
        return chosen() if chosen else queryset


@admin.register(PaperBatch)
class PaperBatchAdmin(ReadOnlyPage):
    """What lies on paper, until when, and how it went."""

    menu_section, menu_label, menu_order = "retention", _("Paper"), 45
    view_permission, service_path = "paper.view", "service"
    add_permission = "paper.manage"
    list_display = ("number", "label", "service", "rule_code", "place", "amount", "due_on", "state")
    list_display_links = ("number",)
    list_select_related = ("service",)
    list_filter = (StateFilter, OwnServiceFilter)
    quick_views = (
        (_("All"), ""),
        (_("Due"), "state=due"),
        (_("Waits for a witness"), "state=reported"),
        (_("Destroyed"), "state=gone"),
    )
    fields = (
        "label",
        "service",
        "rule_code",
        "record_class",
        "clause",
        "place",
        "amount",
        "first_on",
        "last_on",
        "due_on",
        "registered_by",
        "registered_at",
        "way",
        "note_code",
        "destroyed_on",
        "destroyed_by",
        "witness",
        "witnessed_at",
    )
    readonly_fields = ("amount", "way")
    ordering = ("-pk",)
    show_history = False
    empty_message = _(
        "No paper is registered. Add each box, folder or pile that holds personal data, so that it "
        "is destroyed in time."
    )

    def get_urls(self) -> list[Any]:
        """Report, confirm, take back."""
        steps = {"destroy": self.destroy_view, "witness": self.witness_view}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"compliance_paperbatch_{name}",
            )
            for name, view in steps.items()
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("no."))
    def number(self, row: PaperBatch) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("quantity"))
    def amount(self, row: PaperBatch) -> str:
        """How much. Example: `2 Boxes`."""
        return f"{row.quantity} {row.get_unit_display()}"

    @admin.display(description=_("method"))
    def way(self, row: PaperBatch) -> Any:
        """The method in words."""
        return word(row.method) if row.method else "–"

    @admin.display(description=_("state"))
    def state(self, row: PaperBatch) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    def object_status(self, obj: PaperBatch) -> SafeString:
        """Kept, due, waiting for a witness, destroyed."""
        if obj.witness_id:
            return status("quiet", _("Destroyed"))
        if obj.destroyed_on:
            return status("wait", _("Waits for a witness"))
        if obj.due_on is None:
            return status("risk", _("The policy gives no period"))
        is_due = obj.due_on < local_day(timezone.now(), obj.service.timezone)
        return status("bad", _("Due")) if is_due else status("good", _("Kept"))

    def object_summary(self, request: HttpRequest, obj: PaperBatch) -> Any:
        """What, where, until when."""
        facts = {"label": obj.label, "place": obj.place}
        if obj.due_on is None:
            return _now("%(label)s, %(place)s") % facts
        day = date_format(obj.due_on, "DATE_FORMAT")
        return _now("%(label)s, %(place)s, kept until %(day)s") % (facts | {"day": day})

    def object_links(self, request: HttpRequest, obj: PaperBatch) -> list[tuple[Any, str]]:
        """The next step, for whoever may take it."""
        who: Any = request.user
        if obj.witness_id:
            return []
        if obj.destroyed_on is None:
            may_go = may(who, "paper.manage", obj.service)
            return [(_("Report as destroyed"), self._url("destroy", obj))] if may_go else []
        may_confirm = may(who, "paper.witness", obj.service)
        return [(_("Confirm as witness"), self._url("witness", obj))] if may_confirm else []

    def page_parts(self, request: HttpRequest, obj: PaperBatch) -> dict[str, Any]:
        """What the ledger says about the batch."""
        return {"timeline": history.entries_about(f"paperbatch:{obj.pk}")}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Enter a batch under a rule of the policy."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        services = list(services_of(request.user, "paper.manage").order_by("name"))  # type: ignore[arg-type]
        form = BatchForm(request.POST or None, services=services)
        if request.method == "POST" and form.is_valid():
            made = self._register(request, form)
            if made is not None:
                messages.success(request, _("The batch is registered."))
                return self._to_page(made)
        return self._form(request, form, _("Add a paper batch"), _("Add"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Never: a batch goes through the steps of the register."""
        raise PermissionDenied

    def destroy_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say by which method and on which day a batch was destroyed."""
        batch = self._batch(request, pk, "paper.manage")
        version = selectors.policy_in_force(batch.service)
        methods = paper.methods_of(selectors.policy_values(version)) if version else None
        form = DestroyForm(request.POST or None, methods=methods)
        if request.method == "POST" and form.is_valid():
            try:
                paper_actions.destroy(
                    batch,
                    **form.cleaned_data,
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except PaperRefused as refusal:
                form.add_error(refusal.field or None, str(REFUSALS[refusal.reason]))
            else:
                messages.success(request, _("Reported. A second person has to confirm it."))
                return self._to_page(batch)
        return self._form(request, form, _("Report as destroyed"), _("Report"), batch)

    def witness_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what is confirmed; POST confirms it, or takes the report back."""
        batch = self._batch(request, pk, "paper.witness")
        if request.method != "POST":
            context = self._context(request, _("Confirm as witness"), batch) | {
                "is_own": batch.destroyed_by_id == request.user.pk,
                "rows": self._facts(batch),
            }
            return render(request, "admin/records/paper_witness.html", context)
        is_back = request.POST.get("step") == "take_back"
        step = paper_actions.take_back if is_back else paper_actions.witness
        try:
            step(batch, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        except PaperRefused as refusal:
            messages.error(request, REFUSALS[refusal.reason])
        else:
            done = _("The report is taken back.") if is_back else _("Confirmed. It is on record.")
            messages.success(request, done)
        return self._to_page(batch)

    def _register(self, request: HttpRequest, form: BatchForm) -> PaperBatch | None:
        given = dict(form.cleaned_data)
        service, rule = given.pop("rule")
        content = Content(rule_code=rule, **given)
        try:
            return paper_actions.register(
                service,
                content,
                actor=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except PaperRefused as refusal:
            form.add_error(refusal.field or None, str(REFUSALS[refusal.reason]))
            return None

    def _batch(self, request: HttpRequest, pk: int, permission: str) -> PaperBatch:
        batch: PaperBatch = self.get_object(request, str(pk))
        if not may(request.user, permission, batch.service):  # type: ignore[arg-type]
            raise PermissionDenied
        return batch

    def _facts(self, batch: PaperBatch) -> list[tuple[Any, Any]]:
        day = batch.destroyed_on
        return [
            (_("Label"), batch.label),
            (_("Quantity"), self.amount(batch)),
            (_("Place"), batch.place),
            (_("Method"), self.way(batch)),
            (_("Destroyed on"), date_format(day, "DATE_FORMAT") if day else "–"),
            (_("Destroyed by"), str(batch.destroyed_by or "–")),
        ]

    def _form(
        self,
        request: HttpRequest,
        form: forms.Form,
        title: Any,
        button: Any,
        batch: PaperBatch | None = None,
    ) -> HttpResponse:
        context = self._context(request, title, batch) | {"form": form, "button": button}
        return render(request, "admin/records/paper_form.html", context)

    def _context(self, request: HttpRequest, title: Any, batch: PaperBatch | None) -> Any:
        back = self._url("change", batch) if batch else reverse(f"admin:{LIST}")
        return self.admin_site.each_context(request) | {
            "title": title,
            "opts": self.opts,
            "batch": batch,
            "back": back,
            "list_label": self.menu_label,
        }

    def _to_page(self, batch: PaperBatch) -> HttpResponse:
        return HttpResponseRedirect(self._url("change", batch))

    def _url(self, name: str, batch: PaperBatch) -> str:
        return reverse(f"admin:compliance_paperbatch_{name}", args=[batch.pk])


LIST = "compliance_paperbatch_changelist"

"""Destruction plans: what each destroys, who allowed it, and the pages on which it is approved or explained."""

from __future__ import annotations

from collections.abc import Callable
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

from compliance import bell, selectors
from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.admin.readonly import ReadOnlyPage
from compliance.models import Certificate
from compliance.roles import may
from members import words
from members.actions import destruction_plan
from members.models import DestructionPlan

STATES = {
    "planned": "wait",
    "waiting": "risk",
    "approved": "wait",
    "running": "wait",
    "done": "good",
    "void": "quiet",
}
REFUSALS = {
    "own_plan": _("You asked for this plan yourself. A second officer has to approve it."),
    "not_waiting": _("This plan does not wait for an approval any more."),
    "expired": _("This plan was older than 72 hours. The next run makes a new one."),
    "other_list": _("This is not the list of the plan. Open its page again."),
    "not_late": _("This plan is not late."),
    "no_reason": _("Choose a reason."),
}
VOID_REASONS = {
    "expired": _("older than 72 hours"),
    "list_altered": _("the stored list was altered"),
}


class LateForm(forms.Form):
    """Why a plan is past its deadline."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=DestructionPlan.LateReason.choices, widget=forms.RadioSelect
    )


@admin.register(DestructionPlan)
class DestructionPlanAdmin(ReadOnlyPage):
    """Made by the machine or by an officer; above a number of records a second officer approves it."""

    menu_section, menu_label, menu_order = "retention", _("Destruction plans"), 10
    view_permission, service_path = "retention.view", "service"
    change_form_template = "admin/records/destruction_plan.html"
    list_display = ("number", "service", "before", "records", "held", "state_label", "by", "due")
    list_display_links = ("number",)
    list_select_related = ("service", "planned_by", "approved_by")
    list_filter = ("state", OwnServiceFilter)
    quick_views = (
        (_("All"), ""),
        (_("Waits for approval"), "state__exact=waiting"),
        (_("Done"), "state__exact=done"),
    )
    fields = (
        "number",
        "service",
        "days",
        "before",
        "records",
        "people",
        "held",
        "due",
        "planned_at",
        "by",
        "allowed",
        "valid",
        "destroyed",
        "postponed",
        "dropped",
        "finished_at",
        "late_reason",
        "content_hash",
    )
    readonly_fields = ("number", "days", "due", "by", "allowed", "valid")
    ordering = ("-pk",)
    show_history = False
    empty_message = _("No plan yet. The machine makes one when something becomes due.")

    def get_urls(self) -> list[Any]:
        """The pages of the two transitions."""
        views = {"approve": self.approve_view, "explain": self.explain_view}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"members_destructionplan_{name}",
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("no."))
    def number(self, row: DestructionPlan) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("state"))
    def state_label(self, row: DestructionPlan) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    @admin.display(description=_("planned by"))
    def by(self, row: DestructionPlan) -> str:
        """An officer or the machine."""
        return str(row.planned_by or _now("System"))

    @admin.display(description=_("allowed by"))
    def allowed(self, row: DestructionPlan) -> str:
        """Who approved it, or that nobody has to."""
        if row.approved_by:
            return f"{row.approved_by}, {date_format(row.approved_at, 'DATETIME_FORMAT')}"
        needed = destruction_plan.needs_approval(row.records)
        return _now("nobody yet") if needed else _now("small enough to run by itself")

    @admin.display(description=_("last days"))
    def days(self, row: DestructionPlan) -> str:
        """The earliest last day it is about."""
        return _now("from %(day)s") % {"day": date_format(row.first_due_on, "DATE_FORMAT")}

    @admin.display(description=_("destroy by"))
    def due(self, row: DestructionPlan) -> Any:
        """The deadline, and whether the policy states it."""
        day = date_format(row.destroy_by, "DATE_FORMAT")
        if destruction_plan.is_late(row, timezone.now()):
            return status("bad", _now("Overdue since %(day)s") % {"day": day})
        if row.deadline_stated:
            return day
        return _now("%(day)s (a reading of the policy, not its words)") % {"day": day}

    @admin.display(description=_("valid until"))
    def valid(self, row: DestructionPlan) -> str:
        """When plan or approval expire, or why it is void."""
        if row.state == DestructionPlan.State.VOID:
            return str(VOID_REASONS.get(row.void_reason, row.void_reason))
        return date_format(row.expires_at, "DATETIME_FORMAT")

    def object_status(self, obj: DestructionPlan) -> SafeString:
        """A word and a shape."""
        return status(STATES[obj.state], obj.get_state_display())

    def object_summary(self, request: HttpRequest, obj: DestructionPlan) -> Any:
        """How much, of how many people, on which day."""
        return _now("%(n)d records of %(people)d people, from %(day)s 00:00 (%(zone)s)") % {
            "n": obj.records,
            "people": obj.people,
            "day": date_format(obj.before, "DATE_FORMAT"),
            "zone": obj.service.timezone,
        }

    def object_links(self, request: HttpRequest, obj: DestructionPlan) -> list[tuple[Any, str]]:
        """Approve it, or explain why it is late."""
        found: list[tuple[Any, str]] = []
        if not may(request.user, "retention.approve", obj.service):  # type: ignore[arg-type]
            return found
        if obj.state == DestructionPlan.State.WAITING and not _is_own(request, obj):
            found.append((_("Approve"), _to("approve", obj)))
        if destruction_plan.is_late(obj, timezone.now()):
            found.append((_("Say why it is late"), _to("explain", obj)))
        return found

    def page_parts(self, request: HttpRequest, obj: DestructionPlan) -> dict[str, Any]:
        """Counts by clause, certificates, and what the ledger says."""
        issued = Certificate.objects.filter(
            service=obj.service, kind="run", run_ref__startswith=f"{obj.run_ref}:"
        )
        return {
            "lines": lines_of(obj),
            "certificates": list(issued.order_by("pk")[:50]),
            "timeline": history.entries_about(obj.run_ref),
            "own_plan": obj.state == DestructionPlan.State.WAITING and _is_own(request, obj),
        }

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET shows the exact numbers; POST approves exactly that list."""
        plan = self._plan(request, pk)
        if request.method == "POST":
            shown = request.POST.get("shown", "")

            def approve() -> None:
                destruction_plan.approve(
                    plan,
                    shown=shown,
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
                bell.nudge("retention.destroy")

            return self._done(
                request, plan, approve, _("The plan is approved and runs on its day.")
            )
        return self._page(request, plan, "admin/records/destruction_approve.html")

    def explain_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason of a delay; without one the plan stays on the red list."""
        plan = self._plan(request, pk)
        form = LateForm(request.POST or None)
        if request.method == "POST" and form.is_valid():

            def explain() -> None:
                destruction_plan.explain_lateness(
                    plan,
                    reason=form.cleaned_data["reason"],
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )

            return self._done(request, plan, explain, _("The reason is recorded."))
        return self._page(request, plan, "admin/records/destruction_explain.html", form=form)

    def _plan(self, request: HttpRequest, pk: int) -> DestructionPlan:
        plan: DestructionPlan = self.get_object(request, str(pk))
        if not may(request.user, "retention.approve", plan.service):  # type: ignore[arg-type]
            raise PermissionDenied
        return plan

    def _page(
        self, request: HttpRequest, plan: DestructionPlan, template: str, **more: Any
    ) -> HttpResponse:
        context = self.admin_site.each_context(request) | {
            "plan": plan,
            "lines": lines_of(plan),
            "own_plan": _is_own(request, plan),
            "summary": self.object_summary(request, plan),
            "opts": self.opts,
            "list_label": self.menu_label,
            "person": str(plan),
            "person_url": _to("change", plan),
        }
        return render(request, template, context | more)

    def _done(
        self, request: HttpRequest, plan: DestructionPlan, act: Callable[[], None], words: Any
    ) -> HttpResponse:
        try:
            act()
        except destruction_plan.NotPossible as refusal:
            if str(refusal) == "own_plan":
                raise PermissionDenied(str(REFUSALS["own_plan"])) from None
            messages.error(request, REFUSALS[str(refusal)])
        else:
            messages.success(request, words)
        return HttpResponseRedirect(_to("change", plan))


def lines_of(plan: DestructionPlan) -> list[dict[str, Any]]:
    """Return the counts of a plan with class and rule in the words of the policy."""
    version = selectors.policy_in_force(plan.service)
    policy = selectors.policy_values(version) if version else None
    return [
        line
        | {
            "title": words.record_class(policy, line["class"]) if policy else line["class"],
            "rule": words.rule(policy, line["rule"]),
        }
        for line in plan.counts
    ]


def _is_own(request: HttpRequest, plan: DestructionPlan) -> bool:
    return destruction_plan.is_own(plan, request.user)  # type: ignore[arg-type]


def _to(page: str, plan: DestructionPlan) -> str:
    return reverse(f"admin:members_destructionplan_{page}", args=[plan.pk])

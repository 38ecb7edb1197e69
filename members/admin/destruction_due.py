"""Two pages: what is due for destruction now and in the next days, and what was destroyed about one person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from compliance.admin.menu import Page, register_page
from compliance.models import Service
from compliance.roles import may, services_of
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members import destruction_list, destruction_proof, words
from members.actions import destruction_plan
from members.admin.people_list import policy_of
from members.destruction_proof import Destroyed

REFUSALS = {
    "too_far": _("A plan reaches three days ahead at most."),
    "nothing_due": _("Nothing is due that is not in a plan already."),
}


class ProofForm(forms.Form):
    """Whose proof is wanted."""

    service = forms.ModelChoiceField(Service.objects.none(), label=_("Service"), empty_label=None)
    number = forms.RegexField(
        r"^[0-9a-f]{32}$",
        label=_("Number of the person"),
        help_text=_(
            "The 32 letters and digits that stand on the person's page or in a confirmation."
        ),
    )

    def __init__(self, *args: Any, services: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


def due_list(request: HttpRequest) -> HttpResponse:
    """By service: what is due, by clause and rule, how many a hold postpones, and the plans that are open."""
    now = timezone.now()
    services = services_of(request.user, "retention.view").order_by("name")  # type: ignore[arg-type]
    context = admin.site.each_context(request) | {
        "title": _("Due for destruction"),
        "days": destruction_list.DAYS_SHOWN,
        "parts": [_part(request, service, now) for service in services],
    }
    return render(request, "admin/records/destruction_due.html", context)


@require_POST
def plan_now(request: HttpRequest, service: str) -> HttpResponse:
    """Plan by hand what is due now; somebody else has to approve it above the number of the installation."""
    found = get_object_or_404(Service, slug=service)
    if not may(request.user, "retention.plan", found):  # type: ignore[arg-type]
        raise PermissionDenied
    now = timezone.now()
    try:
        plan = destruction_plan.plan_by_hand(
            found,
            before=local_day(now, found.timezone),
            actor=request.user,  # type: ignore[arg-type]
            now=now,
        )
    except destruction_plan.NotPossible as refusal:
        messages.info(request, REFUSALS[str(refusal)])
        return HttpResponseRedirect(reverse("admin:destruction_due"))
    return HttpResponseRedirect(reverse("admin:members_destructionplan_change", args=[plan.pk]))


def proof(request: HttpRequest) -> HttpResponse:
    """What was destroyed about one person, when, by which clause, with the path to the ledger's root."""
    services = services_of(request.user, "certificates.view").order_by("name")  # type: ignore[arg-type]
    form = ProofForm(request.POST or None, services=services)
    found = None
    if request.method == "POST" and form.is_valid():
        service = form.cleaned_data["service"]
        destroyed = destruction_proof.destroyed_of(form.cleaned_data["number"], service)
        found = [_in_words(one, policy_of(service)) for one in destroyed]
    context = admin.site.each_context(request) | {
        "title": _("Proof for one person"),
        "form": form,
        "found": found,
    }
    return render(request, "admin/records/destruction_proof.html", context)


def _in_words(one: Destroyed, policy: Policy | None) -> Destroyed:
    """Name the rules of a destruction as the policy in force does."""
    lines = tuple(replace(line, rule=words.rule(policy, line.rule)) for line in one.lines)
    return replace(one, lines=lines)


def _part(request: HttpRequest, service: Service, now: Any) -> dict[str, Any]:
    return {
        "service": service,
        "lines": destruction_list.due_lines(service, now=now),
        "plans": destruction_plan.open_plans(service),
        "may_plan": may(request.user, "retention.plan", service),  # type: ignore[arg-type]
    }


register_page(
    Page(
        route="destruction-due/",
        view=due_list,
        name="destruction_due",
        permission="retention.view",
        section="retention",
        label=_("Due for destruction"),
        order=5,
    )
)
register_page(
    Page(
        route="destruction-due/<slug:service>/plan/",
        view=plan_now,
        name="destruction_plan_now",
        permission="retention.plan",
    )
)
register_page(
    Page(
        route="destruction-proof/",
        view=proof,
        name="destruction_proof",
        permission="certificates.view",
        section="retention",
        label=_("Proof for one person"),
        order=55,
    )
)

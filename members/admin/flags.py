"""The register of internal holds: every recorded case with reason, items, start, approver, next review and end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from compliance.admin import history
from compliance.admin.filters import OwnServiceFilter
from compliance.admin.labels import status
from compliance.register_words import said
from compliance.roles import may
from compliance.rules.policy_values import Policy
from members import words
from members.actions import case_flag
from members.admin import links
from members.admin.cases import link_to_confirm
from members.admin.named import NamedPage
from members.admin.people_list import policy_of
from members.admin.person_page import item_names
from members.admin.reveal_source import page_of
from members.models import CaseFlag, DataSubject
from members.rules import case_flag as rule_of

Reason, End = CaseFlag.Reason, CaseFlag.End
REFUSALS: dict[str, Any] = {
    "rule_needs_no_case": _("This rule needs no case."),
    "reason_not_for_rule": _("This reason does not fit the rule."),
    "found_later": _("The finding lies in the future."),
    "person_left": _("This person has left; of illegal use nothing is held here any more."),
    "nothing_held": _(
        "Nothing that the rule names is held any more. What is destroyed does not come back."
    ),
    "flagged_already": _("A case under this rule is open for this person already."),
    "own_proposal": _("You proposed this case yourself, so somebody else has to confirm it."),
    "not_open": _("This case was decided already."),
    "not_in_force": _("This case is not in force."),
}


class ProposeForm(forms.Form):
    """Under which rule, why, and found when."""

    rule_code = forms.ChoiceField(label=_("Rule of the policy"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(label=_("Why?"), choices=Reason.choices, widget=forms.RadioSelect)
    found_on = forms.DateField(
        label=_("Found on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, policy: Policy | None, kind: str, **more: Any) -> None:
        super().__init__(*args, **more)
        rules = rule_of.flaggable(policy, kind) if policy else ()
        choices = [(rule.code, f"{said(rule.label)} ({rule.clause or '–'})") for rule in rules]
        self.fields["rule_code"].choices = choices  # type: ignore[attr-defined]


class ReviewForm(forms.Form):
    """Keep it for a reason, or end it with an outcome."""

    answer = forms.ChoiceField(label=_("What holds now?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, reasons: tuple[str, ...], **more: Any) -> None:
        super().__init__(*args, **more)
        keep = [
            (f"keep:{code}", _("Keep it for another year: %(why)s") % {"why": Reason(code).label})
            for code in reasons
        ]
        ends = [
            (f"end:{code}", _("End it now: %(why)s") % {"why": End(code).label})
            for code in (End.CLEARED, End.SETTLED)
        ]
        self.fields["answer"].choices = [*keep, *ends]  # type: ignore[attr-defined]


@admin.register(CaseFlag)
class CaseFlagAdmin(NamedPage):
    """Proposed on a person's page, confirmed and looked at again here."""

    menu_section, menu_label, menu_order = "retention", _("Internal holds"), 31
    view_permission, service_path = "retention.view", "service"
    list_display = (
        "case",
        "person",
        "reason",
        "rule_name",
        "what",
        "confirmed_at",
        "confirmed_by",
        "review_on",
        "ended_at",
        "state",
    )
    list_display_links = ("case",)
    list_select_related = ("subject", "service", "confirmed_by")
    list_filter = ("reason", OwnServiceFilter)
    fields = (
        "person",
        "reason",
        "rule_name",
        "what",
        "found_on",
        "proposed_by",
        "proposed_at",
        "confirmed_by",
        "confirmed_at",
        "review_on",
        "reviewed_at",
        "kept_until",
        "ended_at",
        "end_reason",
    )
    readonly_fields = ("person", "rule_name", "what", "kept_until")
    ordering = ("-pk",)
    show_history = False
    empty_message = _(
        "No case is recorded, so the rules for flagged cases hold nobody. Record one on a person's page."
    )

    def get_urls(self) -> list[Any]:
        """Propose, confirm, review."""
        view = self.admin_site.admin_view
        own = [
            path("propose/<int:pk>/", view(self.propose_view), name=_name("propose")),
            path("<int:pk>/confirm/", view(self.confirm_view), name=_name("confirm")),
            path("<int:pk>/review/", view(self.review_view), name=_name("review")),
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("no."))
    def case(self, row: CaseFlag) -> str:
        """Its number."""
        return f"#{row.pk}"

    @admin.display(description=_("person"))
    def person(self, row: CaseFlag) -> Any:
        """The pseudonym."""
        return links.words_for(row.subject)

    @admin.display(description=_("items"))
    def what(self, row: Any) -> str:
        """The items in words."""
        return ", ".join(item_names(row.policy, row.items))

    @admin.display(description=_("rule"))
    def rule_name(self, row: Any) -> str:
        """The rule in words."""
        return words.rule(row.policy, row.rule_code)

    @admin.display(description=_("kept until"))
    def kept_until(self, row: CaseFlag) -> Any:
        """The ceiling: the last day of the rule, once its clock runs."""
        return words.last_day(case_flag.ceiling(row))

    @admin.display(description=_("state"))
    def state(self, row: CaseFlag) -> SafeString:
        """A word and a shape."""
        return self.object_status(row)

    def object_status(self, obj: CaseFlag) -> SafeString:
        """A word and a shape."""
        if obj.ended_at:
            return status("quiet", _("Ended"))
        if obj.confirmed_at is None:
            return status("wait", _("Waits for a second officer"))
        return status("risk", _("Holds"))

    def object_links(self, request: HttpRequest, obj: CaseFlag) -> list[tuple[Any, str]]:
        """Confirm or review it, and the person."""
        found = links.to_person(request, obj.subject)
        if obj.is_in_force and may(request.user, "holds.manage", obj.service):  # type: ignore[arg-type]
            found.insert(0, (_("Look at it again"), _url("review", obj.pk)))
        return link_to_confirm(request, obj) + found

    def page_parts(self, request: HttpRequest, obj: CaseFlag) -> dict[str, Any]:
        """What the ledger says about the case."""
        return {"timeline": history.entries_about(f"case_flag:{obj.pk}")}

    def propose_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for rule, reason and day; POST proposes, and holds nothing yet."""
        person = get_object_or_404(DataSubject.objects.select_related("service"), pk=pk)
        if not may(request.user, "members.view_masked", person.service):  # type: ignore[arg-type]
            raise Http404
        self._demand(request, "holds.manage", person)
        policy = policy_of(person.service)
        form = ProposeForm(request.POST or None, policy=policy, kind=person.kind)
        back = page_of(person)
        title = _("Record a case against %(person)s") % {"person": person}
        if request.method == "POST" and form.is_valid():
            try:
                flag = case_flag.propose(
                    person,
                    **form.cleaned_data,
                    actor=request.user,  # type: ignore[arg-type]
                    now=timezone.now(),
                )
            except case_flag.NotPossible as refused:
                form.add_error(None, REFUSALS[str(refused)])
            else:
                messages.success(request, _("Proposed. A second officer has to confirm it."))
                return HttpResponseRedirect(_url("change", flag.pk))
        return self.step_page(
            request, "case_form", title, back, {"form": form, "button": _("Propose")}
        )

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET says what follows; POST confirms the case or turns it down."""
        flag = self._flag(request, pk, "retention.approve")
        back = _url("change", pk)
        if request.method != "POST":
            policy = policy_of(flag.service)
            rule = policy.retention_by_code.get(flag.rule_code) if policy else None
            more = {
                "rows": [
                    (_("Person"), self.person(flag)),
                    (_("Reason"), flag.get_reason_display()),
                    (_("Items"), ", ".join(item_names(policy, flag.items))),
                    (
                        _("Rule"),
                        f"{words.rule(policy, flag.rule_code)} ({rule.clause if rule else '–'})",
                    ),
                    (_("Proposed by"), str(flag.proposed_by)),
                ],
                "stops_use": rule is not None and rule_of.stops_use(rule),
                "is_own": flag.proposed_by_id == request.user.pk,
            }
            return self.step_page(request, "case_confirm", _("Confirm this case?"), back, more)
        is_refusal = request.POST.get("step") == "refuse"
        actor: Any = request.user
        try:
            if is_refusal:
                case_flag.end(flag, reason=End.REFUSED, actor=actor, now=timezone.now())
            else:
                case_flag.confirm(flag, actor=actor, now=timezone.now())
        except case_flag.NotPossible as refused:
            messages.error(request, REFUSALS[str(refused)])
        else:
            done = _("Turned down.") if is_refusal else _("The case is in force.")
            messages.success(request, done)
        return HttpResponseRedirect(back)

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks what holds now; POST keeps the case for another year or ends it."""
        flag = self._flag(request, pk, "holds.manage")
        policy = policy_of(flag.service)
        rule = policy.retention_by_code.get(flag.rule_code) if policy else None
        reasons = rule_of.reasons_of(rule) if rule else ()
        form = ReviewForm(request.POST or None, reasons=reasons)
        back, title = _url("change", pk), _("Does this case still hold?")
        if request.method != "POST" or not form.is_valid():
            more = {"form": form, "button": _("Save")}
            return self.step_page(request, "case_form", title, back, more)
        step, _colon, code = form.cleaned_data["answer"].partition(":")
        take = case_flag.review if step == "keep" else case_flag.end
        try:
            take(flag, reason=code, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
        except case_flag.NotPossible as refused:
            messages.error(request, REFUSALS[str(refused)])
        else:
            kept = _("Kept. It will be looked at again in a year at the latest.")
            gone = _("Ended. What only this case held is destroyed with the next run.")
            messages.success(request, kept if step == "keep" else gone)
        return HttpResponseRedirect(back)

    def _flag(self, request: HttpRequest, pk: int, permission: str) -> CaseFlag:
        flag: CaseFlag = self.get_object(request, str(pk))
        self._demand(request, permission, flag)
        return flag

    def _demand(self, request: HttpRequest, permission: str, obj: CaseFlag | DataSubject) -> None:
        if not may(request.user, permission, obj.service):  # type: ignore[arg-type]
            raise PermissionDenied


def _name(view: str) -> str:
    return f"members_caseflag_{view}"


def _url(view: str, pk: int) -> str:
    return reverse(f"admin:{_name(view)}", args=[pk])

"""Confirm pages of what an officer does for a person: withdraw a membership, set a hold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from compliance.auth import throttle
from compliance.auth.address import client_address
from compliance.rules.policy_values import Policy
from members import words
from members.actions import restriction, withdrawal
from members.admin import fates
from members.admin.people_list import policy_of
from members.admin.reveal_source import page_of
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Restriction, RightsRequest

HERE = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED, DataSubject.Status.DORMANT)
Channel = RightsRequest.Channel
CHANNELS = [(one.value, one.label) for one in Channel if one not in (Channel.WEB, Channel.SYSTEM)]
REFUSALS: dict[str, Any] = {
    "holds_nothing": _("Choose at least one of the two effects."),
    "nothing_kept": _(
        "Nothing of this is kept any more, and what is destroyed does not come back."
    ),
}


class WithdrawForm(forms.Form):
    """By which way the person asked, and the officer's own password."""

    channel = forms.ChoiceField(
        label=_("How did the person ask?"), choices=CHANNELS, widget=forms.RadioSelect
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    plan = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, request: HttpRequest, plan: str, **kwargs: Any) -> None:
        super().__init__(*args, initial={"plan": plan}, **kwargs)
        self.request, self.shown_plan = request, plan

    def clean_password(self) -> str:
        """The officer's own; wrong tries count like those at the sign-in page."""
        account: Any = self.request.user
        now = timezone.now()
        address = client_address(self.request)
        keys = throttle.sign_in_keys(account.email or account.username, address, known_device=True)
        if throttle.blocked_until(keys, now=now):
            raise forms.ValidationError(_("Too many wrong passwords. Try again later."))
        if not account.check_password(self.cleaned_data["password"]):
            throttle.failed(keys, now=now)
            raise forms.ValidationError(_("This is not your password."))
        throttle.succeeded(keys)
        return ""

    def clean(self) -> dict[str, Any]:
        """What is carried out has to be what was shown."""
        cleaned = super().clean() or {}
        if cleaned.get("plan") != self.shown_plan:
            self.data = self.data.copy()
            self.data["plan"] = self.shown_plan
            raise forms.ValidationError(
                _(
                    "What is held about this person has changed since you opened the page. Look again, then confirm."
                )
            )
        return cleaned


@sensitive_post_parameters("password")
def withdraw(request: HttpRequest, page: Any, person: DataSubject) -> HttpResponse:
    """GET shows exactly what would happen; POST ends the membership and does what can be done at once."""
    policy = policy_of(person.service)
    if person.status not in HERE or policy is None:
        messages.info(request, _("Nothing to withdraw: this person is leaving or has left."))
        return HttpResponseRedirect(page_of(person))
    now = timezone.now()
    parts = withdrawal.preview(person, now=now)
    form = WithdrawForm(request.POST or None, request=request, plan=fates.digest(parts))
    if request.method != "POST" or not form.is_valid():
        table = fates.rows(policy, parts)
        return _show(
            request, page, person, form, {"fates": table, "totals": fates.totals(table)}, "withdraw"
        )
    opened = withdrawal.request(
        person,
        channel=form.cleaned_data["channel"],
        actor=request.user,  # type: ignore[arg-type]
        now=now,
    )
    withdrawal.attempt(opened, now=now)
    messages.success(
        request,
        _("%(person)s is leaving: sign-in is closed, consents have ended. Reference %(reference)s.")
        % {"person": person, "reference": opened.request.reference},
    )
    still_here = DataSubject.objects.filter(pk=person.pk).exists()
    return HttpResponseRedirect(page_of(person) if still_here else page._url("changelist"))


class HoldForm(forms.Form):
    """Why, on what, with which effect, until when to look again."""

    ground = forms.ChoiceField(
        label=_("Why?"), choices=Restriction.Ground.choices, widget=forms.RadioSelect
    )
    items = forms.MultipleChoiceField(
        label=_("On which items?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick nothing to hold everything."),
    )
    blocks_use = forms.BooleanField(label=_("Stop the use"), required=False)
    blocks_destruction = forms.BooleanField(label=_("Postpone destruction"), required=False)
    review_on = forms.DateField(
        label=_("Look again on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = choices  # type: ignore[attr-defined]


def hold(request: HttpRequest, page: Any, person: DataSubject) -> HttpResponse:
    """GET asks why and on what; POST holds from this second on. Of people kept apart it postpones destruction."""
    form = HoldForm(request.POST or None, choices=_item_choices(person, policy_of(person.service)))
    if request.method != "POST" or not form.is_valid():
        return _show(request, page, person, form, {}, "hold")
    try:
        restriction.place(
            person,
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
            **form.cleaned_data,
        )
    except restriction.NotPossible as error:
        form.add_error(None, REFUSALS[str(error)])
        return _show(request, page, person, form, {}, "hold")
    messages.success(request, _("The hold is set and counts everywhere from now on."))
    return HttpResponseRedirect(page_of(person))


def _item_choices(person: DataSubject, policy: Policy | None) -> list[tuple[str, str]]:
    live = person.records.values_list("item_codes", flat=True)
    apart = ArchivedRecord.objects.filter(subject__public_id=person.public_id)
    both = (*live, *apart.values_list("item_codes", flat=True))
    held = dict.fromkeys(code for codes in both for code in codes)
    return [(code, words.item(policy, code) if policy else code) for code in held]


def _show(
    request: HttpRequest,
    page: Any,
    person: DataSubject,
    form: forms.Form,
    more: dict[str, Any],
    name: str,
) -> HttpResponse:
    context = page.admin_site.each_context(request) | {
        "person": person,
        "form": form,
        "opts": page.opts,
        "list_label": page.menu_label,
        "person_url": page_of(person),
        "is_member": page.opts.model_name == "member",
    }
    return render(request, f"admin/people/{name}.html", context | more)

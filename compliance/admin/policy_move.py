"""Move an announced version to a later day: who was told of the old day is told of the new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance import refusal_words
from compliance.actions import policy_version
from compliance.actions.policy_version import TransitionRefused
from compliance.admin import policy_pages as pages
from compliance.admin.policy_list import extras
from compliance.admin.policy_pages import State
from compliance.models import PolicyVersion


class MoveForm(forms.Form):
    """The new day."""

    effective_on = forms.DateField(
        label=gettext_lazy("Takes effect on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Choose the day on which this version takes effect."),
            "invalid": gettext_lazy("Write a day such as 2026-12-23."),
        },
    )


def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who was told already; POST moves the version to a later day."""
    version = pages.find(request, pk, "policies.announce")
    if version.state != State.ANNOUNCED:
        refusal = TransitionRefused("wrong_state", state=version.state)
        return pages.refused(request, version, refusal_words.sentence(refusal))
    form = MoveForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_bound and form.is_valid():
        try:
            policy_version.move(
                version,
                effective_on=form.cleaned_data["effective_on"],
                actor=request.user,  # type: ignore[arg-type]
                now=timezone.now(),
            )
        except TransitionRefused as refusal:
            form.add_error("effective_on", refusal_words.sentence(refusal))
        else:
            messages.success(request, _("Moved. Everybody who was told is told of the new day."))
            return redirect(pages.url("change", version.pk))
    return _page(request, version, form)


def _page(request: HttpRequest, version: PolicyVersion, form: MoveForm) -> HttpResponse:
    context = {
        "form": form,
        "progress": extras([version])[version.pk].progress,
        "day": version.effective_on,
    }
    answer = 422 if form.errors else 200
    title = _("Move this version to a later day")
    return pages.show(request, "move", version, title, context, answer=answer)

"""Check, hand in, review, announce and cancel: the steps of a version, each with its consequences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance import (
    audience,
    clock_report,
    diff_words,
    policy_show,
    previews,
    refusal_words,
    selectors,
)
from compliance.actions import policy_draft, policy_version
from compliance.actions.policy_version import ProblemsLeft, TransitionRefused
from compliance.admin import policy_pages as pages
from compliance.admin.policy_list import Extra, extras, languages
from compliance.admin.policy_pages import State
from compliance.admin.policy_problems import problem_lines
from compliance.models import PolicyVersion
from compliance.rules.calendar import local_day

EARLIEST = {
    "general": gettext_lazy(
        "General change: announced today, it can take effect on %(day)s at the earliest."
    ),
    "important": gettext_lazy(
        "Important change: announced today, it can take effect on %(day)s at the earliest."
    ),
}


class SubmitForm(forms.Form):
    """The day, and whether to be stricter than the rows ask."""

    effective_on = forms.DateField(
        label=gettext_lazy("Takes effect on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Choose the day on which this version takes effect."),
            "invalid": gettext_lazy("Write a day such as 2026-12-23."),
        },
    )
    stricter = forms.BooleanField(
        label=gettext_lazy("Treat as an important change even if the rows do not ask for it"),
        required=False,
    )


def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a draft changes and what is wrong with it; POST hands it in for review."""
    version = pages.find(
        request, pk, "policies.edit" if request.method == "POST" else "policies.view"
    )
    now = timezone.now()
    if request.method != "POST":
        return _check_page(request, version, _blank(version), now)
    if version.state != State.DRAFT:
        return _refuse(request, version, TransitionRefused("wrong_state", state=version.state))
    form = SubmitForm(request.POST, label_suffix="")
    if not form.is_valid():
        return _check_page(request, version, form, now, answer=422)
    return _submit(request, version, form, now)


def review(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the consequences of an approval; POST approves or sends the version back."""
    version = pages.find(request, pk, "policies.approve")
    if version.state != State.IN_REVIEW:
        return _refuse(request, version, TransitionRefused("wrong_state", state=version.state))
    if request.method == "POST":
        step = {"approve": policy_version.approve, "send_back": policy_version.send_back}
        chosen = step.get(request.POST.get("step", ""))
        seen = {"shown": request.POST.get("shown", "")} if chosen == policy_version.approve else {}
        return _make(request, version, chosen, **seen)
    context = _comparison(version) | _consequences(version, timezone.now())
    context |= {"is_own": is_own(request, version), "problems": problem_lines(version)}
    context["shown"] = policy_version.shown_digest(version)
    today = local_day(timezone.now(), version.service.timezone)
    context["clocks"] = clock_report.changes(version, on=today)
    return pages.show(request, "review", version, _("Review this version"), context)


def announce(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the consequences of an announcement; POST announces."""
    version = pages.find(request, pk, "policies.announce")
    if version.state != State.APPROVED:
        return _refuse(request, version, TransitionRefused("wrong_state", state=version.state))
    if request.method == "POST":
        return _make(request, version, policy_version.announce)
    context = _consequences(version, timezone.now())
    return pages.show(request, "announce", version, _("Announce this version now?"), context)


def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who was told already; POST gives the version up."""
    version = pages.find(request, pk, "policies.announce")
    if version.state not in PolicyVersion.OPEN:
        return _refuse(request, version, TransitionRefused("wrong_state", state=version.state))
    if request.method == "POST":
        return _make(request, version, policy_version.cancel)
    progress = extras([version])[version.pk].progress
    context = {"progress": progress, "day": version.effective_on}
    return pages.show(request, "cancel", version, _("Give this version up?"), context)


def is_own(request: HttpRequest, version: PolicyVersion) -> bool:
    """Tell whether the officer wrote or handed in a version that somebody else has to approve."""
    own = request.user.pk in (version.created_by_id, version.submitted_by_id)
    return own and not version.service.one_officer_mode


def _submit(
    request: HttpRequest, version: PolicyVersion, form: SubmitForm, now: datetime
) -> HttpResponse:
    who: dict[str, Any] = {"actor": request.user, "now": now}
    try:
        policy_draft.set_stricter(version, stricter=form.cleaned_data["stricter"], **who)
        version.refresh_from_db()
        policy_version.submit(version, effective_on=form.cleaned_data["effective_on"], **who)
    except ProblemsLeft as refusal:
        form.add_error(None, refusal_words.sentence(refusal))
    except TransitionRefused as refusal:
        field = "effective_on" if refusal.reason == "too_soon" else None
        form.add_error(field, refusal_words.sentence(refusal))
    if form.errors:
        return _check_page(request, version, form, now, answer=422)
    messages.success(request, _("Handed in. A second officer is asked to review it."))
    return redirect(pages.url("change", version.pk))


def _make(
    request: HttpRequest, version: PolicyVersion, step: Callable[..., Any] | None, **more: str
) -> HttpResponse:
    if step is None:
        return pages.refused(request, version, _("Choose one of the two answers."))
    try:
        step(version, actor=request.user, now=timezone.now(), **more)
    except TransitionRefused as refusal:
        return _refuse(request, version, refusal)
    done = {
        policy_version.approve: _(
            "Approved. Its content cannot change any more. People are told within minutes."
        ),
        policy_version.send_back: _("Sent back to its author."),
        policy_version.announce: _(
            "Announced. The notice shows now; the messages leave one after the other."
        ),
        policy_version.cancel: _("Given up. The policy in force stays in force."),
    }
    messages.success(request, done[step])
    return redirect(pages.url("change", version.pk))


def _refuse(
    request: HttpRequest, version: PolicyVersion, refusal: TransitionRefused
) -> HttpResponse:
    return pages.refused(request, version, refusal_words.sentence(refusal))


def _blank(version: PolicyVersion) -> SubmitForm:
    return SubmitForm(initial={"stricter": version.stricter_by_hand}, label_suffix="")


def _check_page(
    request: HttpRequest,
    version: PolicyVersion,
    form: SubmitForm,
    now: datetime,
    *,
    answer: int = 200,
) -> HttpResponse:
    extra = extras([version])[version.pk]
    context = _comparison(version) | {
        "form": form,
        "problems": problem_lines(version),
        "people": audience.people(version.service),
        "missing_texts": _missing(version, extra),
        "has_ready_text": any(extra.texts.values()),
    }
    context |= _earliest(version, context["change_class"], now)
    return pages.show(request, "check", version, _("Check this version"), context, answer=answer)


def _comparison(version: PolicyVersion) -> dict[str, Any]:
    """Return the difference in words, or the reason why there is none."""
    try:
        difference = policy_version.compare(version)
    except TransitionRefused as refusal:
        return {"no_comparison": refusal_words.sentence(refusal), "change_class": "", "lines": []}
    except (
        KeyError,
        ValueError,
    ):  # Rows that a file check lists as problems may not read as a policy.
        return {"no_comparison": _("Mend the problems first."), "change_class": "", "lines": []}
    in_force = selectors.policy_in_force(version.service)
    old, new = selectors.policy_values(in_force), selectors.policy_values(version)  # type: ignore[arg-type]
    return {
        "lines": diff_words.lines(difference, old, new),
        "change_class": policy_version.class_of(version, difference),
        "consent_purposes": diff_words.consent_purposes(difference, new),
        "needs_consent": difference.needs_consent,
        "in_force": in_force,
    }


def _earliest(version: PolicyVersion, change_class: str, now: datetime) -> dict[str, Any]:
    if not change_class:
        return {}
    earliest = policy_version.earliest_day(version, change_class, now=now)
    words = str(EARLIEST[change_class]) % {"day": date_format(earliest, "DATE_FORMAT")}
    return {"earliest": earliest, "earliest_words": words}


def _consequences(version: PolicyVersion, now: datetime) -> dict[str, Any]:
    extra = extras([version])[version.pk]
    return {
        "people": audience.people(version.service),
        "notice_by": extra.notice_by,
        "day": version.effective_on,
        "is_late": _is_late(version, now),
        "mails": _mails(version, now),
        "missing_texts": _missing(version, extra),
        "has_ready_text": any(extra.texts.values()),
        "reasons": version.change_reasons,
    }


def _mails(version: PolicyVersion, now: datetime) -> list[tuple[str, previews.Mail]]:
    """Return (language in words, message) in every language people are written to."""
    return [
        (policy_show.language_words(mail.language), mail) for mail in previews.mails(version, now)
    ]


def _is_late(version: PolicyVersion, now: datetime) -> date | None:
    """Return the earliest day that is possible now, if the planned one cannot be met any more."""
    earliest = policy_version.earliest_day(version, version.change_class, now=now)
    return earliest if version.effective_on and version.effective_on < earliest else None


def _missing(version: PolicyVersion, extra: Extra) -> list[str]:
    texts = languages(version, extra.texts)
    return [policy_show.language_words(language) for language, ready in texts.items() if not ready]

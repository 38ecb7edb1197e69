"""What an officer does with a request, one page for each step: assign, prove, ask, extend, correct, answer, refuse."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from compliance import bell
from compliance.roles import may
from members import request_texts, words
from members.actions import (
    consent_for,
    data_copy,
    erasure,
    rectification,
    request_reading,
    rights_request,
)
from members.actions.rights_request import NotPossible
from members.admin import request_forms as forms
from members.admin.people_list import policy_of
from members.admin.person_page import item_names
from members.imports.words import WORDS
from members.models import RequestMessage, RightsRequest
from members.rules.import_values import ValueRefused

Kind = RightsRequest.Kind
TO_SEE = (Kind.ACCESS, Kind.TRANSACTION_ACCESS)
ANSWERED_ELSEWHERE = (Kind.ENQUIRY, Kind.COMPLAINT)  # They have a page of their own.
REFUSALS: dict[str, Any] = {
    "closed": _("This request is closed already."),
    "not_later": _("Choose a later day than the one that counts now."),
    "identity_not_checked": _("First note how you made sure that the right person asks."),
    "items_missing": _("Give the right value of every item."),
    "not_held": _("This value is not held any more."),
    "changed_meanwhile": _("The record was changed meanwhile. Look again."),
    "reason_unknown": _("Choose a reason."),
}


@dataclass(frozen=True)
class Step:
    """One step: who may take it, its words, its form, and what it does with the cleaned form."""

    permission: str
    label: Any
    said: Any
    form: type[forms.Step]
    act: Callable[[RightsRequest, Any, Any], None]
    kinds: tuple[str, ...] = ()  # Empty: all kinds.


def _assign(asked: RightsRequest, form: Any, actor: Any) -> None:
    rights_request.assign(asked, form.cleaned_data["to"], actor=actor, now=timezone.now())


def _identity(asked: RightsRequest, form: Any, actor: Any) -> None:
    rights_request.check_identity(asked, form.cleaned_data["how"], actor=actor, now=timezone.now())


def _ask(asked: RightsRequest, form: Any, actor: Any) -> None:
    rights_request.ask_back(asked, form.cleaned_data["text"], actor=actor, now=timezone.now())


def _note(asked: RightsRequest, form: Any, actor: Any) -> None:
    rights_request.comment(asked, form.cleaned_data["text"], actor=actor, now=timezone.now())


def _extend(asked: RightsRequest, form: Any, actor: Any) -> None:
    cleaned = form.cleaned_data
    rights_request.extend(
        asked, cleaned["until"], cleaned["reason"], actor=actor, now=timezone.now()
    )


def _correct(asked: RightsRequest, form: Any, actor: Any) -> None:
    now, values = timezone.now(), {}
    if asked.subject is None:
        raise NotPossible("not_held")
    for item, text in form.values().items():
        try:
            values[item] = rectification.checked(asked.subject, item, text, now=now)
        except ValueRefused as refused:
            said = str(WORDS.get(refused.code, WORDS["already_in_use"]))
            form.add_error(item, said % dict(refused.params) if refused.params else said)
    if not form.errors:
        rectification.decide(asked, values, actor=actor, now=now)


def _answer(asked: RightsRequest, form: Any, actor: Any) -> None:
    text = form.cleaned_data["text"]
    if asked.kind in TO_SEE:
        data_copy.hand_over(asked, text=text, actor=actor, now=timezone.now())
        bell.nudge("copies.write")
    else:
        rights_request.close(asked, text=text, actor=actor, now=timezone.now())


def _refuse(asked: RightsRequest, form: Any, actor: Any) -> None:
    cleaned = form.cleaned_data
    rights_request.refuse(
        asked, cleaned["reason"], text=cleaned["text"], actor=actor, now=timezone.now()
    )


def _withdraw(asked: RightsRequest, form: Any, actor: Any) -> None:
    keys = form.cleaned_data["consents"]
    consent_for.withdraw(asked, keys, actor=actor, now=timezone.now())


def _erase(asked: RightsRequest, form: Any, actor: Any) -> None:
    erasure.carry_out(asked, actor=actor, now=timezone.now())
    bell.nudge("retention.destroy")


HANDLE, DECIDE = "requests.handle", "requests.decide"
WITH_OWN_STEP = (Kind.RECTIFICATION, Kind.ERASURE, *TO_SEE)
OTHERS = tuple(kind for kind in Kind.values if kind not in WITH_OWN_STEP)
STEPS: dict[str, Step] = {
    "correct": Step(
        DECIDE,
        _("Correct the value"),
        _("Corrected. The stop is lifted and the person is told."),
        forms.CorrectForm,
        _correct,
        (Kind.RECTIFICATION,),
    ),
    "copy": Step(
        DECIDE,
        _("Prepare a copy"),
        _("The copy is being made. The person gets a message and takes it after signing in."),
        forms.AnswerForm,
        _answer,
        TO_SEE,
    ),
    "withdraw": Step(
        DECIDE,
        _("Take consents back"),
        _("Taken back, counted from now on. The person gets a confirmation."),
        forms.WithdrawForm,
        _withdraw,
        (Kind.CONSENT_WITHDRAWAL,),
    ),
    "erase": Step(
        DECIDE,
        _("Destroy what is past its period"),
        _("The next run destroys it, with a certificate. The person gets the list."),
        forms.ConfirmForm,
        _erase,
        (Kind.ERASURE,),
    ),
    "answer": Step(
        DECIDE,
        _("Answer"),
        _("Answered. The person gets a message."),
        forms.AnswerForm,
        _answer,
        OTHERS,
    ),
    "refuse": Step(
        DECIDE,
        _("Refuse"),
        _("Refused. The person is told the reason and how to object."),
        forms.RefuseForm,
        _refuse,
    ),
    "assign": Step(HANDLE, _("Assign"), _("Assigned."), forms.AssignForm, _assign),
    "identity": Step(HANDLE, _("Note the identity"), _("Noted."), forms.IdentityForm, _identity),
    "ask": Step(
        HANDLE,
        _("Ask for more"),
        _("Asked. The person gets a message; the due day stays."),
        forms.TextForm,
        _ask,
    ),
    "extend": Step(
        HANDLE,
        _("Extend with a reason"),
        _("Extended. The person is told until when, and why."),
        forms.ExtendForm,
        _extend,
    ),
    "note": Step(HANDLE, _("Add a note"), _("Noted."), forms.TextForm, _note),
}


def urls(page: Any) -> list[Any]:
    """The addresses of all steps, guarded as every page of the office."""

    def guarded(view: Any) -> Any:
        return page.admin_site.admin_view(view)

    def one(name: str) -> Any:
        return lambda request, pk: take(request, page, pk, name)

    found = [
        path(f"<int:pk>/{name}/", guarded(one(name)), name=f"members_rightsrequest_{name}")
        for name in STEPS
    ]
    reading = guarded(lambda request, pk: read(request, page, pk))
    return [*found, path("<int:pk>/texts/", reading, name="members_rightsrequest_texts")]


def links(request: HttpRequest, asked: RightsRequest) -> list[tuple[Any, str]]:
    """The steps that fit the request and that this officer may take, the decision first."""
    if asked.kind in ANSWERED_ELSEWHERE:
        return [(_("Read and answer"), reverse("admin:members_enquiry_change", args=[asked.pk]))]
    if asked.state not in rights_request.OPEN:
        return []
    return [
        (step.label, _url(name, asked.pk))
        for name, step in STEPS.items()
        if _fits(step, asked) and may(request.user, step.permission, asked.service)  # type: ignore[arg-type]
    ]


def parts(request: HttpRequest, asked: RightsRequest) -> dict[str, Any]:
    """How many texts there are, and whether this officer may open them."""
    return {
        "texts_count": RequestMessage.objects.filter(request=asked).count(),
        "texts_url": _url("texts", asked.pk)
        if may(request.user, HANDLE, asked.service)  # type: ignore[arg-type]
        else "",
    }


@sensitive_post_parameters()
def take(request: HttpRequest, page: Any, pk: int, name: str) -> HttpResponse:
    """GET shows the form of a step; POST takes it, or says why not."""
    step = STEPS[name]
    asked = _asked(request, page, pk, step.permission)
    back = _url("change", pk)
    if not _fits(step, asked):
        raise Http404
    form = step.form(
        request.POST if request.method == "POST" else None,
        asked=asked,
        account=request.user,  # type: ignore[arg-type]
        **(_items(asked) if name == "correct" else {}),
    )
    if request.method == "POST" and form.is_valid():
        try:
            step.act(asked, form, request.user)
        except NotPossible as error:
            form.add_error(None, REFUSALS.get(str(error), str(error)))
        if not form.errors:
            messages.success(request, step.said)
            bell.nudge("deliveries.send")
            return HttpResponseRedirect(back)
    more = {"form": form, "button": step.label, "asked": asked, "step": name}
    if name == "erase":
        more["fates"] = _fates(asked)
    title = _("%(step)s: request %(reference)s") % {
        "step": step.label,
        "reference": asked.reference,
    }
    return page.step_page(request, "request_step", title, back, more)


def read(request: HttpRequest, page: Any, pk: int) -> HttpResponse:
    """POST: show what was written about a request; that it was shown is recorded."""
    asked = _asked(request, page, pk, HANDLE)
    back = _url("change", pk)
    if request.method != "POST":
        return HttpResponseRedirect(back)
    texts = request_reading.read(asked, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    policy = policy_of(asked.service)
    title = _("What was written: request %(reference)s") % {"reference": asked.reference}
    shown = [(one, _proposed(policy, one)) for one in texts]
    return page.step_page(request, "request_texts", title, back, {"texts": shown, "asked": asked})


def _proposed(policy: Any, text: request_texts.Text) -> list[tuple[str, str]]:
    given = text.values.get("proposed") or {}
    return [(item_names(policy, [item])[0], value) for item, value in given.items() if value]


def _items(asked: RightsRequest) -> dict[str, Any]:
    policy = policy_of(asked.service)
    proposed: dict[str, str] = {}
    for text in request_texts.of_request(asked, roles=(RequestMessage.Role.BODY,)):
        proposed |= text.values.get("proposed") or {}
    labels = [(item, item_names(policy, [item])[0]) for item in asked.items]
    return {"labels": labels, "proposed": proposed}


def _fates(asked: RightsRequest) -> list[dict[str, Any]]:
    """What would go and what stays, by kind of record, for the page that confirms it."""
    policy = policy_of(asked.service)
    found: dict[tuple[str, Any, bool], int] = {}
    if asked.subject is None or policy is None:
        return []
    for fate in erasure.preview(asked.subject, now=timezone.now()):
        key = (words.record_class(policy, fate.record.record_class), fate.last_day, fate.goes)
        found[key] = found.get(key, 0) + 1
    return [
        {"name": name, "last_day": words.last_day(day), "goes": goes, "count": n}
        for (name, day, goes), n in found.items()
    ]


def _fits(step: Step, asked: RightsRequest) -> bool:
    """A membership ends by itself, step by step; an enquiry is answered on its own page."""
    elsewhere = asked.kind in (Kind.MEMBERSHIP_WITHDRAWAL, *ANSWERED_ELSEWHERE)
    return not elsewhere and (not step.kinds or asked.kind in step.kinds)


def _asked(request: HttpRequest, page: Any, pk: int, permission: str) -> RightsRequest:
    found: RightsRequest = page.get_object(request, str(pk))
    if not may(request.user, permission, found.service):  # type: ignore[arg-type]
        raise PermissionDenied
    return found


def _url(name: str, pk: int) -> str:
    return reverse(f"admin:members_rightsrequest_{name}", args=[pk])

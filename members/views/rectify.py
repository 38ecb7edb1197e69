"""Change a value of one's own, or say that one is wrong (MIK-7.1a, MIK-7.2, LEJ-RGT-1, LEJ-RGT-4, LMK-2d)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from compliance.bell import nudge
from compliance.models import Service
from members import gate, receivers, request_forms, sessions, words
from members.actions import new_address, rectification, rights_request
from members.actions.rights_request import NotPossible
from members.forms import CodeForm
from members.models import RightsRequest
from members.request_forms import ChangeForm, DisputeForm
from members.rules import requests as rule
from members.rules.import_values import ValueRefused
from members.views import code_brake, errors, pages, sign_in

reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])
LETTERS = "deliveries.send"


@reads_or_posts
@sensitive_post_parameters("value")
@pages.for_oneself
def change(request: HttpRequest, service: Service, record: UUID, item: str) -> HttpResponse:
    """Show the value in a form (GET), or change it at once (POST); a new e-mail address is proved by a code first."""
    place = _place(request, service, record, item)
    if not place["may_change"]:
        return HttpResponseRedirect(reverse("members:dispute", args=[service.slug, record, item]))
    if item in rectification.SIGN_IN_ITEMS and not sessions.is_fresh(request, now=timezone.now()):
        return sign_in.prove_again(request, service, then=request.path)
    sent = request.POST if request.method == "POST" else None
    if pages.is_language_switch(request):
        sent = None
    form = ChangeForm(
        sent,
        item=item,
        label=_("New value"),
        initial={"value": request.POST.get("value", place["value"])},
    )
    if form.is_bound and form.is_valid():
        try:
            return _changed(request, service, record, item, place, form.cleaned_data["value"])
        except ValueRefused as refused:
            form.add_error("value", request_forms.reason(refused))
        except NotPossible as error:
            return _not_done(request, service, error)
    return pages.show(request, "members/change.html", service=service, form=form, **place)


@require_POST
@sensitive_post_parameters("code", "claim")
@pages.for_oneself
def confirm_address(request: HttpRequest, service: Service) -> HttpResponse:
    """Take the code that was sent to a new e-mail address; the right one changes the address at once."""
    claim, form = request.POST.get("claim", ""), CodeForm(request.POST)
    if not pages.is_language_switch(request) and form.is_valid():
        try:
            answer = new_address.confirm(
                request.subject,
                claim,
                form.cleaned_data["code"],
                keep_session=request.session.session_key or "",
                now=timezone.now(),
            )
        except NotPossible as error:
            return _not_done(request, service, error)
        if answer.request is not None:
            nudge(LETTERS)
            return _to_data(request, service, _("Your new e-mail address counts from now on."))
        form.add_error("code", _code_refused(answer))
    return _ask_code(request, service, claim, form)


@reads_or_posts
@sensitive_post_parameters("text", "value")
@pages.for_oneself
def dispute(request: HttpRequest, service: Service, record: UUID, item: str) -> HttpResponse:
    """Ask what is wrong (GET), or stop the use of the item from this second until an officer has decided (POST)."""
    place = _place(request, service, record, item)
    switching = pages.is_language_switch(request)
    form = DisputeForm(
        request.POST if request.method == "POST" and not switching else None,
        initial=request.POST.dict(),
    )
    if not (form.is_bound and form.is_valid()):
        return pages.show(request, "members/dispute.html", service=service, form=form, **place)
    try:
        asked = rights_request.receive(
            request.subject,
            RightsRequest.Kind.RECTIFICATION,
            channel=RightsRequest.Channel.WEB,
            items=[item],
            text=form.cleaned_data["text"],
            more={"record": record.hex, "proposed": {item: form.cleaned_data["value"]}},
            identity=RightsRequest.Identity.SIGNED_IN,
            language=get_language() or "",
            actor=None,
            now=timezone.now(),
        )
    except NotPossible as error:
        return _not_done(request, service, error)
    nudge(LETTERS)
    messages.success(
        request, _("This is not used from now on until it is settled. You get a message about it.")
    )
    return HttpResponseRedirect(reverse("members:request", args=[service.slug, asked.reference]))


def _changed(
    request: HttpRequest,
    service: Service,
    record: UUID,
    item: str,
    place: dict[str, Any],
    text: str,
) -> HttpResponse:
    """Change what differs. Raises ``ValueRefused`` and ``NotPossible``."""
    now = timezone.now()
    # Codes to strangers and guesses at the login IDs of others both end here.
    blocked = item in rectification.SIGN_IN_ITEMS and code_brake.blocked_until(request, now=now)
    if blocked:
        return errors.too_many(request, service=service, until=blocked)
    value = rectification.checked(request.subject, item, text, now=now)
    if value == place["value"]:
        return _to_data(
            request, service, _("Nothing was changed: the value is the same as before.")
        )
    if item == rule.EMAIL:
        claim = new_address.ask(
            request.subject, record, value, language=get_language() or "", now=now
        )
        nudge(LETTERS)
        return _ask_code(request, service, claim, CodeForm())
    rectification.change_own(
        request.subject,
        record,
        item,
        value,
        keep_session=request.session.session_key or "",
        now=now,
    )
    return _to_data(
        request, service, _("The new value counts from now on; the old one is destroyed.")
    )


def _place(request: HttpRequest, service: Service, record: UUID, item: str) -> dict[str, Any]:
    """What both pages show of an item. Another person's reads like one that does not exist: 404."""
    subject = request.subject
    try:
        one = rectification.held(subject, record, item)
    except NotPossible:
        raise Http404 from None
    policy = gate.policy_for(service, timezone.now())
    value = gate.own_values(subject, [one]).get(one.pk, {}).get(item)
    told = receivers.companies(policy, subject.kind, item)
    return {
        "record": record,
        "item": item,
        "label": words.item(policy, item),
        "value": value,
        "may_change": rule.may_change(policy, subject.kind, item) and isinstance(value, str),
        "told": _told(told) if told else "",
        "is_shown": receivers.is_shown(policy, subject.kind, item),
        "is_email": item == rule.EMAIL,
    }


def _told(companies: int) -> str:
    return ngettext(
        "The policy lets %(n)d company have this value. If it was given it, it is told the new one.",
        "The policy lets %(n)d companies have this value. Those that were given it are told the new one.",
        companies,
    ) % {"n": companies}


def _ask_code(request: HttpRequest, service: Service, claim: str, form: CodeForm) -> HttpResponse:
    address = new_address.address_in(claim)
    if not address:
        return _to_data(
            request, service, _("This took longer than 10 minutes. Enter the new address again.")
        )
    return pages.show(
        request,
        "members/new_address.html",
        service=service,
        form=form,
        claim=claim,
        address=address,
    )


def _code_refused(answer: new_address.Answer) -> str:
    if answer.reason == "taken":
        return _("Another membership uses this address. Enter a different one.")
    if answer.reason == "wrong":
        return ngettext(
            "This code is not right. %(left)d try left.",
            "This code is not right. %(left)d tries left.",
            answer.tries_left,
        ) % {"left": answer.tries_left}
    return _("This code no longer works. Enter the new address again.")


def _not_done(request: HttpRequest, service: Service, error: NotPossible) -> HttpResponse:
    said = {
        "changed_meanwhile": _("This was changed in another place meanwhile. Look at it again."),
        "left": _("Your data is being closed, so that nothing can be changed any more."),
    }
    messages.error(request, said.get(str(error), _("This is not held any more.")))
    return HttpResponseRedirect(reverse("members:data", args=[service.slug]))


def _to_data(request: HttpRequest, service: Service, said: str) -> HttpResponse:
    messages.success(request, said)
    return HttpResponseRedirect(reverse("members:data", args=[service.slug]))

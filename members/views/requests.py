"""My requests: what was asked, how far it is, until when, and room to add something; and stopping a use (E10, E13)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from compliance.bell import nudge
from compliance.models import Service
from compliance.rules.policy_values import Policy
from members import gate, request_texts, request_words, words
from members.actions import rights_request
from members.models import DataSubject, Restriction, RightsRequest
from members.request_forms import CommentForm, StopForm
from members.views import pages

NEWEST = 100
EVERYTHING = "everything"
reads_or_posts = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@pages.for_oneself
def overview(request: HttpRequest, service: Service) -> HttpResponse:
    """Show the requests of the person, the newest first, with their state in words."""
    now = timezone.now()
    rows = RightsRequest.objects.filter(subject=request.subject).order_by("-received_at", "-pk")
    lines = [(row, request_words.stage(row, now)) for row in rows[:NEWEST]]
    return pages.show(request, "members/requests.html", service=service, lines=lines)


@reads_or_posts
@sensitive_post_parameters("text")
@pages.for_oneself
def one(request: HttpRequest, service: Service, reference: str) -> HttpResponse:
    """Show one request with everything written about it (GET), or add a comment (POST)."""
    mine = RightsRequest.objects.filter(subject=request.subject, service=service)
    found = get_object_or_404(mine, reference=reference)
    switching = pages.is_language_switch(request)
    form = CommentForm(
        request.POST if request.method == "POST" and not switching else None,
        initial=request.POST.dict(),
    )
    if form.is_bound and form.is_valid():
        return _add(request, service, found, form.cleaned_data["text"])
    now = timezone.now()
    policy = gate.policy_for(service, now)
    return pages.show(
        request,
        "members/request.html",
        service=service,
        form=form,
        asked=found,
        stage=request_words.stage(found, now),
        items=words.items(policy, found.items),
        refusal=request_words.refusal(found.refusal_reason),
        extension=request_words.extension(found.extension_reason),
        texts=request_texts.of_request(found, roles=request_texts.TO_THE_PERSON),
        is_open=found.state in rights_request.OPEN,
    )


@reads_or_posts
@pages.for_oneself
def stop(request: HttpRequest, service: Service) -> HttpResponse:
    """Show what can be stopped and what is stopped (GET), or stop it from this second (POST)."""
    policy = gate.policy_for(service, timezone.now())
    form = StopForm(
        request.POST if request.method == "POST" else None,
        choices=_choices(request.subject, policy),
    )
    wants_all = request.POST.get(EVERYTHING) == "yes"
    if request.method == "POST" and (wants_all or form.is_valid()):
        return _stop(request, service, [] if wants_all else form.cleaned_data["items"])
    holds = Restriction.objects.filter(subject=request.subject, ended_at=None, blocks_use=True)
    stopped = [
        (hold, words.items(policy, hold.items), _is_own(hold))
        for hold in holds.select_related("request").order_by("began_at")
    ]
    return pages.show(request, "members/stop.html", service=service, form=form, stopped=stopped)


@require_POST
@pages.for_oneself
def use_again(request: HttpRequest, service: Service, hold: int) -> HttpResponse:
    """End a stop that the person asked for; what an officer or a dispute stops ends otherwise."""
    mine = Restriction.objects.filter(subject=request.subject, ended_at=None)
    found = get_object_or_404(mine.select_related("request", "subject__service"), pk=hold)
    try:
        rights_request.take_back(found, now=timezone.now())
        messages.success(request, _("It is used again from now on."))
    except rights_request.NotPossible:
        messages.error(request, _("This stop is not one that you asked for here."))
    return HttpResponseRedirect(reverse("members:stop", args=[service.slug]))


def _add(request: HttpRequest, service: Service, found: RightsRequest, text: str) -> HttpResponse:
    try:
        rights_request.comment(found, text, actor=None, now=timezone.now())
        messages.success(request, _("Your comment was added."))
    except rights_request.NotPossible:
        messages.error(request, _("This request is closed. You can make a new one."))
    return HttpResponseRedirect(reverse("members:request", args=[service.slug, found.reference]))


def _stop(request: HttpRequest, service: Service, items: list[str]) -> HttpResponse:
    kind = RightsRequest.Kind
    try:
        asked = rights_request.receive(
            request.subject,
            kind.RESTRICTION if items else kind.OBJECTION,
            channel=RightsRequest.Channel.WEB,
            items=items,
            identity=RightsRequest.Identity.SIGNED_IN,
            language=get_language() or "",
            actor=None,
            now=timezone.now(),
        )
    except rights_request.NotPossible:
        return pages.to_sign_in(request, service)
    nudge("deliveries.send")
    messages.success(request, _("This is not used from now on. You get a message about it."))
    return HttpResponseRedirect(reverse("members:request", args=[service.slug, asked.reference]))


def _choices(subject: DataSubject, policy: Policy) -> list[tuple[str, str]]:
    held = {
        code for codes in subject.records.values_list("item_codes", flat=True) for code in codes
    }
    ordered = [row.code for row in policy.items if row.code in held]
    return [(code, words.item(policy, code)) for code in ordered]


def _is_own(hold: Restriction) -> bool:
    return hold.request is not None and hold.request.kind in rights_request.STOPS

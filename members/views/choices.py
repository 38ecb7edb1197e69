"""The consent centre: every question on its own, two equal answers, changed as easily as given (MIK-8.2, X-ALL-12)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance.models import Service
from compliance.selectors import policy_in_force
from members import acting, choices, gate
from members.actions import choices as action
from members.actions import choices_mail
from members.choices import Line
from members.views import pages

ANSWERS = {"agree": True, "disagree": False}


@require_http_methods(["GET", "HEAD", "POST"])
@pages.for_oneself
def page(request: HttpRequest, service: Service) -> HttpResponse:
    """Show the questions with the answers that count (GET), or save those that differ (POST)."""
    policy = gate.policy_for(service, timezone.now())
    lines = choices.lines(request.subject, policy)
    if request.method == "POST":
        return _save(request, service, lines)
    return pages.show(
        request,
        "members/choices.html",
        service=service,
        lines=lines,
        history=choices.history(request.subject, policy),
    )


def _save(request: HttpRequest, service: Service, lines: Sequence[Line]) -> HttpResponse:
    now = timezone.now()
    try:
        changed = action.change(
            request.subject,
            _wanted(request, lines),
            lines=lines,
            version=policy_in_force(service),
            asked_by=acting.asked_by(request),
            language=get_language(),
            actor=acting.actor(request),
            now=now,
        )
    except action.NotPossible:
        return pages.to_sign_in(request, service)
    if changed:
        choices_mail.plan(request.subject, changed, lines=lines, now=now)
    messages.success(request, _said(len(changed)))
    return HttpResponseRedirect(reverse("members:choices", args=[service.slug]))


def _wanted(request: HttpRequest, lines: Sequence[Line]) -> dict[str, bool]:
    """Yes or no by question: the same to all by one button, else what was chosen for each."""
    to_all = ANSWERS.get(request.POST.get("all", ""))
    if to_all is not None:
        return {line.choice.key: to_all for line in lines}
    chosen = {line.choice.key: request.POST.get(line.choice.key, "") for line in lines}
    return {key: ANSWERS[answer] for key, answer in chosen.items() if answer in ANSWERS}


def _said(changed: int) -> str:
    if not changed:
        return _("Nothing was changed: your answers are the same as before.")
    return ngettext(
        "%(count)d answer was saved and counts from now on. You get a confirmation by e-mail.",
        "%(count)d answers were saved and count from now on. You get a confirmation by e-mail.",
        changed,
    ) % {"count": changed}

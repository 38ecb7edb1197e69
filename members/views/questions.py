"""The questions of a new version: each with two equal answers, nothing chosen beforehand, and time to think.

Source: KRN-4.3, MIK-11.1, X-KRN-3: whoever does not answer keeps the old scope and is not led here again.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from compliance.models import Service
from compliance.selectors import policy_values
from members import acting, questions
from members.actions import choices as choices_action
from members.actions import choices_mail
from members.actions import questions as action
from members.models import DataSubject
from members.questions import Sheet
from members.views import pages

ANSWERS = {"agree": True, "disagree": False}
LATER = "later"


def first_page(service: Service, subject: DataSubject) -> str:
    """Return where a visit begins: at the questions while some wait, else at the account."""
    name = "questions" if questions.is_due(subject) else "account"
    return reverse(f"members:{name}", args=[service.slug])


@require_http_methods(["GET", "HEAD", "POST"])
@pages.for_oneself
def page(request: HttpRequest, service: Service) -> HttpResponse:
    """Show what is asked anew (GET), save answers, or leave all of it for later (POST)."""
    sheet = questions.sheet(request.subject)
    if request.method == "POST" and not pages.is_language_switch(request) and sheet:
        try:
            return _later(request, service, sheet) or _save(request, service, sheet)
        except choices_action.NotPossible:
            return pages.to_sign_in(request, service)
    return pages.show(request, "members/questions.html", service=service, sheet=sheet)


def _later(request: HttpRequest, service: Service, sheet: Sheet) -> HttpResponse | None:
    if request.POST.get("way") != LATER:
        return None
    action.put_off(
        request.subject, version=sheet.version, actor=acting.actor(request), now=timezone.now()
    )
    messages.success(
        request,
        _(
            "Nothing changed. The questions stay under My choices; we do not lead you to them again."
        ),
    )
    return _to_account(service)


def _save(request: HttpRequest, service: Service, sheet: Sheet) -> HttpResponse:
    now = timezone.now()
    chosen = {line.choice.key: request.POST.get(line.choice.key, "") for line in sheet.lines}
    changed = action.answer(
        request.subject,
        {key: ANSWERS[answer] for key, answer in chosen.items() if answer in ANSWERS},
        sheet=sheet,
        asked_by=acting.asked_by(request),
        language=get_language(),
        actor=acting.actor(request),
        now=now,
    )
    if not changed:
        messages.warning(request, _("No answer was chosen, so nothing changed."))
        return HttpResponseRedirect(reverse("members:questions", args=[service.slug]))
    policy = policy_values(sheet.version)
    choices_mail.plan(request.subject, changed, lines=sheet.lines, policy=policy, now=now)
    words = ngettext("%(n)d answer was saved.", "%(n)d answers were saved.", len(changed))
    messages.success(request, words % {"n": len(changed)})
    return _to_account(service)


def _to_account(service: Service) -> HttpResponse:
    return HttpResponseRedirect(reverse("members:account", args=[service.slug]))

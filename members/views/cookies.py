"""Cookies: what is declared, and a choice about everything optional, for visitors and members alike (X-ALL-11)."""

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from compliance import own_cookies
from compliance.rules import cookies as rules
from compliance.rules.calendar import local_day
from compliance.rules.cookies import Answer
from members import cookie_help, cookies
from members.actions import choices
from members.actions import cookies as action
from members.cookies import Cookies, Declared
from members.views import pages


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, service: str) -> HttpResponse:
    """Show the declared cookies with the answers that count (GET), or save answers (POST)."""
    found = pages.live_service(service)
    state = cookies.read(request, found, pages.subject_at(request, found))
    shown = [cookies.declared(state.policy, kind, found) for kind in state.kinds if state.policy]
    if request.method != "POST":
        return _show(request, state, shown, saved="saved" in request.GET)
    answers = _wanted(request, state)
    if not answers:
        return _show(request, state, shown, nothing_chosen=True)
    try:
        return _save(request, state, shown, answers, once="visit" in request.POST)
    except choices.NotPossible:
        return pages.to_sign_in(request, found)


def _show(
    request: HttpRequest,
    state: Cookies,
    shown: Sequence[Declared],
    *,
    saved: bool = False,
    nothing_chosen: bool = False,
) -> HttpResponse:
    policy = state.policy
    response = pages.show(
        request,
        "members/cookies.html",
        service=state.service,
        state=state,
        shown=shown,
        own=list(own_cookies.of_people(state.service.slug)),
        needed=cookies.needed(policy, state.subject, state.service) if policy else [],
        clauses=cookies.clauses(policy) if policy else [],
        browsers=cookie_help.BROWSERS,
        written_on=cookie_help.WRITTEN_ON,
        saved=saved,
        nothing_chosen=nothing_chosen,
    )
    patch_vary_headers(response, ("Sec-GPC", "Cookie"))
    return response


def _wanted(request: HttpRequest, state: Cookies) -> dict[str, Answer]:
    """The answers of a form by kind: for this visit, for what is open, the same for all, or one by one."""
    open_only = not {"visit", "open"}.isdisjoint(request.POST)
    asked = state.open_kinds if open_only else state.kinds
    same = next(
        (request.POST[name] for name in ("visit", "open", "all") if name in request.POST), ""
    )
    chosen = [(kind, same or request.POST.get(f"cookie_{kind.row.code}", "")) for kind in asked]
    return {
        kind.row.code: Answer(answer) for kind, answer in chosen if answer in kind.answers_offered
    }


def _save(
    request: HttpRequest,
    state: Cookies,
    shown: Sequence[Declared],
    answers: Mapping[str, Answer],
    *,
    once: bool,
) -> HttpResponse:
    now = timezone.now()
    back = pages.inner_address(request)
    here = reverse("members:cookies", args=[state.service.slug])
    response = HttpResponseRedirect(back or f"{here}?saved")
    if state.subject is None:
        action.count(answers, version=state.version, day=local_day(now, state.service.timezone))
    else:
        write = action.answer_once if once else action.answer
        write(
            state.subject,
            answers,
            shown=shown,
            version=state.version,
            language=get_language() or "",
            now=now,
        )
    _remember(response, state, answers, on_account=state.subject is not None and not once)
    return response


def _remember(
    response: HttpResponse, state: Cookies, answers: Mapping[str, Answer], *, on_account: bool
) -> None:
    """Leave the answer in the browser until it closes; what is on the account needs no cookie."""
    visit = {kind.row.code: kind.this_visit for kind in state.kinds if kind.this_visit}
    kept = {code: answer for code, answer in visit.items() if code not in answers}
    if not on_account:
        kept |= answers
    name = own_cookies.choice_name(state.service.slug)
    if not kept:
        response.delete_cookie(name, samesite="Lax")
        return
    response.set_cookie(
        name,
        rules.encode(kept, [kind.row for kind in state.kinds]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )

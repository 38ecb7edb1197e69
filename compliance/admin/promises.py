"""The promise board: clause by clause, what is kept, and what a person has to attest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from compliance import obligations, promise_words, selectors
from compliance.actions import attestation, promise_check
from compliance.admin import menu
from compliance.admin.labels import status
from compliance.models import PromiseCheck, Service
from compliance.roles import may, services_of
from compliance.rules.policy_values import Policy
from compliance.rules.promises import derive_bindings
from compliance.schedule import BY_NAME, turn_of

ENTRY, WAITING = BY_NAME["promises.check"], PromiseCheck.Verdict.WAITING
REFUSALS = {
    "day_ahead": _("This day lies ahead."),
    "no_reference": _("Name the file or the number of the document, not a person or an address."),
}


class AttestForm(forms.Form):
    """Which measure, for which day, and where the proof lies."""

    control = forms.ChoiceField(label=_("Measure"), widget=forms.RadioSelect)
    attested_on = forms.DateField(
        label=_("In place on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    evidence_ref = forms.CharField(
        label=_("Where the proof lies"),
        max_length=120,
        help_text=_("A file number or the name of a document. No names of people."),
    )

    def __init__(self, *args: Any, controls: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["control"].choices = list(controls)  # type: ignore[attr-defined]


def board(request: HttpRequest) -> HttpResponse:
    """The board of one service, filtered by verdict on request."""
    services = list(services_of(request.user, "promises.view").order_by("name"))  # type: ignore[arg-type]
    service = _chosen(services, request.GET.get("service", ""))
    wanted = request.GET.get("verdict", "")
    wanted = wanted if wanted in promise_words.VERDICTS else ""
    rows = list(PromiseCheck.objects.filter(service=service, current=True)) if service else []
    version = selectors.policy_in_force(service) if service else None
    policy = selectors.policy_values(version) if version else None
    context = site.each_context(request) | {
        "title": _("Promise board"),
        "services": services,
        "service": service,
        "version": version,
        "verdict": wanted,
        "tabs": _tabs(rows, wanted),
        "sections": _sections(policy, rows, wanted, may_attest=_may_attest(request, service))
        if policy
        else [],
        "checked_at": max((row.checked_at for row in rows), default=None),
        "next_check": _next_check(timezone.now()),
    }
    return render(request, "admin/promises/board.html", context)


@require_POST
def check_now(request: HttpRequest, service: str) -> HttpResponse:
    """Look at every promise of a service now and write the verdicts down."""
    found = _service(request, service, "promises.view")
    report = promise_check.check_service(found, actor=request.user, now=timezone.now())  # type: ignore[arg-type]
    messages.success(
        request,
        _("%(count)d promises checked, %(changed)d changed.")
        % {"count": sum(report.counts.values()), "changed": report.changed},
    )
    return _to_board(found)


def attest(request: HttpRequest, service: str, code: str) -> HttpResponse:
    """Attest a measure behind a promise that waits for a person."""
    found = _service(request, service, "promises.attest")
    controls = _controls(found, code)
    if not controls:
        raise Http404
    form = AttestForm(request.POST or None, controls=controls, initial=_only(controls))
    if request.method == "POST" and form.is_valid() and _attested(request, found, code, form):
        messages.success(request, _("The attestation is recorded."))
        return _to_board(found)
    context = site.each_context(request) | {
        "title": _("Attest a measure"),
        "subtitle": code,
        "promise": obligations.get(code),
        "form": form,
        "service": found,
        "back": _board_url(found),
    }
    return render(request, "admin/promises/attest.html", context)


def _attested(request: HttpRequest, service: Service, code: str, form: AttestForm) -> bool:
    now = timezone.now()
    actor: Any = request.user
    try:
        attestation.attest(service, obligation=code, actor=actor, now=now, **form.cleaned_data)
    except attestation.AttestationRefused as refusal:
        reason = str(refusal)
        form.add_error(
            "attested_on" if reason == "day_ahead" else "evidence_ref", str(REFUSALS[reason])
        )
        return False
    promise_check.check_service(service, actor=actor, now=now)
    return True


def _service(request: HttpRequest, slug: str, permission: str) -> Service:
    found = Service.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    if not may(request.user, permission, found):  # type: ignore[arg-type]
        raise PermissionDenied
    return found


def _may_attest(request: HttpRequest, service: Service | None) -> bool:
    return service is not None and may(request.user, "promises.attest", service)  # type: ignore[arg-type]


def _chosen(services: list[Service], slug: str) -> Service | None:
    return next((one for one in services if one.slug == slug), services[0] if services else None)


def _board_url(service: Service) -> str:
    return f"{reverse('admin:promises')}?service={service.slug}"


def _to_board(service: Service) -> HttpResponse:
    return HttpResponseRedirect(_board_url(service))


def _next_check(now: datetime) -> datetime:
    return turn_of(ENTRY, now) + ENTRY.every


def _tabs(rows: list[PromiseCheck], wanted: str) -> list[dict[str, Any]]:
    counts = Counter(row.verdict for row in rows)
    tabs = [{"label": _("All"), "verdict": "", "count": len(rows), "is_current": not wanted}]
    for verdict, (_kind, words) in promise_words.VERDICTS.items():
        tabs.append(
            {
                "label": words,
                "verdict": verdict,
                "count": counts[verdict],
                "is_current": wanted == verdict,
            }
        )
    return tabs


def _sections(
    policy: Policy, rows: list[PromiseCheck], wanted: str, *, may_attest: bool
) -> list[dict[str, Any]]:
    """Clauses in the order of the policy, each with its promises; a promise stands under its first clause."""
    left = {row.code: row for row in rows if wanted in ("", row.verdict)}
    attestable = {
        one.obligation for one in derive_bindings(policy) if one.check == "control_attested"
    }
    sections = []
    for clause in policy.clauses:
        mine = [left.pop(code) for code in clause.obligations if code in left]
        if mine:
            lines = [
                _line(row, clause.title, can_attest=may_attest and row.code in attestable)
                for row in mine
            ]
            sections.append({"clause": clause.clause, "title": clause.title, "promises": lines})
    return sections


def _line(row: PromiseCheck, clause_title: str, *, can_attest: bool) -> dict[str, Any]:
    known = obligations.get(row.code)
    kind, words = promise_words.VERDICTS[row.verdict]
    return {
        "code": row.code,
        "title": known.title if known else clause_title,
        "text": known.promise if known else "",
        "status": status(kind, words),
        "since": row.since,
        "reasons": _reasons(row),
        "evidence": [_evidence(line) for line in row.evidence],
        "can_attest": can_attest and row.verdict in (WAITING, PromiseCheck.Verdict.KEPT),
    }


def _reasons(row: PromiseCheck) -> list[Any]:
    """Why the verdict is what it is, each reason once; only those that weigh as much as the verdict."""
    codes = [line.get("reason", "") for line in row.evidence if line.get("verdict") == row.verdict]
    return [promise_words.reason(code) for code in dict.fromkeys(codes) if code]


def _evidence(line: dict[str, Any]) -> dict[str, Any]:
    kind, words = promise_words.VERDICTS.get(line.get("verdict", ""), ("quiet", ""))
    return {
        "check": promise_words.check(line["check"])
        if line.get("check")
        else promise_words.reason(line["reason"]),
        "about": promise_words.subject_of(line),
        "clause": line.get("clause", ""),
        "status": status(kind, words) if words else format_html(""),
        "reason": promise_words.reason(line["reason"])
        if line.get("reason") and line.get("check")
        else "",
        "figures": promise_words.figures(line),
        "url": _url(line.get("page", "")),
    }


def _url(name: str) -> str:
    try:
        return reverse(name) if name else ""
    except NoReverseMatch:
        return ""


def _controls(service: Service, code: str) -> list[tuple[str, str]]:
    version = selectors.policy_in_force(service)
    if version is None:
        return []
    policy = selectors.policy_values(version)
    labels = {row.code: row.label for row in policy.controls}
    codes = [
        str(one.params["control"])
        for one in derive_bindings(policy)
        if one.obligation == code and one.check == "control_attested" and "control" in one.params
    ]
    return [(control, labels.get(control, control)) for control in dict.fromkeys(codes)]


def _only(controls: list[tuple[str, str]]) -> dict[str, str]:
    return {"control": controls[0][0]} if len(controls) == 1 else {}


menu.register_page(
    menu.Page(
        "promises/", board, "promises", "promises.view", "oversight", _("Promise board"), order=5
    )
)
menu.register_page(
    menu.Page("promises/<slug:service>/check/", check_now, "promises_check", "promises.view")
)
menu.register_page(
    menu.Page(
        "promises/<slug:service>/<str:code>/attest/", attest, "promises_attest", "promises.attest"
    )
)

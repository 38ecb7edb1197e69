"""Withdraw membership: one page that says what happens, one button, one page that confirms it.

My account, the card, Withdraw now: three clicks, no reason asked, nothing to write in (MIK-8.1a, MIK-8.2).
Who signed in more than 10 minutes ago types the password, or gets a code whose right answer carries it out.
"""

from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from compliance.models import Service
from compliance.register_words import said
from compliance.rules.policy_values import Policy
from members import gate, sessions, sign_in_name, words
from members.actions import withdrawal
from members.actions.password_sign_in import Tried
from members.models import MEMBER_KINDS, Withdrawal
from members.password_forms import ProofForm
from members.rules.leaving import MOVED, Part
from members.views import leaving, pages, password_entry, sign_in

NOT_TRIED = Tried()
KEPT = frozenset({"segregate", "hold", "keep"})


@dataclass(frozen=True)
class KeptLine:
    """Items kept after leaving, for what, until when and because of what (MIK-5.2b)."""

    title: str
    items: list[str]
    purposes: list[str]
    until: date | None
    reason: str
    law: str
    clause: str
    stated: bool
    digests_only: bool


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("current")
def page(request: HttpRequest, service: str) -> HttpResponse:
    """Show what leaving means (GET), or leave (POST). The second half of a double click arrives at the end too."""
    found = pages.live_service(service)
    if pages.subject_at(request, found) is None:
        return (
            leaving.to_last_page(found)
            if sessions.left(request)[0]
            else pages.to_sign_in(request, found)
        )
    if request.method != "POST":
        return _explain(request, found)
    if not sessions.is_fresh(request, now=timezone.now()):
        return _prove_first(request, found)
    return leaving.leave(request, found)


def _prove_first(request: HttpRequest, service: Service) -> HttpResponse:
    """Take the password and leave, or send a code to whoever typed none."""
    form = ProofForm(request.POST)
    if not (request.POST.get("current") and password_entry.has_one(request)):
        return sign_in.prove_again(request, service, then=leaving.THEN_WITHDRAW)
    tried = password_entry.prove(request, service, form)
    return (
        leaving.leave(request, service)
        if tried.subject
        else _explain(request, service, form, tried)
    )


@require_safe
def done(request: HttpRequest, service: str) -> HttpResponse:
    """Confirm a withdrawal made in this browser: reference, what is destroyed, what is kept until when."""
    found = pages.live_service(service)
    reference, kind = sessions.left(request)
    opened = Withdrawal.objects.filter(request__reference=reference, request__service=found).first()
    if not reference or opened is None:
        return HttpResponseRedirect(reverse("members:service", args=[found.slug]))
    policy = withdrawal.policy_of(opened)
    parts = withdrawal.parts_of(opened)
    return pages.show(
        request,
        "members/withdrawn.html",
        service=found,
        reference=reference,
        is_member=kind in MEMBER_KINDS,
        left_on=opened.left_on,
        destroyed=destroyed(policy, parts),
        kept=kept(policy, parts),
    )


def destroyed(policy: Policy, parts: tuple[Part, ...]) -> list[str]:
    """Name the items whose values are destroyed; of some a digest stays, which is named among what is kept."""
    stays = {code for part in parts if part.outcome in MOVED for code in part.items}
    gone = [code for part in parts if part.outcome not in MOVED for code in part.items]
    return words.items(policy, [code for code in gone if code not in stays])


def kept(policy: Policy, parts: tuple[Part, ...]) -> list[KeptLine]:
    """One line per rule and end, the earliest end first."""
    groups: dict[tuple[str, date | None, str], list[Part]] = {}
    for part in parts:
        if part.outcome in KEPT:
            groups.setdefault((part.rule, part.last_day, part.outcome), []).append(part)
    lines = [_kept_line(policy, rule, until, found) for (rule, until, _), found in groups.items()]
    return sorted(lines, key=lambda line: (line.until is None, line.until or date.max, line.title))


def _kept_line(policy: Policy, code: str, until: date | None, parts: list[Part]) -> KeptLine:
    rule = policy.retention_by_code.get(code)
    own = next((part for part in parts if part.record_id), parts[0])
    return KeptLine(
        title=said(rule.label) if rule else code,
        items=words.items(policy, [item for part in parts for item in part.items]),
        purposes=words.purposes(policy, rule.allowed_purposes) if rule else [],
        until=until,
        reason=str(words.KEPT_BECAUSE.get(own.reason, "")),
        law=said(rule.law) if rule else "",
        clause=own.clause,
        stated=own.stated,
        digests_only=own.outcome == "hold",
    )


def _explain(
    request: HttpRequest, service: Service, form: ProofForm | None = None, tried: Tried = NOT_TRIED
) -> HttpResponse:
    now = timezone.now()
    policy = gate.policy_for(service, now)
    parts = withdrawal.preview(request.subject, now=now)
    takes_password = password_entry.has_one(request) and not sessions.is_fresh(request, now=now)
    response = pages.show(
        request,
        "members/withdraw.html",
        service=service,
        destroyed=destroyed(policy, parts),
        kept=kept(policy, parts),
        asks_code=not sessions.is_fresh(request, now=now),
        form=(form or ProofForm()) if takes_password else None,
        sign_in_name=sign_in_name.of(request.subject) if takes_password else "",
    )
    return password_entry.braked(response, tried)

"""The policy of a service: in force now, on any day of the past, and each version on its own (MIK-0.1)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone, translation
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_safe

from compliance.models import PolicyVersion, Service
from compliance.register_words import said
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy, Recipient
from compliance.selectors import policy_in_force, policy_values, text_shown
from members import officers, words
from members.markdown import as_html
from members.views import pages

State = PolicyVersion.State
PUBLIC = (State.ANNOUNCED, State.IN_EFFECT, State.SUPERSEDED)


@dataclass(frozen=True)
class RecipientLine:
    """One recipient as the public list shows it."""

    name: str
    kind: str
    items: list[str]
    purposes: list[str]
    country: str
    stated: bool


@require_safe
def in_force(request: HttpRequest, service: str) -> HttpResponse:
    """The version in force, or with ``?on=2026-11-23`` the one that was in force on that local day."""
    found = pages.live_service(service)
    asked = request.GET.get("on", "").strip()
    day, is_wrong = _asked_day(asked)
    version = policy_in_force(found, on=day)
    if version is None and day is None:
        raise Http404
    return _page(request, found, version, asked=asked, day=day, is_wrong=is_wrong)


@require_safe
def version(request: HttpRequest, service: str, number: int) -> HttpResponse:
    """One published version by its number."""
    found = pages.live_service(service)
    return _page(request, found, get_object_or_404(published(found), number=number))


def published(service: Service) -> QuerySet[PolicyVersion]:
    """Versions that were ever shown to people, the newest first."""
    return service.versions.filter(state__in=PUBLIC).order_by("-effective_on", "-number")


def _page(
    request: HttpRequest,
    service: Service,
    found: PolicyVersion | None,
    *,
    asked: str = "",
    day: date | None = None,
    is_wrong: bool = False,
) -> HttpResponse:
    context = _contents(service, found) if found else {}
    return pages.show(
        request,
        "members/policy.html",
        service=service,
        version=found,
        versions=published(service),
        officers=officers.published(service),
        today=local_day(timezone.now(), service.timezone),
        asked=asked,
        asked_day=day,
        asked_wrong=is_wrong,
        **context,
    )


def _contents(service: Service, found: PolicyVersion) -> dict[str, object]:
    policy = policy_values(found)
    text = text_shown(found, translation.get_language() or "")
    return {
        "policy": policy,
        "text": text,
        "body": as_html(text.body) if text else "",
        "recipients": [_recipient(policy, row) for row in policy.recipients],
        "contacts": [row for row in policy.contacts if row.value],
        "is_other_language": bool(text) and text.language != translation.get_language(),
    }


def _recipient(policy: Policy, row: Recipient) -> RecipientLine:
    return RecipientLine(
        name=said(row.name),
        kind=str(words.RECIPIENT_KINDS.get(row.kind, row.kind)),
        items=words.items(policy, row.items),
        purposes=words.purposes(policy, row.purposes),
        country=row.country,
        stated=row.stated,
    )


def _asked_day(text: str) -> tuple[date | None, bool]:
    """The day of ``?on=``, and whether something else than a day was asked for."""
    if not text:
        return None, False
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    return day, day is None

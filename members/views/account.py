"""The page of oneself: what one can do, and what is held."""

from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from compliance.models import Service
from compliance.register_words import said
from compliance.rules.policy_values import Policy
from members import dormant_story, gate, receivers, selectors, story, words
from members.models import DataSubject, Restriction
from members.receivers import Receiver
from members.rules import requests
from members.views import pages, password


@dataclass
class Line:
    """One item on the page: its value and the sentences that explain it."""

    label: str
    value: str
    purposes: list[str]
    source: str
    kept: str
    clause: str
    law: str
    record: str
    item: str
    may_change: bool
    is_shown: bool
    stopped: str
    receivers: list[Receiver]


@dataclass
class Group:
    """Items that arose on one day in one way, under one heading."""

    title: str
    occurred_on: object
    lines: list[Line] = field(default_factory=list)


@require_safe
@pages.for_oneself
def overview(request: HttpRequest, service: Service) -> HttpResponse:
    """What a person can do here, as cards of the same size."""
    return pages.show(
        request,
        "members/account.html",
        service=service,
        takes_password=password.may_have(request, service),
    )


@require_safe
@pages.for_oneself
def data(request: HttpRequest, service: Service) -> HttpResponse:
    """Everything held about the person: value, why, from where, until when and by which clause."""
    now = timezone.now()
    policy = gate.policy_for(service, now)
    held = selectors.held_items(request.subject, now=now)
    stops = Stops(request.subject)
    return pages.show(
        request,
        "members/data.html",
        service=service,
        groups=_groups(policy, held, request.subject.kind, stops),
        stopped_all=stops.word(""),
        dormancy=dormant_story.of_person(request.subject, policy, now=now),
    )


class Stops:
    """Which items of a person are not used at present, and why; one query."""

    def __init__(self, subject: DataSubject) -> None:
        holds = Restriction.objects.filter(subject=subject, ended_at=None, blocks_use=True)
        self._grounds: dict[str, str] = {}
        for ground, items in holds.order_by("began_at").values_list("ground", "items"):
            self._grounds |= dict.fromkeys(items or [""], ground)

    def word(self, item: str) -> str:
        """Return the ground that stops an item (empty: everything), ``stopped`` for all others, or nothing."""
        ground = self._grounds.get(item, "")
        return ground if ground in ("", Restriction.Ground.DISPUTE) else "stopped"


def _groups(policy: Policy, held: list[selectors.HeldItem], kind: str, stops: Stops) -> list[Group]:
    places = {row.code: place for place, row in enumerate(policy.items)}
    found: dict[tuple[str, object], Group] = {}
    for one in sorted(held, key=lambda one: (one.occurred_on, places.get(one.code, len(places)))):
        key = (one.record_class, one.occurred_on)
        group = found.setdefault(key, Group(_title(policy, one.record_class), one.occurred_on))
        group.lines.append(_line(policy, one, kind, stops))
    return list(found.values())


def _line(policy: Policy, one: selectors.HeldItem, kind: str, stops: Stops) -> Line:
    rule = one.explanation.rule
    return Line(
        label=words.item(policy, one.code),
        value=words.value(one.value),
        purposes=words.purposes(policy, one.purposes),
        source=words.source(policy, one.source),
        kept=story.of(one.explanation),
        clause=one.explanation.clause,
        law=said(rule.law) if rule else "",
        record=one.record_id,
        item=one.code,
        may_change=requests.may_change(policy, kind, one.code) and isinstance(one.value, str),
        is_shown=receivers.is_shown(policy, kind, one.code),
        stopped=stops.word(one.code) or stops.word(""),
        receivers=receivers.of_item(policy, kind, one.code),
    )


def _title(policy: Policy, record_class: str) -> str:
    """Name a record class by its rule; the class that takes everything else needs plainer words."""
    rule = next((row for row in policy.retention if row.record_class == record_class), None)
    if rule and rule.trigger == "purpose_achieved":
        return _("Your account and its use")
    return words.record_class(policy, record_class)

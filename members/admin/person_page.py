"""The page of one person, tab by tab: what is held, agreed, asked, sent, and what would happen on leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from compliance.admin import history
from compliance.admin.labels import status
from compliance.register_words import said
from compliance.roles import may
from compliance.rules.policy_values import Policy
from members import choices, dormant_story, kept_apart, selectors, story, words
from members.actions import case_flag, withdrawal
from members.admin import fates
from members.admin.people_list import optional_purposes, policy_of, shown
from members.admin.reveal_source import button
from members.archive.models import ArchivedSubject
from members.models import CaseFlag, DataSubject, Delivery, Restriction, RightsRequest

TABS: dict[str, Any] = {
    "overview": gettext_lazy("Overview"),
    "data": gettext_lazy("Data held"),
    "consents": gettext_lazy("Consents"),
    "requests": gettext_lazy("Requests"),
    "retention": gettext_lazy("Retention"),
    "messages": gettext_lazy("Messages"),
    "timeline": gettext_lazy("Timeline"),
}
NEWEST = 100
ANSWERS = {"agreed": "good", "disagreed": "quiet", "withdrawn": "wait"}
STATUSES = {
    "joining": "wait",
    "active": "good",
    "restricted": "risk",
    "leaving": "wait",
    "withdrawn": "quiet",
    "dormant": "quiet",
}
DELIVERIES = {
    "pending": "wait",
    "sending": "wait",
    "sent": "good",
    "failed": "bad",
    "refused": "quiet",
    "unreachable": "risk",
    "cancelled": "quiet",
    "uncertain": "risk",
}
APART = (DataSubject.Status.DORMANT, DataSubject.Status.WITHDRAWN)
REQUESTS = {"open": "wait", "waiting": "wait", "done": "good", "refused": "quiet"}


@dataclass
class Group:
    """Items of one record, under one heading."""

    title: str
    occurred_on: Any
    lines: list[dict[str, Any]] = field(default_factory=list)


def person_status(person: DataSubject) -> Any:
    """The status label of a person."""
    return status(STATUSES[person.status], person.get_status_display())


def parts(request: HttpRequest, person: DataSubject, *, now: datetime) -> dict[str, Any]:
    """What the template needs: the tabs with their counts, and the rows of the open one."""
    asked = request.GET.get("tab", "overview")
    tab = asked if asked in TABS else "overview"
    policy = policy_of(person.service)
    return {"tab": tab, "tabs": _tabs(person, tab), "policy": policy, "person": person} | READERS[
        tab
    ](request, person, policy, now)


def summary(person: DataSubject, *, now: datetime) -> str:
    """One line about a person. Example: since when, how many optional consents, how many requests open."""
    beside = shown([person])[person.pk]
    since = words.day(person.joined_at.date())
    found = [_("Here since %(day)s") % {"day": since}]
    if beside.optional:
        agreed = _("%(agreed)d of %(all)d optional consents")
        found.append(agreed % {"agreed": beside.agreed, "all": beside.optional})
    found.append(
        ngettext("%(n)d open request", "%(n)d open requests", beside.open_requests)
        % {"n": beside.open_requests}
        if beside.open_requests
        else _("nothing open")
    )
    return ", ".join(found)


def _tabs(person: DataSubject, current: str) -> list[dict[str, Any]]:
    counts = {
        "data": person.records.count(),
        "requests": RightsRequest.objects.filter(subject=person).count(),
        "messages": Delivery.objects.filter(subject=person).count(),
    }
    return [
        {"code": code, "label": label, "count": counts.get(code), "is_current": code == current}
        for code, label in TABS.items()
    ]


def _overview(
    request: HttpRequest, person: DataSubject, policy: Policy | None, now: datetime
) -> dict[str, Any]:
    beside = shown([person])[person.pk]
    holds = Restriction.objects.filter(subject=person, ended_at=None).order_by("began_at")
    return {
        "facts": [
            (_("Number"), f"p_{person.public_id[:8]}"),
            (_("Kind"), person.get_kind_display()),
            (_("Service"), person.service.name),
            (_("Name"), beside.name or _("not held here")),
            (_("E-mail"), beside.email or _("not held here")),
            (_("Language"), person.language),
            (_("Source"), words.source(policy, person.source) if policy else person.source),
            (_("Policy agreed to"), _agreed_version(person, policy)),
            (_("Joined"), person.joined_at),
            (_("Last used"), person.last_used_at),
            (_("Left"), person.left_at or _("still here")),
        ],
        "holds": [_hold(policy, hold) for hold in holds],
        "cases": [_case(policy, case) for case in case_flag.in_force(person)],
        "may_hold": may(request.user, "holds.manage", person.service),  # type: ignore[arg-type]
        "may_see_case": may(request.user, "retention.view", person.service),  # type: ignore[arg-type]
    }


def _agreed_version(person: DataSubject, policy: Policy | None) -> str:
    """The version that binds this person; a later one in force holds only where they agreed to its parts."""
    if person.agreed_version is None:
        return _("never asked")
    number = person.agreed_version.number
    if policy is None or number >= policy.version:
        return _("version %(number)d") % {"number": number}
    return _("version %(number)d; what version %(newer)d adds holds only with an answer") % {
        "number": number,
        "newer": policy.version,
    }


def _hold(policy: Policy | None, hold: Restriction) -> dict[str, Any]:
    return {
        "hold": hold,
        "items": item_names(policy, hold.items) if hold.items else [_("everything")],
    }


def _case(policy: Policy | None, case: CaseFlag) -> dict[str, Any]:
    rule = policy.retention_by_code.get(case.rule_code) if policy else None
    return {
        "case": case,
        "items": item_names(policy, case.items),
        "rule": words.rule(policy, case.rule_code),
        "clause": rule.clause if rule else "",
    }


def item_names(policy: Policy | None, codes: list[str]) -> list[str]:
    """Names of items; codes where there is no policy."""
    return words.items(policy, codes) if policy else list(codes)


def _data(
    request: HttpRequest, person: DataSubject, policy: Policy | None, now: datetime
) -> dict[str, Any]:
    if policy is None:
        return {"groups": []}
    told = {"dormancy": dormant_story.of_person(person, policy, now=now), "newest": NEWEST}
    if person.status in APART:
        return told | {"groups": [], "kept": _kept(request, person, now), "records": 0}
    may_reveal = may(request.user, "members.reveal", person.service)  # type: ignore[arg-type]
    groups: dict[str, Group] = {}
    for one in selectors.masked_items(person, limit=NEWEST, now=now):
        title = words.record_class(policy, one.record_class)
        group = groups.setdefault(one.record_id, Group(title, one.occurred_on))
        group.lines.append(_line(policy, one, may_reveal=may_reveal))
    return told | {"groups": list(groups.values()), "records": person.records.count()}


def _kept(request: HttpRequest, person: DataSubject, now: datetime) -> list[kept_apart.Line]:
    """What lies apart about a dormant or withdrawn person, for those who may know of it."""
    if not may(request.user, "retention.view", person.service):  # type: ignore[arg-type]
        return []
    apart = ArchivedSubject.objects.filter(public_id=person.public_id).first()
    return kept_apart.of_person(apart, now=now) if apart else []


def _line(policy: Policy, one: selectors.HeldItem, *, may_reveal: bool) -> dict[str, Any]:
    label = words.item(policy, one.code)
    rule = one.explanation.rule
    return {
        "label": label,
        "value": button(one.record_id, one.code, one.value, label) if may_reveal else one.value,
        "purposes": words.purposes(policy, one.purposes),
        "source": words.source(policy, one.source),
        "kept": story.of(one.explanation),
        "law": said(rule.law) if rule else "",
    }


def _consents(
    request: HttpRequest, person: DataSubject, policy: Policy | None, now: datetime
) -> dict[str, Any]:
    current = list(person.consentstates.select_related("version").order_by("purpose", "channel"))
    answered = {row.purpose for row in current}
    events = person.consentevents.select_related("version").order_by("-answered_at", "-pk")[:NEWEST]
    return {
        "current": [_answer(policy, row) for row in current],
        "unanswered": len(optional_purposes(policy) - answered),
        "events": [_answer(policy, row) for row in events],
    }


def _answer(policy: Policy | None, row: Any) -> dict[str, Any]:
    purpose = choices.title(policy, row.purpose, "", "") if policy else row.purpose
    return {
        "row": row,
        "purpose": purpose,
        "label": status(ANSWERS[row.answer], row.get_answer_display()),
    }


def _requests(
    request: HttpRequest, person: DataSubject, policy: Policy | None, now: datetime
) -> dict[str, Any]:
    found = RightsRequest.objects.filter(subject=person).order_by("-received_at", "-pk")[:NEWEST]
    return {
        "requests": [
            {"row": row, "label": status(REQUESTS[row.state], row.get_state_display())}
            for row in found
        ],
        "may_open": may(request.user, "requests.view", person.service),  # type: ignore[arg-type]
    }


def _retention(
    request: HttpRequest, person: DataSubject, policy: Policy | None, now: datetime
) -> dict[str, Any]:
    if policy is None or person.status in ("leaving", "withdrawn"):
        return {"fates": None}
    table = fates.rows(policy, withdrawal.preview(person, now=now))
    return {"fates": table, "totals": fates.totals(table)}


def _messages(
    request: HttpRequest, person: DataSubject, policy: Policy | None, now: datetime
) -> dict[str, Any]:
    found = Delivery.objects.filter(subject=person).order_by("-created_at", "-pk")[:NEWEST]
    return {
        "sent": [
            {"row": row, "label": status(DELIVERIES[row.state], row.get_state_display())}
            for row in found
        ],
        "may_open": may(request.user, "deliveries.view", person.service),  # type: ignore[arg-type]
    }


def _timeline(
    request: HttpRequest, person: DataSubject, policy: Policy | None, now: datetime
) -> dict[str, Any]:
    return {"entries": history.timeline_of(person.public_id)}


READERS: dict[str, Callable[..., dict[str, Any]]] = {
    "overview": _overview,
    "data": _data,
    "consents": _consents,
    "requests": _requests,
    "retention": _retention,
    "messages": _messages,
    "timeline": _timeline,
}

"""Forecast: what will be destroyed, released and set apart in the next 24 months; month, day, rule."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.admin import site
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance import selectors
from compliance.admin.menu import Page, register_page
from compliance.models import Service
from compliance.roles import services_of
from members import forecast, words
from members.forecast import Forecast
from members.rules import forecast as rules
from members.rules.forecast import Line, Sum

COLOURS = 6  # The smaller series share the last one.
ACTS: dict[str, Any] = {
    "destroy": _("Destroyed"),
    "release": _("Digests destroyed"),
    "set_apart": _("Set apart"),
    "set_apart_if_told": _("Set apart, if the notice reaches them"),
    "end": _("Membership ends after dormancy"),
    "end_if_apart": _("Membership ends after dormancy, if set apart by then"),
    "destroy_if_ended": _("Destroyed, if a dormant membership has ended by then"),
    "release_if_ended": _("Digests destroyed, if a dormant membership has ended by then"),
}
DESTROYING = ("destroy", "release", "destroy_if_ended", "release_if_ended")
LINKS = (
    (_("Certificates"), "admin:compliance_certificate_changelist"),
    (_("Holds"), "admin:members_restriction_changelist"),
    (_("Records kept apart"), "admin:archive_archivedrecord_changelist"),
    (_("Rehearse a day"), "admin:rehearsal"),
)


def page(request: HttpRequest) -> HttpResponse:
    """The months; with `month` its days, with `day` the rules of one day."""
    services = list(services_of(request.user, "retention.view").order_by("name"))  # type: ignore[arg-type]
    service = _chosen(services, request.GET.get("service", ""))
    context = site.each_context(request) | {
        "title": _("Forecast"),
        "services": services,
        "service": service,
        "links": [(label, reverse(name)) for label, name in LINKS],
    }
    if service is not None:
        found = forecast.of_service(service, now=timezone.now())
        context |= _level(request, found)
    return render(request, "admin/records/forecast.html", context)


def _level(request: HttpRequest, found: Forecast) -> dict[str, Any]:
    day, month = _day(request, "day", ""), _day(request, "month", "-01")
    facts = {"found": found, "day": day, "month": month or (day and day.replace(day=1))}
    if day:
        return facts | {"lines": _lines(found, [line for line in found.lines if line.day == day])}
    if month:
        return facts | _bars(found, rules.by_day(rules.in_month(found.lines, month)))
    return facts | _bars(found, rules.by_month(found.lines, found.today, found.last))


def _bars(found: Forecast, sums: Sequence[Sum]) -> dict[str, Any]:
    """Rows with bars on one scale, and what the colours mean."""
    order = rules.series(found.lines)
    most = max((one.total for one in sums), default=0)
    rows = [
        {
            "sum": one,
            "pieces": [(_colour(n), start, size) for n, start, size in rules.bar(one, order, most)],
            "destroyed": one.of(*DESTROYING),
            "apart": one.of("set_apart", "set_apart_if_told"),
            "ended": one.of("end", "end_if_apart"),
            "cells": [one.by_series.get(pair, 0) for pair in order],
        }
        for one in sums
    ]
    legend = [(_colour(n), _series_words(pair)) for n, pair in enumerate(order)]
    has_ends = any(row["ended"] for row in rows)
    return {"rows": rows, "legend": legend, "has_ends": has_ends, "is_empty": most == 0}


def _colour(number: int) -> int:
    return min(number, COLOURS - 1)


def _series_words(pair: tuple[str, str]) -> str:
    act, clause = pair
    return f"{ACTS[act]}: {clause or '–'}"


def _lines(found: Forecast, lines: Sequence[Line]) -> list[dict[str, Any]]:
    version = selectors.policy_in_force(found.service)
    policy = selectors.policy_values(version) if version else None
    return [
        {
            "line": line,
            "act": ACTS[line.act],
            "rule": words.rule(policy, line.rule),
            "record_class": words.record_class(policy, line.record_class)
            if policy and line.record_class
            else line.record_class,
        }
        for line in lines
    ]


def _day(request: HttpRequest, name: str, rest: str) -> date | None:
    given = request.GET.get(name, "")
    if not given:
        return None
    try:
        return date.fromisoformat(f"{given}{rest}")
    except ValueError:
        raise BadRequest(f"{name} is no day") from None


def _chosen(services: Sequence[Service], slug: str) -> Service | None:
    return next((one for one in services if one.slug == slug), services[0] if services else None)


register_page(
    Page(
        route="forecast/",
        view=page,
        name="forecast",
        permission="retention.view",
        section="retention",
        label=_("Forecast"),
        order=10,
    )
)

"""Exact search for people: the value travels in the body of one request and stays nowhere.

What was found is a list of ids, kept in the session under a random token for fifteen minutes; the
address of the list carries the token only.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from compliance.keyring import blind_index
from compliance.models import Service
from members.models import DataSubject, Record

STORE = "people_found"
LIFETIME = timedelta(minutes=15)
KEPT_SEARCHES, KEPT_IDS = 5, 500
LONGEST = 254
NUMBER = re.compile(r"p_([0-9a-f]{8,32})|([0-9a-f]{32})")
DIGITS = re.compile(r"[\d\s()+./-]{7,}")
FIELDS_BY_LOOK = {
    "email": ("email", "login_id"),
    "digits": ("phone", "mobile", "order_number", "login_id"),
    "text": ("name", "login_id", "order_number"),
}


class SearchForm(forms.Form):
    """One box; the words beside it say what it takes."""

    value = forms.CharField(
        label=_("Find a person"),
        max_length=LONGEST,
        strip=True,
        help_text=_(
            "The whole name, log-in ID, e-mail address, telephone, order number, or a number such as p_7f3a9c12."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


def people_with(value: str, services: Iterable[Service]) -> list[int]:
    """Primary keys of people of some services who hold exactly this value, or have this number."""
    known = list(services)
    number = NUMBER.fullmatch(value.strip().lower())
    if number:
        rows = DataSubject.objects.filter(
            service__in=known, public_id__startswith=number.group(1) or number.group(2)
        )
        return list(rows.order_by("pk").values_list("pk", flat=True)[:KEPT_IDS])
    keys = [
        key
        for service in known
        for field in FIELDS_BY_LOOK[_look(value)]
        for key in blind_index.find(service.slug, field, value)
    ]
    rows = Record.objects.filter(pk__in=keys, subject__service__in=known)
    return list(
        rows.order_by("subject_id").values_list("subject_id", flat=True).distinct()[:KEPT_IDS]
    )


def _look(value: str) -> str:
    if "@" in value:
        return "email"
    return "digits" if DIGITS.fullmatch(value.strip()) else "text"


def remember(request: HttpRequest, ids: list[int], *, now: datetime) -> str:
    """Keep ids in the session and return their token; only the newest searches are kept."""
    token = secrets.token_urlsafe(12)
    kept = dict(
        sorted(_store(request).items(), key=lambda one: one[1]["at"])[-(KEPT_SEARCHES - 1) :]
    )
    request.session[STORE] = kept | {token: {"at": now.timestamp(), "ids": ids}}
    return token


def found_ids(request: HttpRequest, token: str, *, now: datetime) -> list[int]:
    """The ids of a token of this session that is not older than fifteen minutes, else none."""
    found = _store(request).get(token)
    if not found or now.timestamp() - found["at"] > LIFETIME.total_seconds():
        return []
    return list(found["ids"])


def _store(request: HttpRequest) -> dict[str, Any]:
    return dict(request.session.get(STORE, {}))

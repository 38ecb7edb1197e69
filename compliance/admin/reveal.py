"""Showing one masked value: a purpose from a clause, an entry in the ledger, sixty seconds.

This page knows no person and no key. An app that holds values registers a source:

    reveal.register("record", RecordSource())

The source names the service and the purposes, and unseals one value through its own gate, which
writes the ledger. There is no reveal of many values at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django import forms
from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance.models import Account
from compliance.roles import may

SECONDS = 60
PERMISSION = "members.reveal"


@dataclass(frozen=True)
class Purpose:
    """A reason the policy allows, with the clause that allows it."""

    code: str
    label: Any
    clause: str


@dataclass(frozen=True)
class Subject:
    """What a source says about a value before it is shown: nothing personal.

    `title` like `Member p_7f3a9c12`, `label` of the field, `service` slug, `back_url` to return to.
    """

    title: Any
    label: Any
    service: str
    back_url: str
    purposes: Sequence[Purpose]


class Refused(Exception):
    """The gate said no; the argument is a translated reason."""


class Source(Protocol):
    """What an app gives that holds values."""

    def describe(self, object_id: str, field: str) -> Subject | None:
        """About the value, or None if there is none. Reads, writes nothing."""

    def unseal(
        self, object_id: str, field: str, *, purpose: str, actor: Account, now: datetime
    ) -> str:
        """The value in clear, written to the ledger in the same transaction; raises Refused."""


_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Add a source under the name that addresses use."""
    _sources[name] = source


class PurposeForm(forms.Form):
    """Why the value has to be seen."""

    purpose = forms.ChoiceField(label=_("What do you need it for?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, purposes: Sequence[Purpose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(purpose.code, f"{purpose.label} ({purpose.clause})") for purpose in purposes]
        self.fields["purpose"].choices = choices  # type: ignore[attr-defined]


def reveal(request: HttpRequest, source: str, object_id: str, field: str) -> HttpResponse:
    """GET asks for the purpose; POST shows the value once, for sixty seconds."""
    subject = _allowed(request, source, object_id, field)
    form = PurposeForm(request.POST or None, purposes=subject.purposes)
    context = site.each_context(request) | {
        "title": _("Reveal one value"),
        "subject": subject,
        "form": form,
        "seconds": SECONDS,
    }
    if request.method != "POST" or not form.is_valid():
        return render(request, "admin/reveal.html", context)
    try:
        value = _sources[source].unseal(
            object_id,
            field,
            purpose=form.cleaned_data["purpose"],
            actor=request.user,  # type: ignore[arg-type]
            now=timezone.now(),
        )
    except Refused as refusal:
        form.add_error("purpose", str(refusal))
        return render(request, "admin/reveal.html", context, status=409)
    response = render(request, "admin/reveal.html", context | {"value": value})
    response["Refresh"] = f"{SECONDS}; url={subject.back_url}"
    response["Cache-Control"] = "no-store, private"
    return response


def _allowed(request: HttpRequest, source: str, object_id: str, field: str) -> Subject:
    """The subject, if it exists and the officer may reveal in its service; else 404 or 403."""
    if not may(request.user, PERMISSION):  # type: ignore[arg-type]
        raise PermissionDenied
    known = _sources.get(source)
    subject = known.describe(object_id, field) if known else None
    if subject is None or not may(request.user, PERMISSION, subject.service):  # type: ignore[arg-type]
        raise Http404
    return subject

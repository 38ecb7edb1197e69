"""What stands in a copy of one's data, and what is left out with the reason: a closed list (MIK-7.1a, LEJ-RGT-1)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from compliance.register_words import said
from compliance.rules.policy_values import Policy
from members import choices, gate, request_texts, selectors, story, words
from members.models import DataSubject, Delivery, RightsRequest

Table = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Contents:
    """Tables of plain values by name, in the language in use; `left_out` says what is not here, and why."""

    service: str
    made_at: str
    tables: Mapping[str, Table]
    left_out: Sequence[str]


def gather(subject: DataSubject, *, now: datetime) -> Contents:
    """Return everything held about a person that belongs into the copy; a constant number of queries."""
    policy = gate.policy_for(subject.service, now)
    return Contents(
        service=subject.service.name,
        made_at=_moment(now, policy),
        tables={
            "items": _items(subject, policy, now),
            "answers": _answers(subject, policy),
            "requests": _requests(subject, policy),
            "request_texts": _request_texts(subject, policy),
            "messages": _messages(subject, policy),
        },
        left_out=_left_out(),
    )


def _items(subject: DataSubject, policy: Policy, now: datetime) -> Table:
    return [
        {
            "item": words.item(policy, one.code),
            "value": words.value(one.value) if isinstance(one.value, Mapping) else one.value,
            "from": one.occurred_on.isoformat(),
            "source": words.source(policy, one.source),
            "purposes": words.purposes(policy, one.purposes),
            "kept": story.of(one.explanation),
            "clause": one.explanation.clause,
            "law": said(one.explanation.rule.law) if one.explanation.rule else "",
        }
        for one in selectors.held_items(subject, now=now)
    ]


def _answers(subject: DataSubject, policy: Policy) -> Table:
    return [
        {
            "question": question,
            "answer": str(event.get_answer_display()),
            "when": _moment(event.answered_at, policy),
            "version": event.version.number,
            "language": event.language,
            "text_sha256": event.text_hash,
        }
        for question, event in choices.history(subject, policy, limit=None)
    ]


def _requests(subject: DataSubject, policy: Policy) -> Table:
    return [
        {
            "reference": row.reference,
            "kind": str(row.get_kind_display()),
            "channel": str(row.get_channel_display()),
            "state": str(row.get_state_display()),
            "received": _moment(row.received_at, policy),
            "closed": _moment(row.closed_at, policy) if row.closed_at else "",
        }
        for row in RightsRequest.objects.filter(subject=subject).order_by("received_at", "pk")
    ]


def _request_texts(subject: DataSubject, policy: Policy) -> Table:
    """What the person and the office wrote to each other about requests, by request."""
    asked = list(RightsRequest.objects.filter(subject=subject).order_by("received_at", "pk"))
    texts = request_texts.of_requests(asked)
    return [
        {
            "reference": request.reference,
            "what": one.role_words,
            "written": _moment(one.written_at, policy),
            "text": one.text,
        }
        for request in asked
        for one in texts.get(request.pk, [])
    ]


def _messages(subject: DataSubject, policy: Policy) -> Table:
    return [
        {
            "kind": str(row.get_kind_display()),
            "state": str(row.get_state_display()),
            "written": _moment(row.created_at, policy),
        }
        for row in Delivery.objects.filter(subject=subject)
        .defer("sealed")
        .order_by("created_at", "id")
    ]


def _left_out() -> Sequence[str]:
    return [
        _(
            "Your password and other sign-in secrets: we hold only check values that nobody can read."
        ),
        _(
            "Digests for searching: they are made from the values in this copy and tell nothing more."
        ),
        _(
            "Notes of the office about how it worked on your requests: ask for them if you want them."
        ),
        _("Names of our staff: they are other people's data."),
        _("The record of proof: it holds no value about you, only codes, numbers and dates."),
    ]


def _moment(moment: datetime, policy: Policy) -> str:
    return localtime(moment, ZoneInfo(policy.timezone)).isoformat(timespec="seconds")

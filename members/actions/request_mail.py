"""The messages about a request: received, use stopped, more asked, later, answered, corrected, refused (E10, E13, E14).

They name the kind of the request and its items, never a value. An answer to a request may go to an address that is
itself under dispute; nothing else may.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import override

from members import request_words, words
from members.actions import delivery
from members.contacts import INTERFACE_LANGUAGES, language_of
from members.gate import policy_for
from members.models import Delivery, RightsRequest

RECEIVED, STOPPED, ASKED_BACK, EXTENDED = (
    "request_received",
    "use_stopped",
    "request_question",
    "request_extended",
)
ANSWERED, CORRECTED, REFUSED = "request_answered", "correction_done", "request_refused"
PURPOSE = "request_answer"
Kind = RightsRequest.Kind
STOPPING = (Kind.RECTIFICATION, Kind.RESTRICTION, Kind.OBJECTION)


def received(request: RightsRequest, *, now: datetime) -> Delivery | None:
    """Confirm that a request is here (E10), or that it stopped a use (E13); one message, never both."""
    return _plan(request, STOPPED if request.kind in STOPPING else RECEIVED, "", now)


def asked_back(request: RightsRequest, *, now: datetime) -> Delivery | None:
    """Say that a question waits for the person on the page of the request."""
    return _plan(request, ASKED_BACK, now.isoformat(), now)


def extended(request: RightsRequest, *, now: datetime) -> Delivery | None:
    """Say until when the answer comes now, and why it takes longer."""
    return _plan(request, EXTENDED, now.isoformat(), now)


def answered(request: RightsRequest, *, now: datetime) -> Delivery | None:
    """Say that the answer is there, or that the correction is done (E14)."""
    is_correction = request.kind == Kind.RECTIFICATION
    return _plan(request, CORRECTED if is_correction else ANSWERED, "", now)


def refused(request: RightsRequest, *, now: datetime) -> Delivery | None:
    """Say that it was not done, for which reason, and how to object (E14)."""
    return _plan(request, REFUSED, "", now)


def _plan(request: RightsRequest, event: str, nth: str, now: datetime) -> Delivery | None:
    subject = request.subject
    if subject is None:
        return None
    policy = policy_for(request.service, now)
    spoken = request.language if request.language in INTERFACE_LANGUAGES else ""
    language = spoken or language_of(subject, policy)
    with override(language):
        figures: dict[str, Any] = {
            "reference": request.reference,
            "kind": str(request.get_kind_display()),
            "is_dispute": request.kind == Kind.RECTIFICATION,
            "is_open": request.closed_at is None,
            "items": words.items(policy, request.items),
            "received_at": request.received_at.isoformat(),
            "stopped_at": now.isoformat(),
            "due_at": request.due_at.isoformat() if request.due_at else "",
            "extended_to": request.extended_to.isoformat() if request.extended_to else "",
            "extension": request_words.extension(request.extension_reason),
            "reason": request_words.refusal(request.refusal_reason),
        }
    return delivery.plan_receipt(
        subject,
        event,
        request.reference + nth,
        language=language,
        figures=figures,
        purpose=PURPOSE,
        now=now,
    )

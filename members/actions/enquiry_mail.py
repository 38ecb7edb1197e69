"""The messages about an enquiry or a complaint: received (E10), later, answered with the officer's text (E20).

To a known person through the gate, to a stranger at the address under seal with the case; without an e-mail address
nothing is sent, and the office answers by the way that was used. ``by_hand`` marks what an officer wrote.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from compliance import authorities
from members import request_texts
from members.actions import delivery
from members.contacts import INTERFACE_LANGUAGES, language_of
from members.gate import policy_for
from members.models import Delivery, RequestMessage, RightsRequest

RECEIVED, LATER, ANSWERED = "enquiry_received", "enquiry_later", "enquiry_answered"
PURPOSE = "request_answer"


def received(
    request: RightsRequest, contact: Mapping[str, str], *, now: datetime
) -> Delivery | None:
    """Confirm that a case is here, with its reference and until when an answer comes."""
    return _plan(request, RECEIVED, "", {}, contact, now)


def extended(request: RightsRequest, *, now: datetime) -> Delivery | None:
    """Say until when the answer comes now, and why it takes longer."""
    return _plan(request, LATER, now.isoformat(), {}, contact_of(request), now)


def answered(request: RightsRequest, text: str, *, now: datetime) -> Delivery | None:
    """Send the officer's words, and where to go if they do not satisfy."""
    more = answer_figures(request, text, now)
    return _plan(request, ANSWERED, "", more, contact_of(request), now)


def answer_figures(request: RightsRequest, text: str, now: datetime) -> dict[str, Any]:
    """Return what an answer says: the officer's words, and the public bodies under the laws of the policy."""
    policy = policy_for(request.service, now)
    further = [[one.name, one.reach] for one in authorities.of(policy.law_regimes)]
    return {"answer": text, "further": further}


def figures(request: RightsRequest, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of every message about a case, with those of its kind; no value of a person but the answer."""
    return {
        "reference": request.reference,
        "is_complaint": request.kind == RightsRequest.Kind.COMPLAINT,
        "received_at": request.received_at.isoformat(),
        "due_at": request.due_at.isoformat() if request.due_at else "",
        "extended_to": request.extended_to.isoformat() if request.extended_to else "",
        "reason": request.extension_reason,
        **more,
    }


def contact_of(request: RightsRequest) -> Mapping[str, str]:
    """Return name and address of a stranger; empty for a known person, and once they were destroyed."""
    if request.subject_id is not None:
        return {}
    texts = request_texts.of_request(request, roles=[RequestMessage.Role.CONTACT])
    return texts[-1].values if texts else {}


def language(request: RightsRequest, now: datetime) -> str:
    """Return the language to answer in: that of the case, else the person's, else the first of the service."""
    if request.language in INTERFACE_LANGUAGES:
        return request.language
    policy = policy_for(request.service, now)
    if request.subject is not None:
        return language_of(request.subject, policy)
    return next((one for one in policy.notice_languages if one in INTERFACE_LANGUAGES), "en")


def _plan(
    request: RightsRequest,
    event: str,
    nth: str,
    more: Mapping[str, Any],
    contact: Mapping[str, str],
    now: datetime,
) -> Delivery | None:
    said = figures(request, more)
    spoken, reference = language(request, now), request.reference + nth
    if request.subject is not None:
        return delivery.plan_receipt(
            request.subject,
            event,
            reference,
            language=spoken,
            figures=said,
            purpose=PURPOSE,
            now=now,
        )
    if not contact.get("email"):
        return None
    return delivery.plan_to(
        contact["email"],
        event,
        reference,
        kind=Delivery.Kind.CONFIRMATION,
        service=request.service,
        language=spoken,
        figures=said,
        now=now,
    )

"""A consent receipt: what somebody agreed to and refused, in the structure of ISO/IEC TS 27560 with terms of DPV.

Mapping: the "Implementing ISO/IEC TS 27560:2023" guide of the W3C DPV community group. A receipt holds labels,
codes, moments and the pseudonym of the ledger; no value of the person.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from compliance.keyring import digests
from compliance.ledger_verifier import canonical
from compliance.mail import officer_mailbox
from compliance.models import PolicyVersion
from compliance.rules.policy_values import Policy
from compliance.selectors import policy_values
from members import choices, words
from members.emails import page
from members.models import Answer, ConsentEvent, DataSubject
from members.rules import joining
from members.rules.choices import REQUIRED_TO_JOIN, offered

SCHEMA = "https://w3id.org/dpv/schema/dpv-27560"
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "schema_version": "dct:conformsTo",
}
STATES: Mapping[str, str] = {
    Answer.AGREED: "dpv:ConsentGiven",
    Answer.DISAGREED: "dpv:ConsentRefused",
    Answer.WITHDRAWN: "dpv:ConsentWithdrawn",
}
EXPRESSED = "dpv:ExplicitlyExpressedConsent"


def text(subject: DataSubject, receipt_id: UUID, *, language: str, now: datetime) -> str:
    """Return a receipt of the answers that count now as canonical JSON: one text for one content."""
    with override(language):
        return canonical(content(subject, receipt_id, language=language, now=now))


def content(
    subject: DataSubject, receipt_id: UUID, *, language: str, now: datetime
) -> dict[str, Any]:
    """Return the receipt: header, parties, and one process per question that was answered."""
    events = _newest(subject)
    version = subject.agreed_version or (events[0].version if events else None)
    policy = policy_values(version) if version else None
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentReceipt",
        "schema_version": SCHEMA,
        "receipt_id": f"urn:uuid:{receipt_id}",
        "record_id": f"urn:uuid:{receipt_id}#record",
        "pii_principal_id": digests.subject_digest(subject.public_id),
        "issued_at": _moment(now),
        "language": language,
        "dpv:hasDataController": _controller(subject, policy),
        "dpv:hasNotice": _notice(subject, version, language),
        "dpv:hasRight": {
            "@type": "dpv:DataSubjectRight",
            "exercised_at": page("account", language, subject.service),
        },
        "dpv:hasProcess": [_process(subject, event, language) for event in events],
    }


def _newest(subject: DataSubject) -> list[ConsentEvent]:
    """The answer that counts for each question, in the order of the first answers; one query."""
    events = ConsentEvent.objects.filter(subject=subject).select_related("version__service")
    newest: dict[str, ConsentEvent] = {}
    for event in events.order_by("answered_at", "id"):
        newest[choices.key_of(event)] = event
    return list(newest.values())


def _controller(subject: DataSubject, policy: Policy | None) -> dict[str, Any]:
    service = subject.service
    return {
        "party_name": service.operator or service.name,
        "party_role": "dpv:DataController",
        "party_country": service.operator_country,
        "party_contact": officer_mailbox(policy.contacts if policy else ()),
        "service": service.name,
    }


def _notice(subject: DataSubject, version: PolicyVersion | None, language: str) -> dict[str, Any]:
    if version is None:
        return {}
    return {
        "@type": "dpv:PrivacyNotice",
        "privacy_notice": page("policy_version", language, subject.service, version.number),
        "dct:hasVersion": version.number,
        "sha256": version.content_hash,
    }


def _process(subject: DataSubject, event: ConsentEvent, language: str) -> dict[str, Any]:
    policy = policy_values(event.version)
    recipient = choices.recipient_name(policy, event.recipient)
    return {
        "@type": "dpv:Process",
        "question": choices.title(policy, event.purpose, event.channel, event.recipient),
        "answer": event.answer,
        "dpv:hasPurpose": _purposes(policy, event, subject.kind),
        "dpv:hasPersonalData": words.items(policy, _items(policy, event, subject.kind)),
        "dpv:hasLegalBasis": "dpv:Consent",
        "dpv:hasRecipient": [recipient] if recipient else [],
        "dpv:hasDuration": _("Until you take it back or leave"),
        "dpv:hasJurisdiction": subject.service.market_country or subject.service.operator_country,
        "collection_method": event.asked_by,
        "withdrawal_method": page("choices", language, subject.service),
        "dpv:hasConsentStatus": {
            "event_type": EXPRESSED,
            "event_state": STATES[event.answer],
            "event_time": _moment(event.answered_at),
            "language": event.language,
            "policy_version": event.version.number,
            "text_sha256": event.text_hash,
        },
    }


def _purposes(policy: Policy, event: ConsentEvent, kind: str) -> list[str]:
    if event.purpose != REQUIRED_TO_JOIN:
        return [choices.title(policy, event.purpose, event.channel, event.recipient)]
    asked = [one for one in joining.asked(policy, kind) if one.requirement == "required"]
    return words.purposes(policy, list(dict.fromkeys(p for one in asked for p in one.purposes)))


def _items(policy: Policy, event: ConsentEvent, kind: str) -> tuple[str, ...]:
    if event.purpose == REQUIRED_TO_JOIN:
        asked = joining.asked(policy, kind)
        return tuple(one.item for one in asked if one.requirement == "required")
    key = choices.key_of(event)
    return next((one.items for one in offered(policy, kind) if one.key == key), ())


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

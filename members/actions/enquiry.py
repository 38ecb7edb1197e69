"""Enquiries and complaints: received by any way, taken, extended, answered; no case closes without an answer.

From OPEN to DONE, by an answer alone (MIK-17.1). Whoever asks needs no account: then name and address lie under seal
with the case. Sources: LEJ-8, ENG-5, ENG-7.4 (one register for all ways), MIK-17.2 and 17.3 (channels and targets),
KRN-8 (an open dispute holds up destruction), MIK-5.2.3 (a complaint is kept from the day on which it is closed).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.models import Account, Service
from members.actions import case_clock, enquiry_mail, request_lock, request_message, restriction
from members.actions.withdrawal import new_reference
from members.gate import policy_for
from members.models import DataSubject, RequestMessage, Restriction, RightsRequest
from members.rules import enquiry as rule
from members.rules.requests import EXTENSIONS

State, Role = RightsRequest.State, RequestMessage.Role
OPEN = request_lock.OPEN
GONE = (DataSubject.Status.LEAVING, DataSubject.Status.WITHDRAWN)


class NotPossible(ValueError):
    """The step does not fit the case; the text is a code."""


@dataclass(frozen=True)
class Letter:
    """What somebody wrote or said. ``contact`` (name, email, phone) of strangers; ``to`` is a contact of the policy."""

    kind: str
    text: str
    channel: str
    topic: str = "privacy"
    to: str = ""
    language: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)


def receive(
    service: Service,
    letter: Letter,
    *,
    subject: DataSubject | None = None,
    received_at: datetime | None = None,
    confirms: bool = True,
    actor: Account | None,
    now: datetime,
) -> RightsRequest:
    """Register a case, due by the policy's own figure, confirm it (E10), and keep a complaint of a known person.

    ``confirms`` False leaves the message out: a mailbox gets only so many.
    Raises ``NotPossible``: ``text_missing``, ``contact_missing``, ``received_later``, ``left``.
    """
    asked_at = received_at or now
    _check(letter, subject, asked_at, now)
    policy = policy_for(service, now)
    due = rule.answer_by(policy, letter.kind, letter.channel, asked_at)
    request = RightsRequest(
        reference=new_reference(),
        subject=subject,
        service=service,
        kind=letter.kind,
        channel=letter.channel,
        language=letter.language,
        received_at=asked_at,
        due_at=due.at,
        clause=due.clause,
        outcome={"topic": letter.topic} | ({"contact": letter.to} if letter.to else {}),
    )
    with transaction.atomic():
        request.save(force_insert=True)
        request_message.write(request, Role.BODY, {"text": letter.text}, author=actor, now=now)
        if subject is None:
            request_message.write(request, Role.CONTACT, letter.contact, author=actor, now=now)
        elif letter.kind == rule.COMPLAINT and rule.opens_dispute(policy):
            _hold(request, subject, actor, now)
        facts = {"kind": letter.kind, "channel": letter.channel, **request.outcome}
        _record("received", request, facts, actor=actor, now=now)
    case_clock.keep(request, letter.text, policy=policy, actor=actor, now=now)
    if confirms:
        enquiry_mail.received(request, letter.contact, now=now)
    return request


def take(request: RightsRequest, *, actor: Account, now: datetime) -> None:
    """Take a case over. Raises ``NotPossible("closed")``."""
    with transaction.atomic():
        locked = _open(request)
        RightsRequest.objects.filter(pk=locked.pk).update(handler=actor)
        _record("taken", locked, {}, actor=actor, now=now)


def extend(
    request: RightsRequest, until: datetime, reason: str, *, actor: Account, now: datetime
) -> None:
    """Say that the answer comes later, and why; the promise is still measured by the policy's own moment.

    Raises ``NotPossible``: ``closed``, ``not_later``, ``reason_unknown``.
    """
    if reason not in EXTENSIONS:
        raise NotPossible("reason_unknown")
    with transaction.atomic():
        locked = _open(request)
        if until <= max(filter(None, (now, locked.due_at, locked.extended_to))):
            raise NotPossible("not_later")
        locked.extended_to, locked.extension_reason = until, reason
        locked.save(update_fields=["extended_to", "extension_reason"])
        facts = {"until": until.isoformat(), "reason": reason}
        _record("extended", locked, facts, actor=actor, now=now)
    enquiry_mail.extended(locked, now=now)


def answer(
    request: RightsRequest, text: str, *, is_told: bool = False, actor: Account, now: datetime
) -> RightsRequest:
    """Record the answer and close the case: mail it (E20), unless it was told already, such as on the telephone.

    Lifts the hold of a dispute, and starts the clock of what is kept of a complaint. Raises ``NotPossible``:
    ``closed``, ``answer_missing`` (MIK-17.1).
    """
    if not text.strip():
        raise NotPossible("answer_missing")
    with transaction.atomic():
        locked = _open(request)
        locked.state, locked.answered_at, locked.closed_at = State.DONE, now, now
        locked.outcome = {**locked.outcome, "result": "told" if is_told else "answered"}
        locked.handler = locked.handler or actor
        locked.save()
        request_message.write(locked, Role.ANSWER, {"text": text}, author=actor, now=now)
        for hold in locked.restrictions.filter(ended_at=None).select_related("subject__service"):
            restriction.lift(hold, actor=actor, now=now)
        facts = {"kind": locked.kind, "result": locked.outcome["result"]}
        _record("answered", locked, facts, actor=actor, now=now)
    case_clock.start(locked, text, actor=actor, now=now)
    if not is_told:
        enquiry_mail.answered(locked, text, now=now)
    return locked


def _check(letter: Letter, subject: DataSubject | None, asked_at: datetime, now: datetime) -> None:
    if letter.kind not in rule.KINDS or not letter.text.strip():
        raise NotPossible("text_missing")
    if subject is None and not any(letter.contact.get(way) for way in ("email", "phone", "post")):
        raise NotPossible("contact_missing")
    if asked_at > now:
        raise NotPossible("received_later")
    if subject is not None and subject.status in GONE:
        raise NotPossible("left")


def _hold(
    request: RightsRequest, subject: DataSubject, actor: Account | None, now: datetime
) -> None:
    restriction.place(
        subject,
        ground=Restriction.Ground.DISPUTE,
        blocks_use=False,
        blocks_destruction=True,
        request=request,
        actor=actor or ledger.THEMSELVES,  # type: ignore[arg-type]
        now=now,
    )


def _open(request: RightsRequest) -> RightsRequest:
    locked = request_lock.open_one(request)
    if locked is None:
        raise NotPossible("closed")
    return locked


def _record(
    step: str,
    request: RightsRequest,
    data: Mapping[str, Any],
    *,
    actor: Account | None,
    now: datetime,
) -> None:
    ledger.record(
        f"members.enquiry.{step}",
        actor=actor or (ledger.THEMSELVES if request.subject else None),
        now=now,
        service=request.service,
        subject=request.subject.public_id if request.subject else None,
        obj=f"rightsrequest:{request.pk}",
        clause=request.clause,
        data=data,
    )

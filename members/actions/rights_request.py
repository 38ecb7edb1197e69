"""A request of a person: received, looked at, perhaps extended, answered or refused; each step stands in the ledger.

From OPEN to WAITING and back (more was asked, the person replied), from both to DONE or REFUSED; nothing leads back
from there. Sources: LEJ-RGT-3, MIK-7.1b, ENG-5 (taken by every channel), MIK-7.2, LEJ-RGT-4 (a dispute stops the use).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.models import Account
from members.actions import request_lock, request_mail, request_message, restriction
from members.actions.withdrawal import new_reference
from members.gate import policy_for
from members.models import DataSubject, RequestMessage, Restriction, RightsRequest
from members.rules import requests as rule

State, Kind, Channel = RightsRequest.State, RightsRequest.Kind, RightsRequest.Channel
OPEN = request_lock.OPEN
Role, Identity = RequestMessage.Role, RightsRequest.Identity
GONE = (DataSubject.Status.LEAVING, DataSubject.Status.WITHDRAWN, DataSubject.Status.JOINING)
STOPS = (Kind.RESTRICTION, Kind.OBJECTION)
STOPPED = "stopped"


class NotPossible(ValueError):
    """The step does not fit the state of the request or of the person; the text is a code."""


def receive(
    subject: DataSubject,
    kind: str,
    *,
    channel: str,
    items: Sequence[str] = (),
    text: str = "",
    more: Mapping[str, Any] | None = None,
    made_by: str = RightsRequest.MadeBy.PERSON,
    identity: str = Identity.UNCHECKED,
    language: str = "",
    received_at: datetime | None = None,
    actor: Account | None,
    now: datetime,
) -> RightsRequest:
    """Register a request, due by the policy's own figure; what it stops is stopped in the same transaction.

    A correction puts the disputed items on hold (MIK-7.2). "Stop using" and an objection are done by that: they
    are closed at once, and the person takes them back alone. ``items`` empty means everything, for these two only.
    Disputing, or stopping, twice what is disputed or stopped already is one request.
    ``more`` goes under seal with the text. ``actor`` None is the person. Raises ``NotPossible``: ``left``,
    ``items_missing``, ``received_later``.
    """
    if kind == Kind.RECTIFICATION and not items:
        raise NotPossible("items_missing")
    asked_at = received_at or now
    if asked_at > now:
        raise NotPossible("received_later")
    with transaction.atomic():
        locked = (
            DataSubject.objects.select_for_update().select_related("service").get(pk=subject.pk)
        )
        if locked.status in GONE:
            raise NotPossible("left")
        same = _same(locked, kind, items)
        if same is not None:
            return same
        request = _new(locked, kind, channel, asked_at, now)
        request.items, request.made_by, request.identity = list(items), made_by, identity
        request.language = language
        if kind in STOPS:
            _finish(request, State.DONE, {"result": STOPPED}, now)
        request.save(force_insert=True)
        if text or more:
            values = {"text": text, **(more or {})}
            request_message.write(request, Role.BODY, values, author=actor, now=now)
        _stop(request, actor, now)
        facts = {
            "kind": kind,
            "channel": channel,
            "made_by": request.made_by,
            "items": request.items,
        }
        _record("received", request, facts, actor=actor, now=now)
    request_mail.received(request, now=now)
    return request


def open_dispute(subject: DataSubject, items: Sequence[str]) -> RightsRequest | None:
    """Return the open dispute of a person about exactly these items, or None."""
    asked = RightsRequest.objects.filter(
        subject=subject, kind=Kind.RECTIFICATION, state__in=OPEN
    ).select_related("subject__service", "service")
    return next((one for one in asked if sorted(one.items) == sorted(items)), None)


def comment(request: RightsRequest, text: str, *, actor: Account | None, now: datetime) -> None:
    """Add a text of the person (``actor`` None) or a note of the office; a person's reply ends the waiting.

    Raises ``NotPossible("closed")``.
    """
    role = Role.NOTE if actor else Role.COMMENT
    with transaction.atomic():
        locked = _open(request)
        request_message.write(locked, role, {"text": text}, author=actor, now=now)
        if actor is None and locked.state == State.WAITING:
            RightsRequest.objects.filter(pk=locked.pk).update(state=State.OPEN)
        _record("commented", locked, {}, actor=actor, now=now)


def ask_back(request: RightsRequest, text: str, *, actor: Account, now: datetime) -> None:
    """Ask the person for more; the due moment stays. Raises ``NotPossible("closed")``."""
    with transaction.atomic():
        locked = _open(request)
        request_message.write(locked, Role.QUESTION, {"text": text}, author=actor, now=now)
        RightsRequest.objects.filter(pk=locked.pk).update(state=State.WAITING)
        _record("asked_back", locked, {}, actor=actor, now=now)
    request_mail.asked_back(locked, now=now)


def assign(request: RightsRequest, to: Account, *, actor: Account, now: datetime) -> None:
    """Give a request to an officer. Raises ``NotPossible("closed")``."""
    with transaction.atomic():
        locked = _open(request)
        RightsRequest.objects.filter(pk=locked.pk).update(handler=to)
        _record("assigned", locked, {"account": to.get_username()}, actor=actor, now=now)


def check_identity(request: RightsRequest, how: str, *, actor: Account, now: datetime) -> None:
    """Note how it was made sure that the right person asks; of a document nothing is kept (LEJ-RGT-7).

    Raises ``NotPossible("closed")``.
    """
    with transaction.atomic():
        locked = _open(request)
        RightsRequest.objects.filter(pk=locked.pk).update(identity=how)
        _record("identity_checked", locked, {"how": how}, actor=actor, now=now)


def extend(
    request: RightsRequest, until: datetime, reason: str, *, actor: Account, now: datetime
) -> None:
    """Say that the answer comes later, and why; the promise is still measured by the policy's own moment.

    Raises ``NotPossible``: ``closed``, ``not_later``.
    """
    with transaction.atomic():
        locked = _open(request)
        if until <= max(filter(None, (now, locked.due_at, locked.extended_to))):
            raise NotPossible("not_later")
        RightsRequest.objects.filter(pk=locked.pk).update(
            extended_to=until, extension_reason=reason
        )
        facts = {"until": until.isoformat(), "reason": reason}
        _record("extended", locked, facts, actor=actor, now=now)
    locked.refresh_from_db()
    request_mail.extended(locked, now=now)


def close(
    request: RightsRequest,
    *,
    result: str = "answered",
    text: str = "",
    items: Sequence[str] = (),
    is_told: bool = True,
    actor: Account | None,
    now: datetime,
) -> RightsRequest:
    """Answer a request, lift what it had stopped, and tell the person unless they see it before them.

    Raises ``NotPossible``: ``closed``, ``identity_not_checked``.
    """
    outcome = {"result": result, "items": list(items)}
    locked = _settle(request, State.DONE, outcome, text, actor, now)
    if is_told:
        request_mail.answered(locked, now=now)
    return locked


def refuse(
    request: RightsRequest, reason: str, *, text: str = "", actor: Account, now: datetime
) -> RightsRequest:
    """Refuse a request for one reason of the closed list and lift what it had stopped.

    Raises ``NotPossible``: ``closed``, ``reason_unknown``.
    """
    if reason not in rule.REFUSALS:
        raise NotPossible("reason_unknown")
    request.refusal_reason = reason
    locked = _settle(request, State.REFUSED, {"result": "refused"}, text, actor, now)
    request_mail.refused(locked, now=now)
    return locked


def take_back(hold: Restriction, *, now: datetime) -> None:
    """Let a person end an own stop; holds of the office, and disputes, end otherwise.

    Raises ``NotPossible("not_own")``.
    """
    if hold.request is None or hold.request.kind not in STOPS:
        raise NotPossible("not_own")
    restriction.lift(hold, actor=ledger.THEMSELVES, now=now)  # type: ignore[arg-type]


def _same(subject: DataSubject, kind: str, items: Sequence[str]) -> RightsRequest | None:
    """Return the request whose effect lasts and is the very same one: a double click, or asked again."""
    if kind == Kind.RECTIFICATION:
        return open_dispute(subject, items)
    if kind not in STOPS:
        return None
    running = Restriction.objects.filter(subject=subject, ended_at=None, request__kind=kind)
    found = running.select_related("request__subject__service", "request__service")
    return next((one.request for one in found if sorted(one.items) == sorted(items)), None)


def _new(
    subject: DataSubject, kind: str, channel: str, asked_at: datetime, now: datetime
) -> RightsRequest:
    due = rule.due(policy_for(subject.service, now), kind, channel, asked_at)
    return RightsRequest(
        reference=new_reference(),
        subject=subject,
        service=subject.service,
        kind=kind,
        channel=channel,
        received_at=asked_at,
        due_at=due.at,
        clause=due.clause,
    )


def _stop(request: RightsRequest, actor: Account | None, now: datetime) -> None:
    is_dispute = request.kind == Kind.RECTIFICATION
    if not is_dispute and request.kind not in STOPS:
        return
    ground = Restriction.Ground.DISPUTE if is_dispute else Restriction.Ground.OBJECTION
    with suppress(restriction.NotPossible):  # Kept apart, and so used for nothing anyway.
        restriction.place(
            request.subject,  # type: ignore[arg-type]
            ground=ground,
            items=request.items,
            blocks_destruction=is_dispute,
            request=request,
            actor=actor or ledger.THEMSELVES,  # type: ignore[arg-type]
            now=now,
        )


def _settle(
    request: RightsRequest,
    state: str,
    outcome: dict[str, Any],
    text: str,
    actor: Account | None,
    now: datetime,
) -> RightsRequest:
    with transaction.atomic():
        locked = _open(request)
        if state == State.DONE and not locked.identity:
            raise NotPossible("identity_not_checked")
        locked.refusal_reason = request.refusal_reason if state == State.REFUSED else ""
        _finish(locked, state, outcome, now)
        locked.save()
        if text:
            request_message.write(locked, Role.ANSWER, {"text": text}, author=actor, now=now)
        for hold in locked.restrictions.filter(ended_at=None).select_related("subject__service"):
            restriction.lift(hold, actor=actor, now=now)
        facts = {
            "kind": locked.kind,
            "result": outcome["result"],
            "reason": locked.refusal_reason,
            "items": outcome.get("items", []),
        }
        _record("closed", locked, facts, actor=actor, now=now)
    return locked


def _finish(request: RightsRequest, state: str, outcome: dict[str, Any], now: datetime) -> None:
    request.state, request.outcome = state, outcome
    request.closed_at = request.answered_at = now


def _open(request: RightsRequest) -> RightsRequest:
    locked = request_lock.open_one(request)
    if locked is None:
        raise NotPossible("closed")
    return locked


def _record(
    step: str,
    request: RightsRequest,
    data: dict[str, Any],
    *,
    actor: Account | None,
    now: datetime,
) -> None:
    ledger.record(
        f"members.request.{step}",
        actor=actor or ledger.THEMSELVES,
        now=now,
        service=request.service,
        subject=request.subject.public_id if request.subject else None,
        obj=f"rightsrequest:{request.pk}",
        clause=request.clause,
        data={name: value for name, value in data.items() if value != ""},
    )

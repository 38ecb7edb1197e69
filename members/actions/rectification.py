"""A value is put right: by the person alone, or by an officer who decides on a dispute (MIK-7.1a, LEJ-RGT-1, MIK-7.2).

The record is sealed anew under a new key and the old key destroyed, so the old value is beyond recovery; the search
index follows. Each change is a request, closed at once or by the decision: whoever was given the old value is found
by it (MIK-7.3). The ledger tells items and days, never values.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from compliance import ledger
from compliance.actions import session
from compliance.auth.session_store import owner_of_account
from compliance.models import Account
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members import gate, request_texts, selectors
from members.actions import access_code, address_mail, record, record_split, rights_request
from members.actions.record import NewValues
from members.actions.rights_request import NotPossible
from members.models import MEMBER_KINDS, DataSubject, Record, RequestMessage, RightsRequest
from members.rules import import_values
from members.rules import requests as rule

Kind, State, Channel = RightsRequest.Kind, RightsRequest.State, RightsRequest.Channel
SIGN_IN_ITEMS = ("login_id", rule.EMAIL)
CORRECTED = "corrected"


def held(subject: DataSubject, record_id: UUID, item: str) -> Record:
    """Return the record of a person that holds an item. Raises ``NotPossible("not_held")``, also for another's."""
    found = Record.objects.filter(subject=subject, pk=record_id).select_related("subject__service")
    one = found.first()
    if one is None or item not in one.item_codes:
        raise NotPossible("not_held")
    return one


def checked(subject: DataSubject, item: str, text: str, *, now: datetime) -> str:
    """Return a value in the one spelling it is kept in, checked as in an import.

    Raises ``import_values.ValueRefused``, also ``missing`` for nothing, and ``taken`` for a login ID of somebody else.
    """
    policy = gate.policy_for(subject.service, now)
    row = policy.items_by_code[item]
    if not text.strip():
        raise import_values.ValueRefused("missing")
    today = local_day(now, policy.timezone)
    value = import_values.clean(item, text, category=row.category, today=today)
    if item == "login_id" and is_taken(subject, item, value):
        raise import_values.ValueRefused("taken")
    return value


def is_taken(subject: DataSubject, item: str, value: str) -> bool:
    """Whether another membership of the service, dormant ones included, is found by this value."""
    if subject.kind not in MEMBER_KINDS:
        return False
    found = (
        *selectors.find_subjects(subject.service, item, value),
        *selectors.find_dormant(subject.service, item, value),
    )
    return any(one.pk != subject.pk and one.kind in MEMBER_KINDS for one in found)


def change_own(
    subject: DataSubject,
    record_id: UUID,
    item: str,
    value: str,
    *,
    keep_session: str = "",
    now: datetime,
) -> RightsRequest:
    """Change a value that is one's own to know; it counts at once. ``value`` comes from ``checked``.

    A dispute of this one item that is open is settled by it. Raises ``NotPossible``: ``left``, ``not_held``,
    ``officer_only``, ``changed_meanwhile``.
    """
    one = held(subject, record_id, item)
    policy = gate.policy_for(subject.service, now)
    if not rule.may_change(policy, subject.kind, item):
        raise NotPossible("officer_only")
    request = rights_request.open_dispute(subject, [item]) or _register(subject, item, policy, now)
    _put_right(subject, {item: (one, value)}, request, policy, None, keep_session, now)
    return _close_own(request, item, now)


def decide(
    request: RightsRequest, values: Mapping[str, str], *, actor: Account, now: datetime
) -> RightsRequest:
    """Correct what a person disputes, lift the hold and tell the person (E14).

    ``values``: the right value of every item of the request, from ``checked``. Raises ``NotPossible``: ``closed``,
    ``identity_not_checked``, ``items_missing``, ``not_held``, ``changed_meanwhile``.
    """
    subject = request.subject
    if request.state not in rights_request.OPEN or subject is None:
        raise NotPossible("closed")
    if not request.identity:
        raise NotPossible("identity_not_checked")
    if set(values) != set(request.items):
        raise NotPossible("items_missing")
    policy = gate.policy_for(request.service, now)
    places = {item: (_home(request, item), value) for item, value in values.items()}
    _put_right(subject, places, request, policy, actor, "", now)
    return rights_request.close(
        request, result=CORRECTED, items=sorted(values), actor=actor, now=now
    )


def _home(request: RightsRequest, item: str) -> Record:
    """The record that the person named, else the newest one with the item."""
    texts = request_texts.of_request(request, roles=(RequestMessage.Role.BODY,))
    named = next((text.values["record"] for text in texts if text.values.get("record")), "")
    subject: Any = request.subject
    if named:
        found = Record.objects.filter(subject=subject, pk=UUID(named)).first()
        if found is not None and item in found.item_codes:
            return found
    rows = Record.objects.filter(subject=subject).order_by("-occurred_at", "-created_at")
    for one in rows:
        if item in one.item_codes:
            return one
    raise NotPossible("not_held")


def _put_right(
    subject: DataSubject,
    places: Mapping[str, tuple[Record, str]],
    request: RightsRequest,
    policy: Policy,
    actor: Account | None,
    keep_session: str,
    now: datetime,
) -> None:
    earlier = _amend_all(subject, places, policy, actor, now)
    changed = sorted(places)
    with transaction.atomic():
        if set(changed) & set(SIGN_IN_ITEMS):
            _end_sessions(subject, keep_session)
            access_code.give_up_all(subject, now=now)
        ledger.record(
            "members.record.corrected",
            actor=actor or ledger.THEMSELVES,
            now=now,
            service=subject.service,
            subject=subject.public_id,
            obj=f"rightsrequest:{request.pk}",
            clause=request.clause,
            data={"items": changed},
        )
    for item in set(changed) & set(SIGN_IN_ITEMS):
        address_mail.changed(
            subject, item, request.reference, earlier=earlier.get(rule.EMAIL, ""), now=now
        )


def _amend_all(
    subject: DataSubject,
    places: Mapping[str, tuple[Record, str]],
    policy: Policy,
    actor: Account | None,
    now: datetime,
) -> dict[str, Any]:
    """Seal each record once with its new values; returns the earlier values of what was changed."""
    news: dict[UUID, dict[str, str]] = {}
    for item, (one, value) in places.items():
        news.setdefault(one.pk, {})[item] = value
    records = {one.pk: one for one, _ in places.values()}
    contents = gate.in_custody(list(records.values()), subject_ids={subject.pk: subject.public_id})
    if set(contents) != set(records):
        raise NotPossible("not_held")
    earlier: dict[str, Any] = {}
    for pk, values in news.items():
        earlier |= {item: contents[pk].get(item) for item in values}
        _seal_anew(subject, records[pk], {**contents[pk], **values}, policy, actor, now)
    return earlier


def _seal_anew(
    subject: DataSubject,
    one: Record,
    values: Mapping[str, Any],
    policy: Policy,
    actor: Account | None,
    now: datetime,
) -> None:
    new = NewValues(subject, values, one.occurred_at, one.source, one.anchors, one.record_class)
    try:
        record_split.swap([one.pk], [new], policy=policy, is_same=True, actor=actor, now=now)
    except record.Overtaken:
        raise NotPossible("changed_meanwhile") from None


def _end_sessions(subject: DataSubject, keep_session: str) -> None:
    session.end_all(subject.public_id, keep=keep_session)
    if subject.account_id:
        session.end_all(owner_of_account(subject.account_id), keep=keep_session)


def _register(subject: DataSubject, item: str, policy: Policy, now: datetime) -> RightsRequest:
    """Open the request of a change; nothing is held back, because nothing is in doubt."""
    if subject.status in rights_request.GONE:
        raise NotPossible("left")
    row = next((row for row in policy.rights if row.right == "correction"), None)
    return RightsRequest.objects.create(
        reference=rights_request.new_reference(),
        subject=subject,
        service=subject.service,
        kind=Kind.RECTIFICATION,
        channel=Channel.WEB,
        identity=RightsRequest.Identity.SIGNED_IN,
        received_at=now,
        due_at=now,
        clause=row.clause if row else "",
        items=[item],
    )


def _close_own(request: RightsRequest, item: str, now: datetime) -> RightsRequest:
    is_dispute = request.restrictions.exists()
    return rights_request.close(
        request, result=CORRECTED, items=[item], is_told=is_dispute, actor=None, now=now
    )

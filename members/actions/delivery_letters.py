"""From claimed deliveries to ready bytes: facts re-checked for the whole window, then one join per person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeGuard
from uuid import UUID

from django.db import DatabaseError

from compliance.mail import BadAddress, Form, checked_address
from compliance.models import Notice, NoticeCorrection, Service
from compliance.rules.policy_values import Policy
from members import addresses, emails, gate
from members.actions import dormancy_letters, question_letters
from members.actions.delivery import contents_of
from members.contacts import address_items
from members.models import Delivery
from members.rules.retries import delay_after_error

State = Delivery.State
PURPOSE = "policy_notice"


@dataclass(frozen=True)
class Desk:
    """What is read or encoded once in a run of some seconds: policies by service, forms of notices."""

    policies: dict[int, Policy] = field(default_factory=dict)
    forms: dict[tuple[object, ...], Form] = field(default_factory=dict)

    def policy(self, service: Service, now: datetime) -> Policy:
        """Return the policy in force, for its address items and its contacts; the gate asks for itself."""
        if service.pk not in self.policies:
            self.policies[service.pk] = gate.policy_for(service, now)
        return self.policies[service.pk]

    def form(self, row: Delivery, policy: Policy, day: date | None = None) -> Form:
        """Return the encoded message of a notice in the language of a row; ``day`` is that of a separation."""
        key = (row.service_id, row.notice_id, row.event, row.stage, row.language, day)
        if key not in self.forms:
            self.forms[key] = (
                emails.dormancy_form(row.service, day, language=row.language, policy=policy)
                if day
                else emails.notice_form(
                    row.notice,
                    event=row.event,
                    stage=row.stage,
                    language=row.language,
                    policy=policy,
                )
            )
        return self.forms[key]


@dataclass(frozen=True)
class Result:
    """What becomes of a row: a state with a reason code; ``not_before`` and ``counted`` for another try."""

    state: str
    reason: str
    not_before: datetime | None = None
    counted: bool = True


@dataclass(frozen=True)
class Letter:
    """A message that may leave now: row, checked address, bytes."""

    delivery: Delivery
    to: str
    content: bytes


Draft = Letter | Result
WriteSome = Callable[[list[Delivery]], dict[UUID, Draft]]


def write(deliveries: Sequence[Delivery], desk: Desk, *, now: datetime) -> dict[UUID, Draft]:
    """Return a letter or a final result for every row; one bad row never touches another.

    Raises ``DatabaseError`` or ``OSError`` where a database or a key file is out of reach: nobody's fault.
    """
    drafts: dict[UUID, Draft] = {row.pk: void for row in deliveries if (void := _void(row))}
    left = [row for row in deliveries if row.pk not in drafts]
    notices = [row for row in left if row.kind == Delivery.Kind.NOTICE]
    for service, rows in _by_service(notices):
        drafts |= _safely(
            rows, lambda some, service=service: _notices(service, some, desk, now), now
        )
    personal = [row for row in left if row.kind != Delivery.Kind.NOTICE]
    return drafts | _safely(personal, lambda some: _personal(some, desk, now), now)


def _void(row: Delivery) -> Result | None:
    if row.subject is None and row.kind == Delivery.Kind.NOTICE:
        return Result(State.CANCELLED, "person_gone")
    is_down = row.notice is not None and row.notice.state == Notice.State.WITHDRAWN
    if is_down and not row.stage.startswith(NoticeCorrection.STAGE):
        return Result(State.CANCELLED, "notice_withdrawn")
    if row.kind != Delivery.Kind.NOTICE and row.sealed is None:
        return Result(State.FAILED, "nothing_sealed")
    return None


def _by_service(rows: Iterable[Delivery]) -> Iterable[tuple[Service, list[Delivery]]]:
    groups: dict[int, tuple[Service, list[Delivery]]] = {}
    for row in rows:
        groups.setdefault(row.service_id, (row.service, []))[1].append(row)
    return groups.values()


def _safely(rows: list[Delivery], write_some: WriteSome, now: datetime) -> dict[UUID, Draft]:
    """Write all rows at once; if that fails, one by one.

    Rows that fail while others succeed are at fault themselves. Where all fail the fault may be ours: they wait.
    """
    try:
        return write_some(rows) if rows else {}
    except (DatabaseError, OSError):
        raise
    except Exception as error:  # Whatever is wrong with one row, the others are sent.
        if len(rows) == 1:
            return {rows[0].pk: error_result(rows[0], error, now)}
    drafts = {key: draft for row in rows for key, draft in _safely([row], write_some, now).items()}
    if all(_is_error(draft) for draft in drafts.values()):
        return drafts
    return {
        key: Result(State.FAILED, draft.reason) if _is_error(draft) else draft
        for key, draft in drafts.items()
    }


def error_result(row: Delivery, error: Exception, now: datetime) -> Result:
    """Return what becomes of a row that failed in our own hands: some more tries, then FAILED."""
    reason, delay = f"error.{type(error).__name__}", delay_after_error(row.attempts)
    if delay is None:
        return Result(State.FAILED, reason)
    return Result(State.PENDING, reason, now + delay)


def _is_error(draft: Draft) -> TypeGuard[Result]:
    return isinstance(draft, Result) and draft.reason.startswith("error.")


def _notices(
    service: Service, rows: list[Delivery], desk: Desk, now: datetime
) -> dict[UUID, Draft]:
    policy = desk.policy(service, now)
    people = [row.subject for row in rows]
    given = gate.audience(people, PURPOSE, address_items(policy), service=service, now=now)
    days = dormancy_letters.days(rows, policy, now)
    drafts: dict[UUID, Draft] = {
        pk: Result(State.CANCELLED, "answered") for pk in question_letters.answered(rows)
    }
    for row in rows:
        if row.pk in drafts:
            continue
        if row.event == dormancy_letters.EVENT and row.pk not in days:
            drafts[row.pk] = Result(State.CANCELLED, "used_since")
            continue
        one = given[row.subject_id]
        try:
            to = addresses.pick(one.values, one.decision)
        except addresses.NoAddress as problem:
            state = State.REFUSED if problem.refused else State.UNREACHABLE
            drafts[row.pk] = Result(state, problem.reason)
            continue
        drafts[row.pk] = _letter(row, to, desk.form(row, policy, days.get(row.pk)), now)
    return drafts


def _personal(rows: list[Delivery], desk: Desk, now: datetime) -> dict[UUID, Draft]:
    contents = contents_of(rows)
    drafts: dict[UUID, Draft] = {}
    for row in rows:
        figures = contents.get(row.pk)
        if figures is None:
            drafts[row.pk] = Result(State.FAILED, "unreadable")
        elif "expires_at" in figures and datetime.fromisoformat(figures["expires_at"]) <= now:
            drafts[row.pk] = Result(State.CANCELLED, "expired")
        else:
            form = emails.personal_form(row, figures, policy=desk.policy(row.service, now))
            drafts[row.pk] = _checked_letter(row, figures["address"], form, now)
    return drafts


def _checked_letter(row: Delivery, address: str, form: Form, now: datetime) -> Draft:
    try:
        return _letter(row, checked_address(address), form, now)
    except BadAddress:
        return Result(State.UNREACHABLE, "bad_address")


def _letter(row: Delivery, to: str, form: Form, now: datetime) -> Letter:
    return Letter(row, to, form.fill(to=to, message_id=row.message_id, sent_at=now, blanks={}))

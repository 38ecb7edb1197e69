"""The way of a policy version: draft -> in review -> approved -> announced -> in effect -> superseded.

The version in force decides how long a change has to be announced; the class of the change is computed from the
rows, never chosen (MIK-20b, X-MIK-13). Every transition is one function, one transaction, one ledger entry.
"""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from compliance import ledger, selectors
from compliance.actions import notice_correction
from compliance.actions.service import carry_facts
from compliance.models import Account, Notice, PolicyVersion
from compliance.rules import consent_text, holding_notice, policy_diff
from compliance.rules.calendar import local_day, start_of_day
from compliance.rules.policy_diff import PolicyDiff
from compliance.rules.policy_hash import content_hash
from compliance.rules.policy_schema import Problem

State = PolicyVersion.State
GENERAL, IMPORTANT = "general", "important"
DEFAULT_PLACES = ("homepage_notice", "first_page")


class TransitionRefused(Exception):
    """The step is not possible; ``reason`` is a code, ``params`` what the message needs."""

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason, self.params = reason, params


class ProblemsLeft(TransitionRefused):
    """The rows of the draft contradict each other or miss something; ``problems`` lists all of it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("problems_left", count=len(problems))
        self.problems = problems


def compare(version: PolicyVersion) -> PolicyDiff:
    """Return the registry diff of a version against the one in force. Raises ``TransitionRefused`` without one."""
    old = selectors.policy_in_force(version.service)
    if old is None:
        raise TransitionRefused("nothing_in_force")
    return policy_diff.diff(selectors.policy_values(old), selectors.policy_values(version))


def class_of(version: PolicyVersion, difference: PolicyDiff) -> str:
    """Return the class that counts: computed from the rows, or stricter if the officer said so."""
    return IMPORTANT if version.stricter_by_hand else difference.change_class


def earliest_day(version: PolicyVersion, change_class: str, *, now: datetime) -> date:
    """Return the first day a version announced today may take effect, by the notice rows in force (X-ALL-5)."""
    in_force = selectors.policy_values(selectors.policy_in_force(version.service))
    return policy_diff.earliest_effective_on(
        in_force, change_class, local_day(now, in_force.timezone)
    )


def submit(
    version: PolicyVersion, *, effective_on: date, actor: Account | None, now: datetime
) -> PolicyVersion:
    """DRAFT -> IN_REVIEW with its class, its reasons and its day; a day too soon is refused with the earliest."""
    with transaction.atomic():
        locked = _locked(version, State.DRAFT)
        problems = selectors.problems_of(locked)
        if problems:
            raise ProblemsLeft(problems)
        _refuse_unannounced(locked)
        difference = compare(locked)
        if not difference.changes:
            raise TransitionRefused("nothing_changed")
        _refuse_unclear(locked, difference)
        change_class = class_of(locked, difference)
        _refuse_too_soon(locked, change_class, effective_on, now)
        locked.change_class, locked.effective_on = change_class, effective_on
        locked.change_reasons = _reasons(difference)
        locked.state, locked.submitted_by, locked.submitted_at = State.IN_REVIEW, actor, now
        locked.save()
        data = {
            "change_class": change_class,
            "effective_on": effective_on,
            "reasons": _codes(difference),
        }
        _tell("compliance.policy.submitted", locked, actor, now, data)
    return locked


def send_back(version: PolicyVersion, *, actor: Account | None, now: datetime) -> PolicyVersion:
    """IN_REVIEW -> DRAFT: the reviewer asks for changes."""
    with transaction.atomic():
        locked = _locked(version, State.IN_REVIEW)
        locked.state, locked.effective_on = State.DRAFT, None
        locked.save(update_fields=["state", "effective_on"])
        _tell("compliance.policy.sent_back", locked, actor, now)
    return locked


def approve(
    version: PolicyVersion, *, shown: str | None = None, actor: Account | None, now: datetime
) -> PolicyVersion:
    """IN_REVIEW -> APPROVED by somebody else than its author; from here on its rows never change.

    ``shown`` is the digest of what the reviewer saw (``shown_digest``); anything else now is refused.
    """
    with transaction.atomic():
        locked = _locked(version, State.IN_REVIEW)
        _refuse_own(locked, actor)
        if shown is not None and shown != shown_digest(locked):
            raise TransitionRefused("changed_since_shown")
        if locked.effective_on is None:
            raise TransitionRefused("no_day")
        _refuse_unannounced(locked)
        _refuse_too_soon(locked, locked.change_class, locked.effective_on, now)
        locked.content_hash = content_hash(selectors.policy_values(locked))
        locked.state, locked.approved_by, locked.approved_at = State.APPROVED, actor, now
        locked.save()
        data = {
            "change_class": locked.change_class,
            "effective_on": locked.effective_on,
            "digest": locked.content_hash,
        }
        _tell("compliance.policy.approved", locked, actor, now, data)
    return locked


def shown_digest(version: PolicyVersion) -> str:
    """Return the digest of everything a reviewer decides on: rows, texts, class and day of a version."""
    parts = [content_hash(selectors.policy_values(version)), version.change_class]
    parts += [str(version.effective_on), *(text.digest for text in version.texts.order_by("pk"))]
    return sha256("\n".join(parts).encode()).hexdigest()


def announce(version: PolicyVersion, *, actor: Account | None, now: datetime) -> Notice:
    """APPROVED -> ANNOUNCED: notice board and first page from now, one message per person to follow.

    Raises ``TransitionRefused("too_soon")`` when the day can no longer be met.
    """
    with transaction.atomic():
        locked = _locked(version, State.APPROVED)
        if locked.effective_on is None:
            raise TransitionRefused("no_day")
        _refuse_too_soon(locked, locked.change_class, locked.effective_on, now)
        locked.state, locked.announced_at = State.ANNOUNCED, now
        locked.announced_on = local_day(now, locked.service.timezone)
        locked.save(update_fields=["state", "announced_at", "announced_on"])
        notice = _publish(locked, now)
        data = {
            "change_class": locked.change_class,
            "effective_on": locked.effective_on,
            "announced_on": locked.announced_on,
        }
        _tell("compliance.policy.announced", locked, actor, now, data)
        ledger.record(
            "compliance.notice.published",
            actor=actor,
            now=now,
            service=locked.service,
            obj=f"notice:{notice.pk}",
            data={
                "event": notice.event,
                "effective_on": notice.effective_on,
                "places": notice.places,
            },
        )
    return notice


def hindrance(version: PolicyVersion, *, now: datetime) -> str:
    """Return why an announced version whose day has come cannot take effect yet, or an empty text.

    Only our own failure to send delays a version; people who cannot be reached count as told.
    """
    notice = version.notices.first()
    if notice is None or notice.state != Notice.State.PUBLISHED:
        return "notice_not_showing"
    return "" if notice.completed_at else "messages_open"


def due_to_take_effect(now: datetime) -> list[PolicyVersion]:
    """Return the announced versions whose day has begun in the zone of their service."""
    announced = PolicyVersion.objects.filter(state=State.ANNOUNCED).select_related("service")
    return [
        v
        for v in announced
        if v.effective_on and start_of_day(v.effective_on, v.service.timezone) <= now
    ]


def take_effect(version: PolicyVersion, *, actor: Account | None, now: datetime) -> PolicyVersion:
    """ANNOUNCED -> IN_EFFECT; the version before becomes SUPERSEDED. Refused before local midnight of its day."""
    with transaction.atomic():
        locked = _locked(version, State.ANNOUNCED)
        if (
            locked.effective_on is None
            or start_of_day(locked.effective_on, locked.service.timezone) > now
        ):
            raise TransitionRefused("day_not_reached")
        _supersede(locked, actor, now)
        locked.state, locked.taken_effect_at = State.IN_EFFECT, now
        locked.save(update_fields=["state", "taken_effect_at"])
        carry_facts(locked)
        _tell(
            "compliance.policy.took_effect",
            locked,
            actor,
            now,
            {"effective_on": locked.effective_on},
        )
    return locked


def cancel(version: PolicyVersion, *, actor: Account | None, now: datetime) -> PolicyVersion:
    """Any state before IN_EFFECT -> CANCELLED; a notice that is out is taken down with it."""
    with transaction.atomic():
        locked = _locked(version, *PolicyVersion.OPEN)
        before = locked.state
        locked.state, locked.cancelled_at = State.CANCELLED, now
        locked.save(update_fields=["state", "cancelled_at"])
        locked.notices.update(state=Notice.State.WITHDRAWN, shown_until=now)
        for notice in locked.notices.all():
            notice_correction.decide(notice, new_on=None, now=now)
        _tell("compliance.policy.cancelled", locked, actor, now, {"state": before})
    return locked


def move(
    version: PolicyVersion, *, effective_on: date, actor: Account | None, now: datetime
) -> PolicyVersion:
    """Let an announced version take effect on a later day; who was told of the old one is told of the new one.

    Never on an earlier day: the time that people were given stays theirs. Raises ``TransitionRefused``:
    ``wrong_state``, ``not_later``.
    """
    with transaction.atomic():
        locked = _locked(version, State.ANNOUNCED)
        old_on = locked.effective_on
        if old_on is None or effective_on <= old_on:
            raise TransitionRefused("not_later", day=old_on)
        locked.effective_on = effective_on
        locked.save(update_fields=["effective_on"])
        for notice in locked.notices.filter(state=Notice.State.PUBLISHED):
            notice_correction.decide(notice, new_on=effective_on, now=now)
        data = {"old_on": old_on, "effective_on": effective_on}
        _tell("compliance.policy.moved", locked, actor, now, data)
    return locked


def _locked(version: PolicyVersion, *states: str) -> PolicyVersion:
    locked = PolicyVersion.objects.select_for_update().get(pk=version.pk)
    if locked.state not in states:
        raise TransitionRefused("wrong_state", state=locked.state)
    return locked


def _refuse_too_soon(version: PolicyVersion, change_class: str, day: date, now: datetime) -> None:
    earliest = earliest_day(version, change_class, now=now)
    if day < earliest:
        raise TransitionRefused("too_soon", earliest=earliest, change_class=change_class)


def _refuse_own(version: PolicyVersion, actor: Account | None) -> None:
    own = actor is None or actor.pk in (version.created_by_id, version.submitted_by_id)
    if own and not version.service.one_officer_mode:
        raise TransitionRefused("own_version")


def _refuse_unannounced(version: PolicyVersion) -> None:
    """Refuse a version that keeps something of leavers without saying so, where that is promised (MIK-5.2b)."""
    policy = selectors.policy_values(version)
    in_force = selectors.policy_in_force(version.service)
    policies = [policy, *([selectors.policy_values(in_force)] if in_force else [])]
    if not any(holding_notice.is_promised(one) for one in policies):
        return
    texts = list(version.texts.filter(ready=True).values_list("body", flat=True))
    missing = holding_notice.gaps(policy, texts)
    if missing:
        raise TransitionRefused("holding_unannounced", rules=", ".join(gap.rule for gap in missing))


def _refuse_unclear(version: PolicyVersion, difference: PolicyDiff) -> None:
    """Refuse a version that asks about a recipient without saying what for, what and how long (MIK-6.2)."""
    unclear = consent_text.unclear(difference, selectors.policy_values(version))
    if unclear:
        raise TransitionRefused("question_unclear", rows=", ".join(unclear))


def _publish(version: PolicyVersion, now: datetime) -> Notice:
    in_force = selectors.policy_values(selectors.policy_in_force(version.service))
    rule = policy_diff.lead_for(in_force, version.change_class)
    important = version.change_class == IMPORTANT
    return Notice.objects.create(
        service=version.service,
        version=version,
        event=Notice.Event.REVISION_IMPORTANT if important else Notice.Event.REVISION_GENERAL,
        effective_on=version.effective_on,
        published_at=now,
        places=list(rule.places) if rule and rule.places else list(DEFAULT_PLACES),
        beyond_promise=not (rule and rule.individual),
        reminder_on=notice_correction.reminder_day(version.effective_on) if important else None,
    )


def _supersede(version: PolicyVersion, actor: Account | None, now: datetime) -> None:
    before = PolicyVersion.objects.filter(service=version.service, state=State.IN_EFFECT).first()
    if before is None:
        return
    before.state, before.superseded_at = State.SUPERSEDED, now
    before.save(update_fields=["state", "superseded_at"])
    _tell("compliance.policy.superseded", before, actor, now, {"by": version.number})


def _reasons(difference: PolicyDiff) -> list[dict[str, Any]]:
    return [
        {
            "table": change.table,
            "row": change.row,
            "kind": change.kind,
            "field": change.field,
            "importance": change.importance,
            "reason": change.reason_code,
            "needs_consent": change.needs_consent,
        }
        for change in difference.changes
    ]


def _codes(difference: PolicyDiff) -> list[str]:
    return sorted({change.reason_code for change in difference.changes})


def _tell(
    code: str,
    version: PolicyVersion,
    actor: Account | None,
    now: datetime,
    data: dict[str, Any] | None = None,
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=version.service,
        obj=f"policy_version:{version.pk}",
        data={"number": version.number, **(data or {})},
    )

"""Recorded cases: proposed by one officer, confirmed by another, looked at every year, ended with an outcome.

Invariants: nobody is held by an internal ceiling without a case in force (X-LEJ-1); a case extends only what still
exists and never beyond the period of its rule; ending one makes what it held due at once.
"""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from compliance import ledger
from compliance.models import Account
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy, RetentionRule
from members import gate
from members.actions import case_effects, restriction
from members.archive.models import ArchivedRecord
from members.models import CaseFlag, DataSubject, Record, Restriction
from members.rules import case_flag as rule_of

HERE = (DataSubject.Status.ACTIVE, DataSubject.Status.RESTRICTED)
End = CaseFlag.End


class NotPossible(ValueError):
    """The case cannot be recorded, confirmed, reviewed or ended like this; the text is a code."""


def propose(
    subject: DataSubject,
    *,
    rule_code: str,
    reason: str,
    found_on: date,
    actor: Account,
    now: datetime,
) -> CaseFlag:
    """Record a case; it holds nothing until a second officer confirms it.

    Raises ``NotPossible``: ``rule_needs_no_case``, ``reason_not_for_rule``, ``found_later``, ``person_left``
    (illegal use stops the use of an account that is there), ``nothing_held``, ``flagged_already``.
    """
    policy = gate.policy_for(subject.service, now)
    rule = _rule(policy, subject, rule_code)
    with transaction.atomic():
        locked = DataSubject.objects.select_for_update().get(pk=subject.pk)
        _refuse_unfounded(locked, policy, rule, reason, found_on, now)
        items = held_items(locked, rule)
        if not items:
            raise NotPossible("nothing_held")
        open_cases = CaseFlag.objects.filter(subject=locked, rule_code=rule_code, ended_at=None)
        if open_cases.exists():
            raise NotPossible("flagged_already")
        flag = CaseFlag.objects.create(
            subject=locked,
            service=subject.service,
            rule_code=rule_code,
            reason=reason,
            items=items,
            found_on=found_on,
            proposed_by=actor,
            proposed_at=now,
        )
        facts = {"reason": reason, "items": len(items), "found_on": found_on}
        _tell("members.case_flag.proposed", flag, actor, now, rule=rule_code, **facts)
    return flag


def confirm(flag: CaseFlag, *, actor: Account, now: datetime) -> CaseFlag:
    """Put a proposed case in force: use stops at once where the rule says so, and what it names is set aside.

    Raises ``NotPossible``: ``not_open``, ``own_proposal`` for the officer who proposed it.
    """
    if flag.proposed_by_id == actor.pk:
        raise NotPossible("own_proposal")
    if flag.subject is None:
        raise NotPossible("not_open")
    policy = gate.policy_for(flag.service, now)
    rule = policy.retention_by_code[flag.rule_code]
    review_on = rule_of.next_review(local_day(now, policy.timezone), None)
    with transaction.atomic():
        waiting = CaseFlag.objects.filter(pk=flag.pk, confirmed_at=None, ended_at=None)
        if not waiting.update(confirmed_by=actor, confirmed_at=now, review_on=review_on):
            raise NotPossible("not_open")
        flag.refresh_from_db()
        if rule_of.stops_use(rule):
            flag.stop = _stop_use(flag, actor, now)
            flag.save(update_fields=["stop"])
        facts = {"reason": flag.reason, "items": len(flag.items), "review_on": review_on}
        _tell("members.case_flag.confirmed", flag, actor, now, rule=flag.rule_code, **facts)
    case_effects.set_aside(flag, now=now)
    return flag


def review(flag: CaseFlag, *, reason: str, actor: Account, now: datetime) -> CaseFlag:
    """Keep a case for another year for a reason of the closed list; the ceiling of its rule stays where it is.

    Raises ``NotPossible``: ``not_in_force``, ``reason_not_for_rule``.
    """
    policy = gate.policy_for(flag.service, now)
    if reason not in rule_of.reasons_of(policy.retention_by_code[flag.rule_code]):
        raise NotPossible("reason_not_for_rule")
    again = rule_of.next_review(local_day(now, policy.timezone), ceiling(flag))
    with transaction.atomic():
        running = CaseFlag.objects.filter(pk=flag.pk, ended_at=None).exclude(confirmed_at=None)
        if not running.update(reviewed_at=now, review_on=again, reason=reason):
            raise NotPossible("not_in_force")
        flag.refresh_from_db()
        _tell("members.case_flag.reviewed", flag, actor, now, reason=reason, review_on=again)
    return flag


def end(flag: CaseFlag, *, reason: str, actor: Account | None, now: datetime) -> CaseFlag:
    """End a case with its outcome: use is open again, and what only the case held is due with the next sweep.

    Raises ``NotPossible("not_open")`` for a case that has ended.
    """
    released = case_effects.begin_release(flag, actor=actor, now=now)
    with transaction.atomic():
        running = CaseFlag.objects.filter(pk=flag.pk, ended_at=None)
        ended = running.update(ended_at=now, end_reason=reason, review_on=None)
        if ended:
            flag.refresh_from_db()
            _lift(flag.stop, actor, now)
            facts = {"rule": flag.rule_code, "records": len(released.payload["released"])}
            _tell("members.case_flag.ended", flag, actor, now, reason=reason, **facts)
    case_effects.finish_release(released, now=now)
    if not ended:
        raise NotPossible("not_open")
    return flag


def codes_in_force(subject: DataSubject) -> frozenset[str]:
    """The codes of the rules for which a confirmed case holds this person now."""
    return frozenset(in_force(subject).values_list("rule_code", flat=True))


def in_force(subject: DataSubject) -> QuerySet[CaseFlag]:
    """The confirmed cases that hold this person now, the oldest first."""
    running = CaseFlag.objects.filter(subject=subject, ended_at=None).exclude(confirmed_at=None)
    return running.order_by("confirmed_at", "pk")


def held_items(subject: DataSubject, rule: RetentionRule) -> list[str]:
    """The items of a rule that are held about a person now, here or apart; what is destroyed does not come back."""
    live = Record.objects.filter(subject=subject).values_list("item_codes", flat=True)
    apart = ArchivedRecord.objects.filter(subject__public_id=subject.public_id)
    held = {
        code for codes in (*live, *apart.values_list("item_codes", flat=True)) for code in codes
    }
    return [item for item in rule.items if item in held]


def ceiling(flag: CaseFlag) -> date | None:
    """The last day that the rule keeps what the case holds; None while its clock has not started."""
    if flag.subject is None:
        return None
    apart = ArchivedRecord.objects.filter(
        subject__public_id=flag.subject.public_id, rule_code=flag.rule_code
    )
    live = Record.objects.filter(subject=flag.subject, held_by=flag.rule_code)
    days = [*apart.values_list("due_on", flat=True), *live.values_list("due_on", flat=True)]
    return max((day for day in days if day), default=None)


def _rule(policy: Policy, subject: DataSubject, code: str) -> RetentionRule:
    found = {rule.code: rule for rule in rule_of.flaggable(policy, subject.kind)}
    if code not in found:
        raise NotPossible("rule_needs_no_case")
    return found[code]


def _refuse_unfounded(
    subject: DataSubject,
    policy: Policy,
    rule: RetentionRule,
    reason: str,
    found_on: date,
    now: datetime,
) -> None:
    if reason not in rule_of.reasons_of(rule):
        raise NotPossible("reason_not_for_rule")
    if found_on > local_day(now, policy.timezone):
        raise NotPossible("found_later")
    if rule_of.stops_use(rule) and subject.status not in HERE:
        raise NotPossible("person_left")


def _stop_use(flag: CaseFlag, actor: Account, now: datetime) -> Restriction | None:
    subject = flag.subject
    if subject is None or subject.status not in HERE:
        return None
    return restriction.place(
        subject,
        ground=Restriction.Ground.ILLEGAL_USE,
        items=flag.items,
        blocks_use=True,
        blocks_destruction=False,
        actor=actor,
        now=now,
    )


def _lift(stop: Restriction | None, actor: Account | None, now: datetime) -> None:
    if stop and stop.ended_at is None:
        restriction.lift(stop, actor=actor, now=now)


def _tell(code: str, flag: CaseFlag, actor: Account | None, now: datetime, **data: object) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=flag.service,
        subject=flag.subject.public_id if flag.subject else None,
        obj=f"case_flag:{flag.pk}",
        data={"flag": flag.pk, **data},
    )

"""The clock of one record under a new version of the policy, live or kept apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.rules import retention
from compliance.rules.clock_change import Clock, counts_for_all, settle, shortest
from compliance.rules.policy_values import Policy, RetentionRule
from compliance.rules.retention_leaving import LEAVING_EVENTS

LIVE, WITHDRAWN, DORMANT = "live", "withdrawn", "dormant"


@dataclass(frozen=True, slots=True)
class Group:
    """Records that share everything a clock depends on. ``place``: ``live``, ``withdrawn`` or ``dormant``.

    ``is_member`` says whether the kind of person joins, so that a membership can be running. ``since`` is the
    number of the version that was agreed to or announced; 0 for records apart, whose people agree to nothing new.
    """

    place: str
    kind: str
    is_member: bool
    record_class: str
    anchors: tuple[tuple[str, str], ...]
    since: int
    stored: Clock
    clause: str = ""

    @property
    def days(self) -> Mapping[str, date]:
        """Return the anchors as local days by event name."""
        return {name: date.fromisoformat(day[:10]) for name, day in self.anchors}


def running_clock(
    policy: Policy, kind: str, record_class: str, anchors: Mapping[str, date], *, is_member: bool
) -> Clock:
    """Return the clock of a record of somebody who is here, or sleeps.

    While a contract of use runs, its end decides (MIK-5.2.4), so the last day stays open for members.
    Example: MIKMIK payment of a purchaser, paid and supplied on 22 November 2026: 22 November 2031.
    """
    rule, last_day = retention.class_clock(policy, kind, record_class, anchors, is_member=is_member)
    return Clock(last_day, rule.code if rule else "")


def bound_clock(policies: Sequence[Policy], clock_of: Callable[[Policy], Clock]) -> Clock:
    """Return the clock that counts for something which is bound by several versions, the applied one last.

    A law's period counts as the applied version says it; any other one is the shortest that was in force since
    the version agreed to. Source: MIK-5.1a. Example: agreed to one year, then two years came into force: one year.
    """
    *earlier, applied = policies
    fresh = clock_of(applied)
    rule = applied.retention_by_code.get(fresh.rule)
    if rule is not None and counts_for_all(rule):
        return fresh
    clocks = [(policy, clock_of(policy)) for policy in earlier]
    known = [clock for policy, clock in clocks if _has_figure(policy, clock.rule)]
    if not _has_figure(applied, fresh.rule):
        return shortest(known) if known else fresh
    return shortest([*known, fresh])


def _has_figure(policy: Policy, code: str) -> bool:
    rule = policy.retention_by_code.get(code)
    return rule is not None and rule.period is not None


def apart_clock(policy: Policy, code: str, anchors: Mapping[str, date]) -> Clock:
    """Return the clock of a record apart by the rule of its code; open while the rule or its event is missing."""
    rule = policy.retention_by_code.get(code)
    due = retention.due(rule, anchors, policy.timezone) if rule else None
    return Clock(due.last_day if due else None, code)


def digest_clock(policy: Policy, stored: Clock, clause: str, left_on: date) -> tuple[Clock, str]:
    """Return the clock that counts for digests of a leaver under a version now in force, and its clause.

    Of a case nothing but the day of leaving is left to count from, which is never before the finding: its
    digests may only get an earlier day. Example: MIKMIK, left on 31 January: 28 February.
    """
    rule = _rule_of_digests(policy, stored.rule)
    left = dict.fromkeys(LEAVING_EVENTS, left_on)
    due = retention.due(rule, left, policy.timezone) if rule else None
    if rule is None or due is None:
        return stored, clause
    fresh = Clock(due.last_day, rule.code)
    clock = settle(stored, fresh, rule, agreed=False)
    return clock, rule.clause if clock is fresh else clause


def _rule_of_digests(policy: Policy, code: str) -> RetentionRule | None:
    """The rule of the same code, else the hold that a newer version gives another name."""
    own = policy.retention_by_code.get(code)
    holds = (r for r in policy.retention if r.storage == "hold" and not retention.needs_case(r))
    return own or next(holds, None)


def reclocked(policy: Policy, group: Group, earlier: Sequence[Policy] = ()) -> tuple[Clock, str]:
    """Return the clock that counts for a group under a version now in force, and the clause it rests on.

    ``earlier`` are the versions before it that bind the group. Who has left has agreed to nothing new, and a
    clock that a hold keeps open is started when the hold ends.
    """
    rule, fresh = _said(policy, group, earlier)
    clock = settle(group.stored, fresh, rule, agreed=group.since >= policy.version)
    return clock, rule.clause if rule and clock is fresh else group.clause


def _said(
    policy: Policy, group: Group, earlier: Sequence[Policy]
) -> tuple[RetentionRule | None, Clock]:
    """The rule of the new version for a group, and what counts by it."""
    if group.place == WITHDRAWN:
        rule = _rule_of_leaver(policy, group)
        return rule, _leavers_clock(policy, rule, group)
    if group.place == DORMANT and _only_moves(policy, group.stored.rule):
        return None, group.stored
    fresh = _running(policy, group)
    rule = policy.retention_by_code.get(fresh.rule)
    return rule, bound_clock((*earlier, policy), lambda one: _running(one, group))


def _running(policy: Policy, group: Group) -> Clock:
    return running_clock(
        policy, group.kind, group.record_class, group.days, is_member=group.is_member
    )


def _rule_of_leaver(policy: Policy, group: Group) -> RetentionRule | None:
    """The rule of the same code, else the one of the same class: a version may give a rule a new name."""
    rule = policy.retention_by_code.get(group.stored.rule)
    if rule and rule.action == "destroy" and group.kind in rule.subjects:
        return rule
    return retention.home_rule(policy, group.record_class, group.kind)


def _leavers_clock(policy: Policy, rule: RetentionRule | None, group: Group) -> Clock:
    if rule is None or group.stored.last_day is None:
        return Clock(None, rule.code if rule else "")
    return apart_clock(policy, rule.code, group.days)


def _only_moves(policy: Policy, code: str) -> bool:
    rule = policy.retention_by_code.get(code)
    return rule is not None and rule.action != "destroy"

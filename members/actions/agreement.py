"""People agree to a newer version of the policy: from then on its periods count for what is held about them.

Source: MIK-5.1a and X-MIK-21 (longer holding needs consent), X-KRN-3 (publication alone is no agreement).
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import ledger
from compliance.models import Account, PolicyVersion
from compliance.rules.clock_change import Clock
from compliance.rules.policy_values import Policy
from compliance.rules.retention import needs_case
from compliance.selectors import policy_in_force, policy_values
from members.actions import record
from members.actions.reclock_rows import SOURCES, Change
from members.binding import Binding
from members.models import DataSubject, Record

BINDING = (PolicyVersion.State.IN_EFFECT, PolicyVersion.State.SUPERSEDED)


def agree(
    subjects: Collection[int], version: PolicyVersion, *, actor: Account | None, now: datetime
) -> int:
    """Note that people agreed to a version and give their live records its last days; return how many did so newly.

    ``subjects`` are keys of up to 1,000 people. Whoever agreed to the same or a later version stays as is, so
    repeating is harmless. Raises ``ValueError`` for a version that never took effect: its periods bind nobody yet.
    """
    if version.state not in BINDING:
        raise ValueError(f"version {version.pk} has not taken effect")
    with transaction.atomic():
        people = DataSubject.objects.filter(
            pk__in=subjects, service=version.service, left_at=None
        ).exclude(agreed_version__number__gte=version.number)
        agreed = dict(people.select_for_update(of=("self",)).values_list("pk", "public_id"))
        if not agreed:
            return 0
        DataSubject.objects.filter(pk__in=agreed).update(agreed_version=version)
        _follow(agreed, version)
        ledger.record_batch(
            "members.subject.agreed",
            [(public_id, {}) for public_id in agreed.values()],
            actor=actor,
            now=now,
            service=version.service,
            data={"version": version.number},
        )
    return len(agreed)


def _follow(subjects: Collection[int], version: PolicyVersion) -> None:
    in_force = policy_in_force(version.service) or version
    policy = policy_values(in_force)
    earlier = Binding(policy).since_number(version.number)
    changes = []
    for pk, kind, record_class, anchors, *stored in _records(subjects):
        was = Clock(*stored)
        clock = Clock(*record.clock(policy, kind, record_class, anchors, earlier=earlier))
        if clock != was and not _is_for_case(policy, was.rule):
            changes.append(Change(pk, was, clock, ""))
    live, _ = SOURCES
    live.write(changes, in_force)


def _records(subjects: Collection[int]) -> Iterator[tuple[Any, ...]]:
    mine = Record.objects.filter(subject__in=subjects)
    columns = ("pk", "subject__kind", "record_class", "anchors", "due_on", "held_by")
    yield from mine.values_list(*columns).iterator(chunk_size=1_000)


def _is_for_case(policy: Policy, code: str) -> bool:
    """Tell whether a case set the record aside: agreeing to a policy does not end a case."""
    rule = policy.retention_by_code.get(code)
    return rule is not None and needs_case(rule)

"""Events about records kept apart: a supply, a closed case or a purchase confirmed moves the clock of the record there.

No value changes there. The archive is another database, so the move is an effect that can be repeated.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from compliance import effects, ledger
from compliance.models import Account, Effect, Job, Service
from compliance.rules.policy_values import RetentionRule
from members import gate
from members.actions.record import days
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.binding import Binding
from members.models import StagedChange
from members.rules.reclock import apart_clock, bound_clock

MOVE = "members.import.move_clocks_apart"
DORMANT = ArchivedSubject.Why.DORMANT


def begin(
    job: Job, rows: Sequence[StagedChange], *, actor: Account | None, now: datetime
) -> Effect:
    """Write the intent inside the transaction that makes a file visible; ``carry_out`` follows after it."""
    payload = {
        "job": job.pk.hex,
        "archived": [str(row.replaces) for row in rows],
        "anchors": [[[name, day] for name, day in sorted(row.anchors.items())] for row in rows],
    }
    ref = f"import:{job.pk.hex}.apart.{rows[0].pk.hex[:8]}"
    return effects.begin(MOVE, ref, payload, service=job.service, actor=actor, now=now)


def begin_for(
    ref: str,
    service: Service,
    anchors: Mapping[UUID, Mapping[str, str]],
    *,
    actor: Account | None,
    now: datetime,
) -> Effect:
    """Write the intent to start clocks of some records apart, for something that ended here. ``ref`` is opaque.

    Example: ``begin_for("request.7", mikmik, {record.pk: {"case_closed": "2026-11-23"}}, actor=dana, now=now)``.
    """
    payload = {
        "job": ref,
        "archived": [str(pk) for pk in anchors],
        "anchors": [[list(pair) for pair in sorted(one.items())] for one in anchors.values()],
    }
    return effects.begin(MOVE, f"{ref}:apart", payload, service=service, actor=actor, now=now)


def carry_out(effect: Effect, *, now: datetime) -> None:
    """Move the clocks and complete the effect; repeating changes nothing."""
    service = Service.objects.get(slug=effect.service_slug)
    binding = Binding(gate.policy_for(service, now))
    anchors = {
        UUID(pk): dict(pairs)
        for pk, pairs in zip(effect.payload["archived"], effect.payload["anchors"], strict=True)
    }
    with transaction.atomic(using="archive"):
        rows = ArchivedRecord.objects.select_for_update().select_related("subject")
        for record in rows.filter(pk__in=anchors).defer("sealed"):
            _move(record, anchors[record.pk], binding)
    with transaction.atomic():
        if effects.complete(effect, now=now):
            ledger.record(
                "members.archive.clocks_moved",
                actor=None,
                now=now,
                service=service,
                obj=effect.object_ref,
                data={"job": effect.payload["job"], "records": len(anchors)},
            )


def repair_unfinished(*, now: datetime) -> int:
    """Finish moves that a stop interrupted."""
    interrupted = list(effects.unfinished(MOVE))
    for effect in interrupted:
        carry_out(effect, now=now)
    return len(interrupted)


def _move(record: ArchivedRecord, anchors: dict[str, str], binding: Binding) -> None:
    rule = binding.policy.retention_by_code.get(record.rule_code)
    record.anchors = {**record.anchors, **anchors}
    record.due_on = _last_day(record, rule, binding)
    record.save(update_fields=["anchors", "due_on"])
    if rule and rule.identity_items and record.subject.why != DORMANT:
        _move_copies(record.subject, rule)


def _last_day(record: ArchivedRecord, rule: RetentionRule | None, binding: Binding) -> date | None:
    """The last day by the versions since the one that the record was set apart by: who left agrees to nothing new."""
    if rule is None or record.subject.why == DORMANT:
        return record.due_on  # A membership that runs decides the end.
    known = days(record.anchors)
    policies = (*binding.since_number(record.policy_version), binding.policy)
    clock = bound_clock(policies, lambda one: apart_clock(one, rule.code, known))
    return clock.last_day or record.due_on


def _move_copies(person: ArchivedSubject, rule: RetentionRule) -> None:
    """Identity copies of a rule run with the latest of its records."""
    mine = list(person.records.filter(rule_code=rule.code).defer("sealed"))
    copies = [one for one in mine if set(one.item_codes) <= set(rule.identity_items)]
    others = [one for one in mine if one not in copies]
    ends = [one.due_on for one in others]
    for copy in copies:
        for name in {name for one in others for name in one.anchors}:
            copy.anchors[name] = max(one.anchors[name] for one in others if name in one.anchors)
        known = [end for end in ends if end]
        copy.due_on = max(known) if known and len(known) == len(ends) else None
        copy.save(update_fields=["anchors", "due_on"])

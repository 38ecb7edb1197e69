"""Paper batches: registered -> reported destroyed by one person -> witnessed by another (MIK-9.1.2a)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from compliance import ledger, selectors
from compliance.models import Account, PaperBatch, Service
from compliance.rules import paper
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy


class PaperRefused(ValueError):
    """The step is not possible; ``reason`` is a code, ``field`` the input it is about."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


@dataclass(frozen=True)
class Content:
    """What lies in a batch: a label without names, its rule, its place, how much, and how old it is."""

    label: str
    rule_code: str
    place: str
    quantity: int
    unit: str
    first_on: date
    last_on: date


def register(service: Service, content: Content, *, actor: Account, now: datetime) -> PaperBatch:
    """Enter a batch; its last day follows from the rule of the policy in force and its newest sheet."""
    rule = _policy(service).retention_by_code.get(content.rule_code)
    if rule is None:
        raise PaperRefused("unknown_rule", "rule")
    if "@" in content.label:
        raise PaperRefused("names_a_person", "label")
    if content.last_on < content.first_on:
        raise PaperRefused("ends_before_it_begins", "last_on")
    if content.last_on > local_day(now, service.timezone):
        raise PaperRefused("day_ahead", "last_on")
    with transaction.atomic():
        batch = PaperBatch.objects.create(
            service=service,
            **content.__dict__,
            record_class=rule.record_class,
            clause=rule.clause,
            due_on=paper.kept_until(rule, content.last_on),
            registered_by=actor,
            registered_at=now,
        )
        facts = {"rule": rule.code, "quantity": batch.quantity, "unit": batch.unit}
        _tell("compliance.paper.registered", batch, actor, now, facts)
    return batch


def destroy(
    batch: PaperBatch,
    *,
    method: str,
    destroyed_on: date,
    note_code: str = "",
    actor: Account,
    now: datetime,
) -> PaperBatch:
    """HERE -> REPORTED: it was destroyed by a method of the policy; a witness has to confirm it."""
    if method not in paper.methods_of(_policy(batch.service)).codes:
        raise PaperRefused("method_not_allowed", "method")
    if destroyed_on > local_day(now, batch.service.timezone):
        raise PaperRefused("day_ahead", "destroyed_on")
    with transaction.atomic():
        locked = _locked(batch)
        if locked.destroyed_on is not None:
            raise PaperRefused("gone_already")
        if locked.due_on is None or destroyed_on <= locked.due_on:
            raise PaperRefused("still_kept", "destroyed_on")
        locked.method, locked.note_code = method, note_code
        locked.destroyed_on, locked.destroyed_by = destroyed_on, actor
        locked.save(update_fields=["method", "note_code", "destroyed_on", "destroyed_by"])
        facts = {"method": method, "destroyed_on": destroyed_on}
        _tell("compliance.paper.reported", locked, actor, now, facts)
    return locked


def witness(batch: PaperBatch, *, actor: Account, now: datetime) -> PaperBatch:
    """REPORTED -> DESTROYED by somebody who did not destroy it; from here on the row never changes."""
    with transaction.atomic():
        locked = _locked(batch)
        _refuse_unless_reported(locked)
        if locked.destroyed_by_id == actor.pk:
            raise PaperRefused("own_destruction")
        locked.witness, locked.witnessed_at = actor, now
        locked.save(update_fields=["witness", "witnessed_at"])
        facts = {
            "rule": locked.rule_code,
            "quantity": locked.quantity,
            "unit": locked.unit,
            "method": locked.method,
            "destroyed_on": locked.destroyed_on,
        }
        _tell("compliance.paper.destroyed", locked, actor, now, facts)
    return locked


def take_back(batch: PaperBatch, *, actor: Account, now: datetime) -> PaperBatch:
    """REPORTED -> HERE: the report was a mistake, or the witness has not seen it."""
    with transaction.atomic():
        locked = _locked(batch)
        _refuse_unless_reported(locked)
        locked.method = locked.note_code = ""
        locked.destroyed_on = locked.destroyed_by = None
        locked.save(update_fields=["method", "note_code", "destroyed_on", "destroyed_by"])
        _tell("compliance.paper.taken_back", locked, actor, now, {})
    return locked


def _policy(service: Service) -> Policy:
    version = selectors.policy_in_force(service)
    if version is None:
        raise PaperRefused("no_policy_in_force")
    return selectors.policy_values(version)


def _locked(batch: PaperBatch) -> PaperBatch:
    return PaperBatch.objects.select_for_update().get(pk=batch.pk)


def _refuse_unless_reported(batch: PaperBatch) -> None:
    if batch.destroyed_on is None:
        raise PaperRefused("still_here")
    if batch.witness_id is not None:
        raise PaperRefused("witnessed_already")


def _tell(
    code: str, batch: PaperBatch, actor: Account, now: datetime, facts: dict[str, object]
) -> None:
    ledger.record(
        code,
        actor=actor,
        now=now,
        service=batch.service,
        obj=f"paperbatch:{batch.pk}",
        clause=batch.clause,
        data=facts,
    )

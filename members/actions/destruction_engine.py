"""Carry a plan out page by page, each record looked at again at the last moment, resumable at any line.

A batch is one page of the list: intent with its ids (outside nobody can miss it), keys and index rows, rows apart, then
in one transaction live rows, completion, ledger items per person, certificates, cursor. What was counted is exactly
what went.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from compliance import bulk, effects, ledger
from compliance.actions import certificate, certificate_people
from compliance.keyring import keys
from compliance.models import Effect, Service
from compliance.sweeps import Report
from members.actions import destruction_due, destruction_pages, destruction_told
from members.actions.destruction_due import Holds
from members.actions.destruction_pages import Look, span_of
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, DestructionPlan, Record

DUE = "members.record.destroy_due"
LEASE = timedelta(minutes=55)  # A killed run goes on with the next sweep, an hour later.
State = DestructionPlan.State


def run(plan: DestructionPlan, *, now: datetime) -> Report:
    """RUNNING -> DONE: take pages until the list is through; somebody else's lease is left alone."""
    if not _claim(plan, now):
        return Report(skipped={"at_work_elsewhere": 1})
    report = Report()
    for effect in _batches(plan, now):
        report.done += carry_out(effect, plan, now=now)
    plan.refresh_from_db()
    left_out = {"hold": plan.postponed, "no_longer_due": plan.dropped}
    if plan.state == State.DONE:
        report.add(Report(skipped={reason: n for reason, n in left_out.items() if n}))
    return report


def carry_out(effect: Effect, plan: DestructionPlan, *, now: datetime) -> int:
    """Destroy what an intent names and complete it with its certificates; repeating changes nothing.

    Returns how many records went. An intent that was overtaken (a hold, a new clock) before anything was
    destroyed ends without destroying; the next batch looks at its page anew.
    """
    payload = effect.payload
    ids = [text.replace("-", "") for text in payload["records"]]
    overtaken = _is_overtaken(ids, plan, apart=payload["apart"])
    if overtaken and keys.existing(ids):
        return _stop(effect, plan, now)
    keys.destroy(ids)
    gone: set[str] = set()
    if payload["apart"] or overtaken:
        bulk.delete(ArchivedRecord, "id", ids)
        gone = _without_records(payload["people"])
    return len(ids) if _complete(effect, plan, ids, gone, now) else 0


def repair_unfinished(*, now: datetime) -> int:
    """Finish batches that a stop interrupted, with the certificates they still owe."""
    interrupted = list(effects.unfinished(DUE))
    plans = DestructionPlan.objects.select_related("service").in_bulk(
        [effect.payload["plan"] for effect in interrupted]
    )
    for effect in interrupted:
        carry_out(effect, plans[effect.payload["plan"]], now=now)
    return len(interrupted)


def _claim(plan: DestructionPlan, now: datetime) -> bool:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = DestructionPlan.objects.filter(free, pk=plan.pk, state=State.RUNNING)
    return mine.update(lease_until=now + LEASE) == 1


def _batches(plan: DestructionPlan, now: datetime) -> Iterator[Effect]:
    """Yield unfinished batches of a plan, then new ones; the plan is done after the last."""
    yield from effects.unfinished(DUE).filter(object_ref__startswith=f"{plan.run_ref}:")
    while True:
        plan.refresh_from_db()
        page = destruction_pages.look(plan)
        if page is None:
            _finish(plan, now)
            return
        if page.free:
            yield _begin(plan, page, now)
        else:
            _pass(plan, plan.passed, page.held, page.dropped)


def _begin(plan: DestructionPlan, page: Look, now: datetime) -> Effect:
    free = page.free
    people = {person: n for n, person in enumerate(dict.fromkeys(row.person for row in free))}
    kinds = {
        kind: n for n, kind in enumerate(dict.fromkeys((r.record_class, r.rule) for r in free))
    }
    payload = {
        "records": [_with_hyphens(row.id) for row in free],
        "people": list(people),
        # Empty where it says nothing: one record each, one kind only.
        "owner": [people[row.person] for row in free] if len(people) < len(free) else [],
        "kind": [kinds[row.record_class, row.rule] for row in free] if len(kinds) > 1 else [],
        "classes": [record_class for record_class, _ in kinds],
        "rules": [rule for _, rule in kinds],
        "plan": plan.pk,
        "page": plan.passed,
        "held": page.held,
        "dropped": page.dropped,
        "apart": any(row.apart for row in free),
    }
    ref = f"{plan.run_ref}:{plan.batches + 1}"
    return effects.begin(DUE, ref, payload, service=plan.service, actor=None, now=now)


def _with_hyphens(id: str) -> str:
    return f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}"


def _pass(plan: DestructionPlan, page: int, held: int, dropped: int, **more: Any) -> None:
    DestructionPlan.objects.filter(pk=plan.pk).update(
        passed=page + 1, postponed=F("postponed") + held, dropped=F("dropped") + dropped, **more
    )


def _is_overtaken(ids: Sequence[str], plan: DestructionPlan, *, apart: bool) -> bool:
    """Tell whether a hold or another clock came between the look at a page and its intent."""
    models = destruction_due.MODELS if apart else (Record,)
    holds = Holds(plan.service)
    return destruction_due.still_free(ids, span_of(plan), holds, models=models) < len(ids)


def _stop(effect: Effect, plan: DestructionPlan, now: datetime) -> int:
    with transaction.atomic():
        if effects.complete(effect, now=now):
            DestructionPlan.objects.filter(pk=plan.pk).update(batches=F("batches") + 1)
            certificate.issue_for_run(plan.service, counts=[], run=effect.object_ref, now=now)
    return 0


def _without_records(people: Sequence[str]) -> set[str]:
    """Drop the archive's row of leavers of whom nothing is left there; return who has no row there now."""
    here = ArchivedSubject.objects.filter(public_id__in=people)
    emptied = here.filter(why=ArchivedSubject.Why.WITHDRAWN, records=None)
    emptied._raw_delete(emptied.db)
    return set(people) - set(here.values_list("public_id", flat=True))


def _complete(
    effect: Effect, plan: DestructionPlan, ids: Sequence[str], gone: set[str], now: datetime
) -> bool:
    """Rows first, the ledger last: until the transaction ends nobody else can append to it."""
    payload, service = effect.payload, plan.service
    mine = _by_person(payload)
    with transaction.atomic():
        bulk.delete(Record, "id", ids)
        stubs = _stubs_left(gone)
        if not effects.complete(effect, now=now):
            return False
        _advance(plan, payload)
        stubs_of = {person: Counter(mine[person]) for person in stubs.values()}
        DataSubject.objects.filter(pk__in=stubs).delete()
        _tell(effect, mine, service, now)
        _note_untold(mine, payload, plan, now)
        counts = _counts(Counter(_kinds(payload)), payload, plan)
        of_run = certificate.issue_for_run(service, counts=counts, run=effect.object_ref, now=now)
        of_people = {p: _counts(kinds, payload, plan) for p, kinds in stubs_of.items()}
        certificate_people.issue_for_people(of_run, of_people)
    return True


def _stubs_left(people: set[str]) -> dict[int, str]:
    """Return key and public id of those who left and of whom nothing is kept any more."""
    left = DataSubject.objects.filter(
        public_id__in=people, status=DataSubject.Status.WITHDRAWN, records=None
    )
    return dict(left.values_list("pk", "public_id")) if people else {}


def _advance(plan: DestructionPlan, payload: Mapping[str, Any]) -> None:
    _pass(
        plan,
        payload["page"],
        payload["held"],
        payload["dropped"],
        batches=F("batches") + 1,
        destroyed=F("destroyed") + len(payload["records"]),
    )


def _by_person(payload: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return for each person, by public id, the kinds of the records that go."""
    people, kinds = payload["people"], _kinds(payload)
    if not payload["owner"]:
        return dict(zip(people, zip(kinds), strict=True))
    found: list[list[int]] = [[] for _ in people]
    for owner, kind in zip(payload["owner"], kinds, strict=True):
        found[owner].append(kind)
    return dict(zip(people, map(tuple, found), strict=True))


def _kinds(payload: Mapping[str, Any]) -> Sequence[int]:
    """Return the place of each record's class and rule in the lists of the payload."""
    return payload["kind"] or [0] * len(payload["records"])


def _tell(
    effect: Effect, mine: Mapping[str, tuple[int, ...]], service: Service, now: datetime
) -> None:
    """One ledger entry for up to 1,000 people, one leaf each: how many records, by which rules."""
    rules = effect.payload["rules"]
    leaves = {kinds: _leaf(Counter(kinds), rules) for kinds in set(mine.values())}
    items = [(person, leaves[kinds]) for person, kinds in mine.items()]
    for start in range(0, len(items), ledger.MAX_ITEMS):
        part = items[start : start + ledger.MAX_ITEMS]
        ledger.record_batch(
            "members.record.destroyed",
            part,
            actor=None,
            now=now,
            service=service,
            data={"records": sum(data["records"] for _, data in part), "run": effect.object_ref},
        )


def _note_untold(
    mine: Mapping[str, tuple[int, ...]],
    payload: Mapping[str, Any],
    plan: DestructionPlan,
    now: datetime,
) -> None:
    """Leave word for those who are still here and have to be told (MIK-8.1c)."""
    lines = {kinds: _counts(Counter(kinds), payload, plan) for kinds in set(mine.values())}
    lines_of = {person: lines[kinds] for person, kinds in mine.items()}
    destruction_told.note(plan.service, lines_of, now=now)


def _leaf(kinds: Counter[int], rules: Sequence[str]) -> dict[str, Any]:
    if len(kinds) == 1:
        [(kind, n)] = kinds.items()
        return {"records": n, "rules": [rules[kind]], "numbers": [n]}
    names = [rules[kind] for kind in kinds]
    return {"records": sum(kinds.values()), "rules": names, "numbers": list(kinds.values())}


def _counts(
    kinds: Mapping[int, int], payload: Mapping[str, Any], plan: DestructionPlan
) -> list[dict[str, Any]]:
    """Return the counts of a certificate, with the clauses of the plan."""
    clauses = {(line["class"], line["rule"]): line["clause"] for line in plan.counts}
    named = sorted((payload["classes"][k], payload["rules"][k], n) for k, n in kinds.items())
    return [
        {"class": c, "rule": r, "clause": clauses.get((c, r), ""), "records": n}
        for c, r, n in named
    ]


def _finish(plan: DestructionPlan, now: datetime) -> None:
    with transaction.atomic():
        running = DestructionPlan.objects.filter(pk=plan.pk, state=State.RUNNING)
        if running.update(state=State.DONE, finished_at=now, lease_until=None):
            plan.pages.all().delete()
            left_out = {"left_alone": plan.postponed, "no_longer_due": plan.dropped}
            ledger.record(
                "members.destruction.completed",
                actor=None,
                now=now,
                service=plan.service,
                obj=plan.run_ref,
                data={"records": plan.destroyed, **left_out},
            )

"""The engine: every record once, nothing left, resumable at each step, no query per person."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance import effects, ledger
from compliance.keyring import keys
from compliance.keyring.models import BlindIndex, DataKey
from compliance.models import Certificate, Effect, LedgerBatchItem, LedgerEntry
from members import destruction_proof
from members.actions import (
    destruction,
    destruction_due,
    destruction_engine,
    destruction_plan,
    restriction,
    withdrawal,
)
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Delivery, DestructionPlan, Record, Withdrawal
from tests.benchmarks import crowd
from tests.tools import cast

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

DUE = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, 15, tzinfo=UTC)
LEFT = datetime(2027, 1, 31, 3, tzinfo=UTC)
OVER = datetime(2040, 1, 1, tzinfo=UTC)
LATER = timedelta(hours=1)  # The lease of a killed run is over.


@pytest.fixture
def mikmik():
    return cast.service()


def gone(service, name):
    """Somebody who has left and of whom only what the law wants is kept."""
    person = cast.member(service, name, mobile=f"010-7000-{len(name):04}")
    cast.history(person)
    leaving = withdrawal.request(person, channel="web", actor=None, now=LEFT)
    withdrawal.carry_out(leaving, now=LEFT)
    mails = Delivery.objects.filter(subject=person)
    keys.destroy(list(mails.values_list("pk", flat=True)))
    mails.update(state="sent", finished_at=LEFT, sealed=None)
    withdrawal.carry_out(Withdrawal.objects.get(subject=person), now=LEFT)
    return person


def nothing_is_left():
    for model in (Record, ArchivedRecord, ArchivedSubject, DataKey, BlindIndex):
        assert not model.objects.exists(), model.__name__


@pytest.mark.promise("LEJ-DES-3", "MIK-9.1", "MIK-9.1.2b", "KRN-6.1")
def test_the_last_record_takes_the_person_along_and_both_certificates_say_so(mikmik):
    leavers = [gone(mikmik, name) for name in ("minji", "juno-a")]
    Certificate.objects.all().delete()
    assert destruction.destroy_due(mikmik, now=OVER).done == 14
    nothing_is_left()
    assert not DataSubject.objects.exists()
    run = Certificate.objects.get(kind="run")
    of_people = Certificate.objects.filter(kind="person")
    assert of_people.count() == 2 and {one.run_ref for one in of_people} == {run.run_ref}
    for one in of_people:
        assert sum(line["records"] for line in one.counts) == 7
        assert {line["clause"] for line in one.counts} >= {"5.2.1", "5.2.2", "5.2.3"}
    for person in leavers:
        *_, last = destruction_proof.destroyed_of(person.public_id, mikmik)
        assert sum(line.records for line in last.lines) == 7 and last.proof.holds
        assert run in last.certificates
    assert ledger.verify().ok


def test_a_proof_fails_for_another_leaf(mikmik):
    crowd.rows(mikmik, 5, due_on=DUE)
    people = list(DataSubject.objects.order_by("pk"))
    destruction.destroy_due(mikmik, now=MIDNIGHT)
    proofs = [destruction_proof.destroyed_of(one.public_id, mikmik)[0].proof for one in people]
    assert all(proof.holds for proof in proofs)
    assert not replace(proofs[0], leaf=proofs[1].leaf).holds


STEPS = (
    (destruction_engine.effects, "begin"),
    (destruction_engine.keys, "destroy"),
    (destruction_engine.bulk, "delete"),
    (destruction_engine, "_without_records"),
    (destruction_engine, "_complete"),
    (destruction_engine.effects, "complete"),
    (destruction_engine.ledger, "record_batch"),
    (destruction_engine.certificate, "issue_for_run"),
    (destruction_engine, "_finish"),
)


@pytest.mark.parametrize("after", [False, True], ids=("before", "after"))
@pytest.mark.parametrize("step", STEPS, ids=lambda step: step[1])
def test_a_stop_at_each_step_is_resumed_to_the_same_end(mikmik, monkeypatch, step, after):
    gone(mikmik, "minji")
    place, name = step
    whole = getattr(place, name)

    def stop(*args, **kwargs):
        if after:
            whole(*args, **kwargs)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(place, name, stop)
        with pytest.raises(KeyboardInterrupt):
            destruction.destroy_due(mikmik, now=OVER)
    no_certificate_without_destruction()
    destruction.destroy_due(mikmik, now=OVER + LATER)
    nothing_is_left()
    assert not DataSubject.objects.exists()
    assert not Effect.objects.filter(state="intended").exists()
    runs = Certificate.objects.filter(kind="run")
    assert sum(line["records"] for one in runs for line in one.counts) == 7
    assert [plan.destroyed for plan in DestructionPlan.objects.filter(state="done")] == [7]
    told = LedgerBatchItem.objects.filter(entry__code="members.record.destroyed")
    assert sum(item.data["records"] for item in told) == 7
    assert ledger.verify().ok
    before = LedgerEntry.objects.count()
    assert destruction.destroy_due(mikmik, now=OVER + 2 * LATER).done == 0
    assert LedgerEntry.objects.count() == before


def no_certificate_without_destruction():
    certified = sum(
        line["records"] for one in Certificate.objects.filter(kind="run") for line in one.counts
    )
    left = list(ArchivedRecord.objects.values_list("pk", flat=True))
    assert certified == 0 or (not left and not keys.existing(left))


def test_a_hold_that_comes_between_look_and_intent_stops_the_batch(mikmik, monkeypatch):
    crowd.rows(mikmik, 20, due_on=DUE)
    held = DataSubject.objects.order_by("pk")[4]
    begin = effects.begin

    def late_hold(kind, *args, **kwargs):
        if kind == destruction.DUE and not held.restrictions.exists():
            restriction.place(held, ground="legal_request", actor=None, now=MIDNIGHT)
        return begin(kind, *args, **kwargs)

    monkeypatch.setattr(destruction_engine.effects, "begin", late_hold)
    report = destruction.destroy_due(mikmik, now=MIDNIGHT)
    assert (report.done, report.skipped) == (19, {"hold": 1})
    record = Record.objects.get()
    assert record.subject == held and keys.existing([record.pk])
    assert ledger.verify().ok


def test_a_clock_that_changes_between_look_and_intent_spares_the_record(mikmik, monkeypatch):
    crowd.rows(mikmik, 20, due_on=DUE)
    spared = Record.objects.order_by("pk")[4]
    begin = effects.begin

    def late_event(kind, *args, **kwargs):
        Record.objects.filter(pk=spared.pk).update(due_on=DUE + timedelta(days=365))
        return begin(kind, *args, **kwargs)

    monkeypatch.setattr(destruction_engine.effects, "begin", late_event)
    assert destruction.destroy_due(mikmik, now=MIDNIGHT).done == 19
    assert list(Record.objects.values_list("pk", flat=True)) == [spared.pk]
    assert keys.existing([spared.pk])


def test_a_batch_costs_the_same_number_of_queries_for_ten_people_and_for_a_hundred(
    mikmik, settings
):
    settings.DESTRUCTION_APPROVAL_ABOVE = 1_000
    asked = []
    for people in (3, 10, 100):  # The first fills caches.
        crowd.rows(mikmik, people, due_on=DUE)
        asked.append(queries_of(lambda: destruction.destroy_due(mikmik, now=MIDNIGHT)))
    assert asked[1] == asked[2] < 100


def queries_of(work):
    with contextlib.ExitStack() as stack:
        watched = [CaptureQueriesContext(connections[alias]) for alias in connections]
        for one in watched:
            stack.enter_context(one)
        work()
    return sum(len(one) for one in watched)


def test_the_certificates_of_many_who_go_at_once_cost_no_query_each(mikmik, settings):
    settings.DESTRUCTION_APPROVAL_ABOVE = 10_000
    asked = []
    for count in (1, 4):
        for n in range(count):
            gone(mikmik, "x" * (n + 1 + 10 * count))
        asked.append(queries_of(lambda: destruction.destroy_due(mikmik, now=OVER)))
    assert asked[1] - asked[0] <= 2
    assert Certificate.objects.filter(kind="person", run_ref__startswith="destruction").count() == 5


def test_batches_follow_each_other_through_one_plan(mikmik, monkeypatch):
    crowd.rows(mikmik, 90, due_on=DUE)
    monkeypatch.setattr(destruction_due, "PAGE", 20)
    assert destruction.destroy_due(mikmik, now=MIDNIGHT).done == 90
    plan = DestructionPlan.objects.get()
    assert (plan.state, plan.batches, plan.destroyed) == ("done", 5, 90)
    nothing_is_left()


def test_never_more_is_destroyed_than_was_planned(mikmik, monkeypatch):
    crowd.rows(mikmik, 30, due_on=DUE)
    monkeypatch.setattr(destruction_due, "PAGE", 10)
    finish = destruction_engine.effects.complete

    def more_comes_in(effect, **kwargs):
        late = {"record_class": "account_data", "held_by": "purpose_end", "due_on": DUE}
        Record.objects.create(
            subject=DataSubject.objects.first(), occurred_at=MIDNIGHT, sealed=b"late", **late
        )
        return finish(effect, **kwargs)

    plan = destruction_plan.make(
        destruction_plan.Span(mikmik, None, DUE + timedelta(days=1)), actor=None, now=MIDNIGHT
    )
    destruction_plan.start(plan, now=MIDNIGHT)
    monkeypatch.setattr(destruction_engine.effects, "complete", more_comes_in)
    assert destruction_engine.run(plan, now=MIDNIGHT).done == plan.records == 30
    plan.refresh_from_db()
    assert (plan.state, plan.destroyed) == ("done", 30) and Record.objects.exists()


def test_another_run_at_work_is_left_alone(mikmik):
    crowd.rows(mikmik, 10, due_on=DUE)
    plan = destruction_plan.make(
        destruction_plan.Span(mikmik, None, DUE + timedelta(days=1)), actor=None, now=MIDNIGHT
    )
    destruction_plan.start(plan, now=MIDNIGHT)
    DestructionPlan.objects.update(lease_until=MIDNIGHT + LATER)
    assert destruction.destroy_due(mikmik, now=MIDNIGHT).skipped == {"at_work_elsewhere": 1}
    assert destruction.destroy_due(mikmik, now=MIDNIGHT + 2 * LATER).done == 10


def test_the_tail_is_told_every_id_before_anything_goes(mikmik, monkeypatch):
    crowd.rows(mikmik, 10, due_on=DUE)
    ids = {str(pk) for pk in Record.objects.values_list("pk", flat=True)}
    seen = []
    monkeypatch.setattr(
        destruction_engine.keys,
        "destroy",
        lambda doomed: seen.append(Effect.objects.get(state="intended").payload["records"]),
    )
    destruction.destroy_due(mikmik, now=MIDNIGHT)
    assert [set(payload) for payload in seen] == [ids]

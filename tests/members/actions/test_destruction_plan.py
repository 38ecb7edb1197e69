"""Plans of destruction: who allows them, what makes them void, and that nothing more goes than was approved."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections

from compliance.keyring.models import DataKey
from compliance.models import Certificate, LedgerEntry
from members.actions import (
    destruction,
    destruction_due,
    destruction_pages,
    destruction_plan,
    restriction,
)
from members.actions.destruction_plan import NotPossible
from members.models import DataSubject, DestructionPage, DestructionPlan, Record
from tests.benchmarks import crowd
from tests.tools import cast, clock

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]

DUE = date(2026, 11, 22)
MIDNIGHT = datetime(2026, 11, 22, 15, tzinfo=UTC)  # 23 November, 00:00 in Seoul.
HOUR = timedelta(hours=1)
MANY = 130


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def mina(mikmik):
    return cast.officer("mina", mikmik)


def sweep(service, now=MIDNIGHT, **more):
    return destruction.destroy_due(service, now=now, **more)


def plan_of(service):
    return DestructionPlan.objects.filter(service=service).latest("pk")


def approve(plan, actor, now=MIDNIGHT):
    return destruction_plan.approve(plan, shown=plan.content_hash, actor=actor, now=now)


def refused(plan, actor, now=MIDNIGHT, shown=None):
    with pytest.raises(NotPossible) as refusal:
        destruction_plan.approve(plan, shown=shown or plan.content_hash, actor=actor, now=now)
    return str(refusal.value)


def test_up_to_a_hundred_records_the_machine_runs_its_plan_by_itself(mikmik):
    crowd.rows(mikmik, 100, due_on=DUE)
    assert sweep(mikmik, MIDNIGHT - timedelta(seconds=1)).done == 0
    assert sweep(mikmik).done == 100
    plan = plan_of(mikmik)
    assert (plan.state, plan.destroyed, plan.approved_by) == ("done", 100, None)
    assert not Record.objects.exists() and not DataKey.objects.exists()


def test_above_it_nothing_goes_before_an_officer_has_approved_the_exact_list(mikmik, mina):
    crowd.rows(mikmik, 101, due_on=DUE)
    report = sweep(mikmik)
    assert (report.done, report.skipped) == (0, {"approval": 101})
    plan = plan_of(mikmik)
    assert (plan.state, plan.records, plan.people) == ("waiting", 101, 101)
    assert plan.counts == [
        {"class": "account_data", "rule": "purpose_end", "clause": "5.1", "records": 101}
    ]
    assert approve(plan, mina).approved_by == mina
    assert sweep(mikmik, MIDNIGHT + HOUR).done == 101
    assert sum(row.counts[0]["records"] for row in Certificate.objects.all()) == 101


def test_the_coming_days_are_planned_three_days_ahead_and_run_on_their_day_at_midnight(
    mikmik, mina
):
    crowd.rows(mikmik, MANY, due_on=DUE)
    early = MIDNIGHT - timedelta(days=3)
    assert sweep(mikmik, early - HOUR).done == 0 and not DestructionPlan.objects.exists()
    sweep(mikmik, early)
    plan = plan_of(mikmik)
    assert (plan.since, plan.before, plan.state) == (DUE, date(2026, 11, 23), "waiting")
    approve(plan, mina, early + HOUR)
    assert sweep(mikmik, MIDNIGHT - timedelta(seconds=1)).done == 0
    assert Record.objects.count() == MANY
    assert sweep(mikmik).done == MANY


def test_whoever_opened_a_plan_by_hand_cannot_approve_it(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    plan = destruction_plan.plan_by_hand(
        mikmik, before=date(2026, 11, 23), actor=mina, now=MIDNIGHT
    )
    assert refused(plan, mina) == "own_plan"
    assert approve(plan, cast.officer("juno", mikmik)).state == "approved"


def test_one_officer_mode_is_the_documented_way_out(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    plan = destruction_plan.plan_by_hand(
        mikmik, before=date(2026, 11, 23), actor=mina, now=MIDNIGHT
    )
    plan.service.one_officer_mode, plan.service.one_officer_reason = True, "One-person company."
    plan.service.save()
    assert approve(plan, mina).state == "approved"


def test_a_plan_by_hand_reaches_three_days_and_needs_something_due(mikmik, mina):
    for before, code in ((date(2026, 11, 27), "too_far"), (date(2026, 11, 26), "nothing_due")):
        with pytest.raises(NotPossible, match=code):
            destruction_plan.plan_by_hand(mikmik, before=before, actor=mina, now=MIDNIGHT)


def change_clock():
    Record.objects.filter(pk=Record.objects.first().pk).update(due_on=DUE + timedelta(days=400))


def test_what_is_no_longer_due_or_held_is_left_out_of_an_approved_plan_and_counted(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    plan = plan_of(mikmik)
    change_clock()
    approve(plan, mina)
    gone, other_rule, held = Record.objects.filter(due_on=DUE).order_by("pk")[:3]
    gone.delete()
    Record.objects.filter(pk=other_rule.pk).update(held_by="dispute")
    restriction.place(held.subject, ground="legal_request", actor=mina, now=MIDNIGHT)
    foretold = sweep(mikmik, MIDNIGHT + HOUR, dry_run=True)
    report = sweep(mikmik, MIDNIGHT + HOUR)
    assert foretold.done == report.done == MANY - 4
    assert report.skipped == {"hold": 1, "no_longer_due": 3}
    plan.refresh_from_db()
    assert (plan.state, plan.destroyed, plan.postponed, plan.dropped) == ("done", MANY - 4, 1, 3)
    entry = LedgerEntry.objects.get(code="members.destruction.completed")
    assert entry.data == {"records": MANY - 4, "left_alone": 1, "no_longer_due": 3}
    assert Record.objects.filter(pk__in=[other_rule.pk, held.pk]).count() == 2
    assert not DestructionPage.objects.exists()


def test_what_is_added_after_the_approval_waits_for_the_next_plan(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    approve(plan_of(mikmik), mina)
    approved = set(Record.objects.values_list("pk", flat=True))
    crowd.rows(mikmik, 1, due_on=DUE)
    assert sweep(mikmik, dry_run=True).done == MANY
    assert sweep(mikmik).done == MANY
    assert Record.objects.exclude(pk__in=approved).count() == Record.objects.count() == 1
    assert sweep(mikmik, MIDNIGHT + HOUR).done == 1


def test_an_approved_list_that_was_altered_destroys_nothing(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    plan = plan_of(mikmik)
    approve(plan, mina)
    crowd.rows(mikmik, 1, due_on=DUE)
    other = destruction_pages.survey(destruction_pages.span_of(plan), destruction_due.Holds(mikmik))
    DestructionPage.objects.update(lines=other.pages[0][1])
    assert sweep(mikmik).done == 0
    plan.refresh_from_db()
    assert (plan.state, plan.void_reason) == ("void", "list_altered")
    assert Record.objects.count() == DataKey.objects.count() == MANY + 1


def test_a_plan_of_which_nothing_is_left_is_done_without_a_certificate(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    approve(plan_of(mikmik), mina)
    Record.objects.all().delete()
    report = sweep(mikmik)
    assert (report.done, report.skipped) == (0, {"no_longer_due": MANY})
    assert plan_of(mikmik).state == "done" and not Certificate.objects.exists()


def test_what_the_officer_saw_is_what_is_approved(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    assert refused(plan_of(mikmik), mina, shown="0" * 64) == "other_list"
    assert plan_of(mikmik).state == "waiting"


def test_a_plan_and_an_approval_count_for_72_hours(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    plan = plan_of(mikmik)
    assert refused(plan, mina, MIDNIGHT + 72 * HOUR) == "expired"
    sweep(mikmik, MIDNIGHT + 73 * HOUR)
    newer = plan_of(mikmik)
    assert newer.pk != plan.pk and newer.state == "waiting"
    approve(newer, mina, MIDNIGHT + 74 * HOUR)
    assert refused(newer, mina, MIDNIGHT + 75 * HOUR) == "not_waiting"
    assert sweep(mikmik, MIDNIGHT + 147 * HOUR).done == 0


def test_a_hold_placed_after_the_approval_keeps_its_records_and_no_others(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    approve(plan_of(mikmik), mina)
    held = DataSubject.objects.order_by("pk")[7]
    restriction.place(held, ground="legal_request", actor=mina, now=MIDNIGHT + HOUR / 2)
    report = sweep(mikmik, MIDNIGHT + HOUR)
    assert (report.done, report.skipped) == (MANY - 1, {"hold": 1})
    assert list(Record.objects.values_list("subject", flat=True)) == [held.pk]


def test_a_hold_that_is_lifted_after_the_approval_adds_nothing_to_it(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    held = DataSubject.objects.order_by("pk")[7]
    hold = restriction.place(held, ground="legal_request", actor=mina, now=MIDNIGHT - HOUR)
    sweep(mikmik)
    plan = plan_of(mikmik)
    assert (plan.records, plan.held) == (MANY - 1, 1)
    approve(plan, mina)
    restriction.lift(hold, actor=mina, now=MIDNIGHT + HOUR / 2)
    assert sweep(mikmik, MIDNIGHT + HOUR).done == MANY - 1
    assert Record.objects.count() == 1
    assert sweep(mikmik, MIDNIGHT + 2 * HOUR).done == 1


def test_what_a_hold_keeps_for_years_makes_no_plan_an_hour(mikmik, mina):
    crowd.rows(mikmik, 1, due_on=DUE)
    restriction.place(
        DataSubject.objects.get(), ground="legal_request", actor=mina, now=MIDNIGHT - HOUR
    )
    assert sweep(mikmik).skipped == {"hold": 1}
    assert not DestructionPlan.objects.exists()


def test_two_approvals_at_the_same_time_are_one(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    plan, juno = plan_of(mikmik), cast.officer("juno", mikmik)
    outcomes, gate = [], threading.Barrier(2)

    def work(officer):
        gate.wait(10)
        try:
            outcomes.append(approve(plan, officer).state)
        except NotPossible as refusal:
            outcomes.append(str(refusal))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=[one]) for one in (mina, juno)]
    [thread.start() for thread in threads]
    [thread.join(30) for thread in threads]
    assert sorted(outcomes) == ["approved", "not_waiting"]
    assert LedgerEntry.objects.filter(code="members.destruction.approved").count() == 1
    assert sweep(mikmik, MIDNIGHT + HOUR).done == MANY


def test_a_plan_is_late_when_the_deadline_of_the_policy_is_over_and_a_reason_has_to_be_given(
    mikmik, mina
):
    crowd.rows(mikmik, MANY, due_on=DUE)
    sweep(mikmik)
    plan = plan_of(mikmik)
    assert (plan.destroy_by, plan.deadline_stated) == (date(2026, 11, 27), False)
    last_moment = datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert not destruction_plan.is_late(plan, last_moment - timedelta(seconds=1))
    assert destruction_plan.is_late(plan, last_moment)
    for reason, now, code in (
        ("because", last_moment, "no_reason"),
        ("legal_question", MIDNIGHT, "not_late"),
    ):
        with pytest.raises(NotPossible, match=code):
            destruction_plan.explain_lateness(plan, reason=reason, actor=mina, now=now)
    destruction_plan.explain_lateness(plan, reason="legal_question", actor=mina, now=last_moment)
    entry = LedgerEntry.objects.get(code="members.destruction.late_explained")
    assert entry.data == {"reason": "legal_question"}


def dump():
    """Every row of every table of the three databases."""
    found = {}
    for alias in connections:
        with connections[alias].cursor() as cursor:
            for table in connections[alias].introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')  # nosec B608
                found[alias, table] = sorted(map(repr, cursor.fetchall()))
    return found


def test_a_dry_run_writes_nothing_and_is_exact_for_any_moment(mikmik, mina):
    crowd.rows(mikmik, 40, due_on=DUE)
    crowd.rows(mikmik, MANY, due_on=DUE + timedelta(days=30))
    restriction.place(
        DataSubject.objects.order_by("pk")[3],
        ground="legal_request",
        actor=mina,
        now=MIDNIGHT - HOUR,
    )
    before = dump()
    foretold = sweep(mikmik, dry_run=True)
    later = sweep(mikmik, MIDNIGHT + timedelta(days=30), dry_run=True)
    assert dump() == before
    assert (later.done, later.skipped) == (0, {"approval": MANY + 39, "hold": 1})
    real = sweep(mikmik)
    assert (foretold.done, foretold.skipped) == (real.done, real.skipped) == (39, {"hold": 1})


def test_a_plan_of_one_service_leaves_the_others_alone(mikmik):
    leje = cast.service("leje")
    crowd.rows(mikmik, 30, due_on=DUE)
    crowd.rows(leje, 20, due_on=DUE)
    assert sweep(leje).done == 20
    assert Record.objects.filter(subject__service=mikmik).count() == 30


def test_the_list_reads_in_the_same_order_page_by_page_as_at_once(mikmik):
    for day in range(3):
        crowd.rows(mikmik, 40, due_on=DUE - timedelta(days=day))
    span = destruction_due.Span(mikmik, None, DUE + timedelta(days=1))
    whole, after, paged = destruction_due.read(span, limit=500), None, []
    while page := destruction_due.read(span, after=after, limit=7):
        paged += page
        after = destruction_due.place(page[-1])
    assert paged == whole and len(whole) == 120


def test_the_timetable_carries_an_approved_plan_out(mikmik, mina):
    crowd.rows(mikmik, MANY, due_on=DUE)
    clock.run_at(MIDNIGHT, ["retention.destroy"])
    approve(plan_of(mikmik), mina)
    report = clock.run_at(MIDNIGHT + HOUR, ["retention.destroy"])["retention.destroy"]
    assert report.done == MANY

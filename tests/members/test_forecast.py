"""The forecast says exactly what the sweeps then do, and neither it nor a rehearsal touches anything."""

import csv
import io
import json
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, connections, router
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from compliance.databases import read_only
from compliance.models import Certificate, Service
from compliance.rehearsal import QUEUE, rehearse, rehearse_one
from compliance.rules.calendar import local_day
from compliance.schedule import BY_NAME, TIMETABLE
from members import forecast
from members.actions import destruction, dormancy_move, dormancy_notice, restriction, withdrawal
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import Delivery, Record
from tests.tools import cast, office, sleepers, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


@pytest.fixture
def mikmik():
    return visits.live()


def leaver(service, name="minji", at=NOW):
    person = cast.member(service, name)
    cast.history(person)
    opened = withdrawal.request(person, channel="web", actor=None, now=at)
    withdrawal.carry_out(opened, now=at)
    return opened


def expected(service, act, months=60):
    found = forecast.of_service(service, now=NOW, months=months)
    counted = Counter()
    for line in found.lines:
        if line.act == act:
            counted[line.day] += line.count
    return dict(counted)


def happened(service, days, act, column):
    """Run a sweep on the days named and on the eve of each; return what went on which day."""
    gone = {}
    for day in sorted({one - timedelta(days=n) for one in days for n in (0, 1)}):
        at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        if at < NOW:
            continue
        before = column()
        act(service, now=at)
        if before != column():
            gone[local_day(at, service.timezone)] = before - column()
    return gone


def test_what_is_forecast_is_what_the_sweep_destroys_on_that_day_and_never_the_day_before(mikmik):
    leaver(mikmik)
    days = expected(mikmik, "destroy")
    assert len(days) >= 3
    left = lambda: ArchivedRecord.objects.count() + Record.objects.count()  # noqa: E731
    assert happened(mikmik, days, destruction.destroy_due, left) == days


def test_digests_are_forecast_for_the_day_after_their_month(mikmik):
    leaver(mikmik)
    days = expected(mikmik, "release")
    assert list(days) == [date(2026, 12, 26)]
    assert happened(mikmik, days, destruction.release_digests, RejoinDigest.objects.count) == days


def test_what_is_overdue_is_forecast_for_today(mikmik):
    person = cast.member(mikmik)
    cast.history(person)
    Record.objects.filter(record_class="payment_records").update(due_on=date(2026, 11, 1))
    assert expected(mikmik, "destroy") == {
        date(2026, 11, 25): 1,
        **{day: n for day, n in expected(mikmik, "destroy").items() if day > date(2026, 11, 25)},
    }


def test_what_a_hold_binds_is_counted_as_postponed(mikmik):
    person = cast.member(mikmik)
    cast.history(person)
    Record.objects.filter(record_class="payment_records").update(due_on=date(2027, 1, 31))
    restriction.place(
        person,
        ground="legal_request",
        items=["payment_records"],
        blocks_use=False,
        blocks_destruction=True,
        actor=None,
        now=NOW,
    )
    lines = forecast.of_service(mikmik, now=NOW).lines
    (payment,) = [one for one in lines if one.day == date(2027, 2, 1)]
    assert (payment.act, payment.count, payment.held) == ("destroy", 1, 1)
    assert destruction.destroy_due(mikmik, now=datetime(2027, 2, 1, 3, tzinfo=UTC)).done == 0


def test_who_does_not_come_back_is_set_apart_the_day_after_a_year(mikmik):
    person = cast.member(mikmik)
    type(person).objects.filter(pk=person.pk).update(last_used_at=NOW)
    assert sleepers_of(mikmik) == [("set_apart_if_told", date(2027, 11, 26), "5.5", 1)]


def sleepers_of(service, now=NOW):
    """What the forecast says of people, in order: act, day, clause, number."""
    acts = ("set_apart", "set_apart_if_told", "end", "end_if_apart")
    lines = forecast.of_service(service, now=now).lines
    return [(one.act, one.day, one.clause, one.count) for one in lines if one.act in acts]


def keep_for(service, period):
    Service.objects.filter(pk=service.pk).update(dormant_keep=period)
    service.refresh_from_db()


@pytest.mark.promise("MIK-5.5b")
def test_the_end_of_storage_is_forecast_for_people_apart_told_and_not_yet_told(mikmik):
    keep_for(mikmik, "P6M")
    mina = cast.officer("mina", mikmik)
    sleepers.member(mikmik, mina, "apart", 1)
    assert dormancy_move.set_apart(NOW, mikmik).done == 1
    sleepers.member(mikmik, mina, "told", 2)
    untold = cast.member(mikmik)
    type(untold).objects.filter(pk=untold.pk).update(last_used_at=NOW)
    assert sleepers_of(mikmik) == [
        ("set_apart", date(2026, 11, 25), "5.5", 1),
        ("end", date(2027, 5, 26), "5.5", 1),
        ("end_if_apart", date(2027, 5, 26), "5.5", 1),
        ("set_apart_if_told", date(2027, 11, 26), "5.5", 1),
        ("end_if_apart", date(2028, 5, 27), "5.5", 1),
    ]


@pytest.mark.promise("MIK-5.5b")
def test_what_hangs_on_a_notice_hangs_on_nothing_once_it_has_reached_its_reader(mikmik):
    minji = cast.member(mikmik)
    type(minji).objects.filter(pk=minji.pk).update(last_used_at=datetime(2025, 12, 22, tzinfo=UTC))
    day = date(2026, 12, 26)  # Told three days late, so set apart three days late.
    assert sleepers_of(mikmik) == [("set_apart_if_told", day, "5.5", 1)]
    assert on_the_day(day) == Counter()
    dormancy_notice.notify_due(NOW)
    assert sleepers_of(mikmik) == [("set_apart_if_told", day, "5.5", 1)]
    Delivery.objects.update(state="sent", finished_at=NOW)
    dormancy_notice.notify_due(NOW + timedelta(hours=1))
    assert sleepers_of(mikmik) == [("set_apart", day, "5.5", 1)]
    assert on_the_day(day) == {"set_apart": 1}


ENTRIES = {
    "retention.destroy": "destroy",
    "retention.release_holds": "release",
    "dormancy.move": "set_apart",
    "dormancy.end": "end",
}


def on_the_day(day):
    """What a rehearsal of a day says for that day alone, by act."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    found = {act: rehearse_one(BY_NAME[name], at).on_the_day for name, act in ENTRIES.items()}
    return Counter({act: n for act, n in found.items() if n})


def test_forecast_and_rehearsal_say_the_same_number_for_every_day_picked_at_random(mikmik):
    keep_for(mikmik, "P5M")
    mina = cast.officer("mina", mikmik)
    pick = random.Random(5_2_2)
    for number in range(3):
        sleepers.member(mikmik, mina, f"apart-{number}", 10 + number)
    dormancy_move.set_apart(NOW, mikmik)
    for number in range(3):
        leaver(mikmik, f"left-{number}", NOW - timedelta(days=pick.randint(0, 20)))
        told = sleepers.member(mikmik, mina, f"told-{number}", 20 + number)
        on = NOW.date() + timedelta(days=pick.randint(1, 300))
        type(told.dormancy).objects.filter(subject=told).update(separate_on=on)
    records = list(Record.objects.filter(record_class="payment_records").order_by("pk"))
    for record in records:
        Record.objects.filter(pk=record.pk).update(
            due_on=NOW.date() + timedelta(days=pick.randint(0, 700))
        )
    restriction.place(
        records[0].subject, ground="legal_request", blocks_use=False, actor=None, now=NOW
    )
    found = forecast.of_service(mikmik, now=NOW)
    busy = sorted({line.day for line in found.lines if line.day > found.today})
    others = [found.today + timedelta(days=pick.randint(1, 729)) for _ in range(6)]
    assert {line.act for line in found.lines if line.day in busy} >= set(ENTRIES.values())
    for day in [*busy, *others]:
        said = Counter()
        for line in found.lines:
            if line.day == day and line.act in ENTRIES.values():
                said[line.act] += line.count
        assert on_the_day(day) == said, day


def test_a_leaver_in_progress_counts_for_today_and_for_the_ends_of_the_plan(mikmik):
    person = cast.member(mikmik)
    cast.history(person)
    opened = withdrawal.request(person, channel="web", actor=None, now=NOW)
    before = forecast.of_service(mikmik, now=NOW, months=60)
    assert sum(one.count for one in before.lines if one.day == before.today) > 0
    withdrawal.carry_out(opened, now=NOW)
    later = lambda found: [  # noqa: E731
        (one.day, one.act, one.rule) for one in found.lines if one.day > found.today
    ]
    assert set(later(before)) == set(later(forecast.of_service(mikmik, now=NOW, months=60)))


def test_another_service_is_another_forecast(mikmik):
    leaver(mikmik)
    assert forecast.of_service(cast.service("engoo"), now=NOW).lines == ()


def queries(of):
    live, apart = (CaptureQueriesContext(connections[alias]) for alias in ("default", "archive"))
    with live, apart:
        of()
    return len(live) + len(apart)


def test_the_number_of_queries_does_not_grow_with_people(mikmik):
    leaver(mikmik)
    forecast.of_service(mikmik, now=NOW)
    few = queries(lambda: forecast.of_service(mikmik, now=NOW))
    for name in ("sora", "theo", "yuna"):
        leaver(mikmik, name)
        cast.history(cast.member(mikmik, f"{name}-two"))
    assert queries(lambda: forecast.of_service(mikmik, now=NOW)) == few


@pytest.mark.skipif(
    connection.vendor == "postgresql", reason="PostgreSQL reads a small table as it likes"
)
@pytest.mark.parametrize(
    ("alias", "index"), [("default", "record_due"), ("archive", "archived_due")]
)
def test_records_are_counted_in_the_index_of_last_days_alone(mikmik, alias, index):
    with CaptureQueriesContext(connections[alias]) as done:
        forecast.of_service(mikmik, now=NOW)
    (counting,) = [one["sql"] for one in done if "count(*)" in one["sql"]]
    assert any(index in line for line in plan_of(alias, counting))


def plan_of(alias, sql):
    """The lines of the plan that read an index without its table."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[-1] for row in cursor.fetchall() if "COVERING INDEX" in row[-1]]


def dump():
    """Every row of every table of the three databases."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            table = model._base_manager.using(router.db_for_read(model)).order_by("pk")
            rows[model._meta.label] = [
                {name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()}
                for row in table.values()
            ]
    return rows


def test_neither_forecast_nor_rehearsal_changes_a_row_in_any_database(mikmik):
    leaver(mikmik)
    cast.history(cast.member(mikmik, "sora"))
    before = dump()
    assert sum(map(len, before.values())) > 100
    forecast.of_service(mikmik, now=NOW)
    for at in (NOW, datetime(2027, 3, 1, 12, tzinfo=UTC), datetime(2032, 1, 1, 12, tzinfo=UTC)):
        found = {one.entry.name: one.report for one in rehearse(at)}
        assert {one.name for one in TIMETABLE if one.queue == QUEUE} < set(found)
        assert "dormancy.notify" in found and "notices.plan" not in found
        assert [name for name, report in found.items() if report is None] == []
    assert dump() == before


def test_a_rehearsal_says_what_the_sweep_then_does(mikmik):
    leaver(mikmik)
    at = datetime(2032, 1, 1, 12, tzinfo=UTC)
    said = {one.entry.name: one.report for one in rehearse(at)}
    assert said["retention.destroy"].done == destruction.destroy_due(mikmik, now=at).done > 0
    assert Certificate.objects.exists()


@pytest.mark.parametrize("alias", ["default", "archive", "keyring"])
def test_nothing_can_be_written_while_a_database_is_read_only(alias, mikmik):
    table = {"default": "members_record", "archive": "archive_archivedrecord"}.get(
        alias, "keyring_datakey"
    )
    with read_only(alias), pytest.raises(DatabaseError), connections[alias].cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def told(*args):
    out = io.StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_the_command_tells_the_same_in_three_formats(mikmik):
    leaver(mikmik, at=datetime.now(UTC))
    found = json.loads(told("forecast", "--service", "mikmik", "--format", "json"))
    rows = list(csv.DictReader(io.StringIO(told("forecast", "--service=mikmik", "--format=csv"))))
    assert [row["day"] for row in rows] == [line["day"] for line in found["lines"]]
    assert found["lines"][0]["day"] in told("forecast", "--service", "mikmik")
    with pytest.raises(CommandError):
        call_command("forecast", "--service", "nobody")


def test_the_rehearsal_command_names_every_entry(mikmik):
    text = told("rehearse", "--at", "2027-03-01")
    assert "2027-03-01T12:00" in text and "retention.destroy" in text
    found = json.loads(told("rehearse", "--at", "2027-03-01", "--format", "json"))
    assert {one["entry"] for one in found} >= {"retention.destroy", "sessions.forget"}


def page(client, **query):
    answer = client.get(reverse("admin:forecast"), query)
    return answer.status_code, answer.content.decode()


def test_the_page_leads_from_months_to_a_day_to_its_rules(mikmik):
    client = office.sign_in(office.officer("officer", mikmik))
    assert "Nothing is due in this time" in page(client)[1]
    leaver(mikmik, at=datetime.now(UTC))
    first = min(one.day for one in forecast.of_service(mikmik, now=datetime.now(UTC)).lines)
    months = page(client)[1]
    assert f"month={first:%Y-%m}" in months and "<rect" in months
    assert "style=" not in months and "<script" not in months.split("<main")[-1]
    assert f"day={first:%Y-%m-%d}" in page(client, month=f"{first:%Y-%m}")[1]
    assert "Rehearse this day" in page(client, day=f"{first:%Y-%m-%d}")[1]
    assert page(client, day="tomorrow")[0] == 400


def test_a_stranger_to_the_service_sees_nothing_of_it(mikmik):
    leaver(mikmik)
    other = office.sign_in(office.officer("officer", cast.service("engoo")))
    assert "Mikmik" not in page(other, service="mikmik")[1].split("<main")[-1]


def test_the_rehearsal_page_runs_on_request_only(mikmik):
    client = office.sign_in(office.officer("officer", mikmik))
    assert "What would be done" not in client.get(reverse("admin:rehearsal")).content.decode()
    shown = client.get(reverse("admin:rehearsal"), {"at": "2027-03-01"}).content.decode()
    assert "Destroy records that are due" in shown and "retention.destroy" not in shown
    wrong = client.get(reverse("admin:rehearsal"), {"at": "soon"}).content.decode()
    assert "Error:" in wrong


def test_a_service_without_policy_has_an_empty_forecast():
    bare = office.service("bare", "BAR")
    assert forecast.of_service(Service.objects.get(pk=bare.pk), now=NOW).lines == ()

"""Last days follow a version that takes effect, as the report said before; nobody is kept longer unasked."""

import uuid
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connections, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import Effect, LedgerEntry, PolicyVersion
from compliance.rules import retention
from compliance.selectors import policy_values
from members.actions import destruction, reclock, reclock_digests, reclock_rows, record
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DataSubject, Reclock, Record
from tests.tools import cast, drafts, office, versions
from tests.tools.clock import run_at

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 12, 22, 15, 5, tzinfo=UTC)  # The effective day has begun in Seoul.
PAID = date(2022, 3, 1)
LONGER, SHORTER = {"period": "P7Y"}, {"period": "P3Y"}
OF_THE_HOUSE = {"basis": "policy", "mandatory": False, "blocked_by": []}  # And of no law.


@pytest.fixture
def mikmik():
    return cast.service()


def person(service, kind="nonmember", *, agreed=None):
    return DataSubject.objects.create(
        service=service,
        kind=kind,
        language="ko",
        agreed_version=agreed,
        source="registration",
        joined_at=cast.JOINED,
        last_used_at=cast.JOINED,
    )


def live(of, record_class="payment_records", on=PAID):
    """A record whose bytes nobody opens, with the clock of the version in force."""
    day = on.isoformat()
    anchors = {"payment": day, "supply": day, "contract": day, "case_closed": day}
    policy = policy_values(cast.version(of.service))
    due_on, held_by = record.clock(policy, of.kind, record_class, anchors)
    return Record.objects.create(
        subject=of,
        record_class=record_class,
        occurred_at=cast.JOINED,
        anchors=anchors,
        source="orders",
        sealed=b"sealed",
        due_on=due_on,
        held_by=held_by,
    )


def apart(service, code="payment_5y", on=PAID, *, why="withdrawn", kind="nonmember"):
    policy = policy_values(cast.version(service))
    rule = policy.retention_by_code[code]
    day = on.isoformat()
    anchors = dict.fromkeys(("payment", "supply", "contract", "case_closed"), day)
    anchors |= dict.fromkeys(("membership_left", "purpose_achieved", "contract_terminated"), day)
    owner, _ = ArchivedSubject.objects.get_or_create(
        public_id=uuid.uuid4().hex,
        defaults={
            "service_slug": service.slug,
            "kind": kind,
            "language": "ko",
            "why": why,
            "archived_at": cast.JOINED,
        },
    )
    due = retention.due(rule, record.days(anchors), policy.timezone)
    return ArchivedRecord.objects.create(
        subject=owner,
        record_class=rule.record_class,
        occurred_at=cast.JOINED,
        anchors=anchors,
        source="orders",
        sealed=b"sealed",
        rule_code=code,
        clause=rule.clause,
        policy_version=1,
        due_on=due.last_day if due else None,
        archived_at=cast.JOINED,
    )


def digest(service, left=date(2026, 12, 1), *, field="email", **values):
    """A keyed digest of somebody who left, held for the month of the policy in force."""
    day = left.replace(year=left.year + left.month // 12, month=left.month % 12 + 1)
    row = {"rule_code": "rejoin_identity_1m", "clause": "5.4", "held_since": left, "due_on": day}
    return RejoinDigest.objects.create(
        service_slug=service.slug,
        field=field,
        digest=uuid.uuid4().bytes * 2,
        withdrawal_ref=uuid.uuid4().hex,
        **{**row, **values},
    )


def takes_effect(service, **rules):
    return versions.put_in_force(versions.draft(service, rules))


def last_day(row):
    row.refresh_from_db()
    return row.due_on


def test_a_longer_statutory_period_counts_for_everybody_live_and_apart(mikmik):
    here, left = live(person(mikmik)), apart(mikmik)
    assert (here.due_on, left.due_on) == (date(2027, 3, 1),) * 2
    takes_effect(mikmik, payment_5y=LONGER)
    assert reclock.run_due(NOW).done == 2
    assert (last_day(here), last_day(left)) == (date(2029, 3, 1),) * 2
    assert left.policy_version == 2


@pytest.mark.promise("MIK-5.1a")
def test_a_longer_period_of_the_house_does_not_count_for_who_has_not_agreed(mikmik):
    before = takes_effect(mikmik, payment_5y=OF_THE_HOUSE)
    new = versions.draft(mikmik, {"payment_5y": LONGER})
    old, agreed = live(person(mikmik, agreed=before)), live(person(mikmik, agreed=new))
    never, left = live(person(mikmik)), apart(mikmik)
    versions.put_in_force(new)
    assert reclock.run_due(NOW).done == 1
    assert last_day(agreed) == date(2029, 3, 1)
    assert {last_day(row) for row in (old, never, left)} == {date(2027, 3, 1)}
    assert left.policy_version == 1


def test_a_shorter_period_counts_for_everybody(mikmik):
    takes_effect(mikmik, payment_5y=OF_THE_HOUSE)
    here, left = live(person(mikmik)), apart(mikmik)
    takes_effect(mikmik, payment_5y=SHORTER)
    reclock.run_due(NOW)
    assert {last_day(row) for row in (here, left)} == {date(2025, 3, 1)}


def test_a_rule_for_flagged_cases_keeps_its_ceiling(mikmik):
    ceiling = {"basis": "internal", "rule": "maximum", "storage": "separate"}
    takes_effect(mikmik, payment_5y={**OF_THE_HOUSE, **ceiling})
    left = apart(mikmik)
    takes_effect(mikmik, payment_5y={**LONGER, "mandatory": True})
    reclock.run_due(NOW)
    assert last_day(left) == date(2027, 3, 1)


def test_a_member_whose_contract_runs_gets_no_end_and_a_rule_with_a_new_name_is_followed(mikmik):
    here, left = live(person(mikmik, "member")), apart(mikmik)
    takes_effect(mikmik, payment_5y={**LONGER, "code": "payment_7y", "clause": "5.2.9"})
    reclock.run_due(NOW)
    assert last_day(here) is None and here.held_by == "payment_7y"
    assert last_day(left) == date(2029, 3, 1)
    assert (left.rule_code, left.clause) == ("payment_7y", "5.2.9")


def test_a_clock_that_a_hold_keeps_open_stays_open_and_a_missing_figure_moves_nothing(mikmik):
    held, left = apart(mikmik), apart(mikmik, "contract_5y")
    ArchivedRecord.objects.filter(pk=held.pk).update(due_on=None)
    takes_effect(mikmik, payment_5y=SHORTER, contract_5y={"period": ""})
    assert reclock.run_due(NOW).done == 0
    assert last_day(held) is None
    assert last_day(left) == date(2027, 3, 1)


def test_another_service_and_a_first_version_are_left_alone(mikmik):
    other = cast.service("kream") if (cast.PRESETS / "kream.toml").exists() else None
    row = live(person(mikmik))
    with CaptureQueriesContext(connections["default"]) as asked:
        assert reclock.run_due(NOW) == reclock.Report()
    assert len(asked) == 1
    assert not Reclock.objects.exists() and not reclock.is_pending(mikmik)
    assert last_day(row) == date(2027, 3, 1) and (other is None or not reclock.is_pending(other))


def test_nothing_is_destroyed_while_last_days_do_not_follow_yet(mikmik):
    row = apart(mikmik, on=date(2021, 12, 1))
    takes_effect(mikmik, payment_5y=LONGER)
    report = destruction.destroy_due(mikmik, now=NOW)
    assert report.skipped == {"reclocking": 1} and not report.done
    assert destruction.destroy_due(mikmik, now=NOW, dry_run=True).skipped == {"reclocking": 1}
    run_at(NOW, ["retention.reclock", "retention.destroy"])
    assert last_day(row) == date(2028, 12, 1)
    assert not destruction.destroy_due(mikmik, now=NOW).skipped


@pytest.mark.promise("MIK-5.4a")
def test_digests_against_rejoining_follow_a_shorter_hold_and_no_longer_one_that_no_law_asks_for(
    mikmik, monkeypatch
):
    monkeypatch.setattr(reclock_digests, "PAGE", 2)
    code = "rejoin_identity_1m"
    rows = [digest(mikmik) for _ in range(5)]
    case = digest(mikmik, rule_code="illegal_use_1m", clause="8.3", due_on=date(2026, 12, 20))
    other = digest(mikmik, left=date(2026, 12, 10))
    RejoinDigest.objects.filter(pk=other.pk).update(service_slug="another")
    new = versions.draft(mikmik, {code: {"period": "P14D", "clause": "5.4.1"}})
    foretold = reclock.preview(new, versions.DAY)
    assert [(line.rule, line.earlier, line.at_once) for line in foretold.lines] == [(code, 5, 5)]
    versions.put_in_force(new)
    assert reclock.run_due(NOW).done == 5
    assert Reclock.objects.get().counts == foretold.as_json() and Reclock.objects.get().page == {}
    assert {last_day(row) for row in rows} == {date(2026, 12, 15)} and rows[0].clause == "5.4.1"
    assert (last_day(case), last_day(other)) == (date(2026, 12, 20), date(2027, 1, 10))
    takes_effect(mikmik, **{code: {"period": "P3M"}})
    assert reclock.run_due(NOW).done == 0
    assert {last_day(row) for row in rows} == {date(2026, 12, 15)}
    takes_effect(mikmik, **{code: {"code": "hold_by_law", "basis": "statutory"}})
    assert reclock.run_due(NOW).done == 5
    assert {last_day(row) for row in rows} == {date(2027, 3, 1)}
    assert rows[0].rule_code == "hold_by_law"


def test_the_ledger_says_how_many_moved_and_a_second_run_changes_nothing(mikmik):
    live(person(mikmik)), apart(mikmik)
    version = takes_effect(mikmik, payment_5y=LONGER)
    assert reclock.run_due(NOW, dry_run=True).done == reclock.run_due(NOW).done == 2
    entry = LedgerEntry.objects.get(code="members.record.reclocked")
    assert entry.data == {
        "version": version.number,
        "earlier": 0,
        "later": 2,
        "gains": 0,
        "loses": 0,
        "at_once": 0,
    }
    assert not Effect.objects.filter(state="intended").exists()
    before = list(Record.objects.values()), list(ArchivedRecord.objects.values())
    Reclock.objects.all().delete()
    assert reclock.run_due(NOW).done == 0
    assert (list(Record.objects.values()), list(ArchivedRecord.objects.values())) == before


class Stopped(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("step", range(15))
def test_a_stop_anywhere_counts_and_moves_every_record_once(mikmik, monkeypatch, step):
    monkeypatch.setattr(reclock_rows, "PAGE", 2)
    monkeypatch.setattr(reclock_digests, "PAGE", 2)
    rows = [*(live(person(mikmik)) for _ in range(3)), *(apart(mikmik) for _ in range(5))]
    held = [digest(mikmik) for _ in range(3)]
    takes_effect(mikmik, payment_5y=LONGER, rejoin_identity_1m={"period": "P14D"})
    steps = iter(range(100))

    def stop(execute, sql, params, many, context):
        is_write = sql.startswith(("UPDATE", "INSERT"))
        ours = any(table in sql for table in ("members_reclock", "archivedrecord", "rejoindigest"))
        if is_write and ours and next(steps) == step:
            if step % 2:
                execute(sql, params, many, context)
            raise Stopped
        return execute(sql, params, many, context)

    try:
        with (
            connections["default"].execute_wrapper(stop),
            connections["archive"].execute_wrapper(stop),
        ):
            reclock.run_due(NOW)
    except Stopped:
        pass
    else:
        assert step > 12, "nothing was stopped"
    reclock.run_due(NOW)
    assert {last_day(row) for row in rows} == {date(2029, 3, 1)}
    assert {last_day(row) for row in held} == {date(2026, 12, 15)}
    state = Reclock.objects.get()
    assert state.state == "done"
    assert [(line["later"], line["earlier"]) for line in state.counts] == [(8, 0), (0, 3)]


def test_a_page_costs_the_same_queries_whatever_it_holds(mikmik, monkeypatch):
    def queries(rows):
        Reclock.objects.all().delete()
        for number in range(rows):
            live(person(mikmik), on=PAID + timedelta(days=number))
            apart(mikmik, on=PAID + timedelta(days=number))
        with (
            CaptureQueriesContext(connections["default"]) as default,
            CaptureQueriesContext(connections["archive"]) as archive,
        ):
            reclock.run_due(NOW)
        return len(default), len(archive)

    takes_effect(mikmik, payment_5y=LONGER)
    queries(1)  # Reads the versions, which stay in memory.
    assert queries(1) == queries(40)


@contextmanager
def undone():
    """Take back what happens inside, in every database: one example leaves nothing to the next."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in connections:
            transaction.set_rollback(True, using=alias)


def test_the_approver_sees_what_the_version_does_to_records_before_approving(mikmik, client):
    takes_effect(mikmik, payment_5y=OF_THE_HOUSE)
    live(person(mikmik), on=date(2022, 3, 1)), apart(mikmik, on=date(2025, 3, 1))
    draft = versions.draft(mikmik, {"payment_5y": SHORTER})
    office.sign_in(cast.officer("mina", mikmik), client)
    page = client.get(drafts.at("change", draft.pk)).content.decode()
    assert "2 records get another last day" in page
    assert "One record becomes due for destruction at once" in page
    PolicyVersion.objects.filter(pk=draft.pk).update(
        state="in_review", effective_on=versions.DAY, change_class="important"
    )
    page = client.get(drafts.at("review", draft.pk)).content.decode()
    assert "2 records get another last day" in page
    versions.put_in_force(draft)
    assert reclock.run_due(NOW).done == 2
    assert "another last day" not in client.get(drafts.at("change", draft.pk)).content.decode()


CLASSES = ("payment_records", "contract_records", "complaint_records", "account_data")
CODES = ("payment_5y", "contract_5y", "complaint_3y", "rejoin_log_12m")
RULES = st.fixed_dictionaries(
    {
        "period": st.sampled_from(["", "P0D", "P1M", "P12M", "P3Y", "P5Y", "P10Y"]),
        "trigger": st.sampled_from(
            ["case_closed", "payment_or_supply_later", "membership_left", "record_created"]
        ),
        "basis": st.sampled_from(["statutory", "policy", "internal"]),
        "mandatory": st.booleans(),
        "blocked_by": st.sampled_from([[], ["contract_of_use_running"]]),
    }
)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["member", "nonmember"]),
        st.sampled_from(CLASSES),
        st.dates(date(2016, 1, 1), date(2026, 12, 1)),
        st.integers(0, 2),
    ),
    max_size=8,
)
LEAVERS = st.lists(
    st.tuples(st.sampled_from(CODES), st.dates(date(2016, 1, 1), date(2026, 12, 1))), max_size=6
)


@given(
    first=st.dictionaries(st.sampled_from(CODES), RULES),
    second=st.dictionaries(st.sampled_from(CODES), RULES),
    people=PEOPLE,
    leavers=LEAVERS,
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_report_before_is_what_happens_and_nobody_is_kept_longer_unasked(
    mikmik, first, second, people, leavers
):
    with undone():
        takes_effect(mikmik, **first)
        Reclock.objects.create(version=cast.version(mikmik), state="done", began_at=NOW)
        new = versions.draft(mikmik, second)
        for kind, record_class, day, agreed in people:
            whom = (None, cast.version(mikmik), new)[agreed]
            live(person(mikmik, kind, agreed=whom), record_class, day)
        for code, day in leavers:
            apart(mikmik, code, day, kind="member")
        before = {row.pk: row for row in (*Record.objects.all(), *ArchivedRecord.objects.all())}
        foretold = reclock.preview(new, versions.DAY)
        versions.put_in_force(new)
        assert reclock.preview(new, versions.DAY) == foretold
        done = reclock.run_due(NOW).done
        state = Reclock.objects.get(version=new)
        assert foretold.as_json() == state.counts and foretold.total.records == done
        moved = 0
        for row in (*Record.objects.select_related("subject"), *ArchivedRecord.objects.all()):
            was = before[row.pk].due_on
            moved += row.due_on != was
            rule = policy_values(new).retention_by_code.get(
                row.held_by if isinstance(row, Record) else row.rule_code
            )
            statutory = rule and (rule.basis == "statutory" or rule.mandatory)
            agreed = isinstance(row, Record) and row.subject.agreed_version_id == new.pk
            if not (statutory or agreed):
                assert (row.due_on or date.max) <= (was or date.max)
        assert moved == done

"""Nobody is kept longer than agreed to: new records, later events and new versions against an oracle of their own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.models import Job, LedgerEntry
from compliance.selectors import policy_values
from members.actions import agreement, reclock, record, withdrawal
from members.imports import staging
from members.imports.staging import Change
from members.models import DataSubject, Record
from tests.members.actions.test_reclock import OF_THE_HOUSE, undone
from tests.members.imports import files
from tests.members.imports.test_engine import bring
from tests.tools import cast, versions

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 12, 22, 15, 5, tzinfo=UTC)
ORDERED = datetime(2026, 12, 21, 3, tzinfo=UTC)
PAID, SUPPLIED = date(2026, 3, 1), date(2026, 4, 1)
LAW = {"basis": "statutory", "mandatory": True, "blocked_by": []}


@pytest.fixture
def mikmik():
    return cast.service()


def takes_effect(service, years, *, law=False):
    rule = {**(LAW if law else OF_THE_HOUSE), "period": f"P{years}Y"}
    version = versions.put_in_force(versions.draft(service, {"payment_5y": rule}))
    reclock.run_due(NOW)
    return version


def joins(service, kind="member", *, agreed=True):
    return DataSubject.objects.create(
        service=service,
        kind=kind,
        language="ko",
        agreed_version=cast.version(service) if agreed else None,
        source="registration",
        joined_at=ORDERED,
        last_used_at=ORDERED,
    )


def pays(person, *, on=PAID, at=ORDERED):
    day = on.isoformat()
    kept = record.keep(
        person,
        {"payment_records": "12000 KRW"},
        occurred_at=at,
        source="orders",
        policy=policy_values(cast.version(person.service)),
        anchors={"payment": day, "supply": day},
        actor=None,
        now=NOW,
    )
    return kept[0]


def supplied(one):
    """A supply that comes later, as an import stages and applies it."""
    change = Change(one.subject, clocks=[(one, {**one.anchors, "supply": SUPPLIED.isoformat()})])
    policy = policy_values(cast.version(one.subject.service))
    rows, _ = staging.prepare(Job(), [change], policy, actor=None, now=NOW)
    row = rows[0]
    clock = {"anchors": row.anchors, "due_on": row.due_on, "held_by": row.held_by}
    Record.objects.filter(pk=one.pk).update(**clock)


def last_day(one):
    one.refresh_from_db()
    return one.due_on


@pytest.mark.promise("MIK-5.1a")
def test_a_new_record_and_a_later_event_of_who_has_not_agreed_keep_the_period_agreed_to(mikmik):
    takes_effect(mikmik, 1)
    person, before = joins(mikmik), joins(mikmik)
    old = pays(before)
    takes_effect(mikmik, 2)
    new = pays(person)
    assert (new.due_on, last_day(old)) == (date(2027, 3, 1),) * 2
    supplied(old)
    assert last_day(old) == date(2027, 4, 1)
    assert pays(joins(mikmik)).due_on == date(2028, 3, 1)


def test_who_never_agrees_is_bound_by_what_was_announced_on_the_day_of_the_event(mikmik):
    takes_effect(mikmik, 1)
    takes_effect(mikmik, 2)
    buyer = joins(mikmik, "nonmember", agreed=False)
    assert pays(buyer).due_on == date(2027, 3, 1)
    assert pays(buyer, at=NOW).due_on == date(2028, 3, 1)


def test_agreeing_lengthens_what_is_held_once_and_says_so_in_the_ledger(mikmik):
    takes_effect(mikmik, 1)
    person, other = joins(mikmik), joins(mikmik)
    mine, others = pays(person), pays(other)
    new = takes_effect(mikmik, 3)
    assert agreement.agree([person.pk], new, actor=None, now=NOW) == 1
    assert agreement.agree([person.pk], new, actor=None, now=NOW) == 0
    assert (last_day(mine), last_day(others)) == (date(2029, 3, 1), date(2027, 3, 1))
    person.refresh_from_db()
    assert person.agreed_version_id == new.pk and pays(person).due_on == date(2029, 3, 1)
    entry = LedgerEntry.objects.get(code="members.subject.agreed")
    assert entry.data["version"] == new.number
    reclock.run_due(NOW + timedelta(days=1))
    assert last_day(mine) == date(2029, 3, 1)


def test_nobody_agrees_to_a_version_before_it_counts_nor_back_to_an_older_one(mikmik):
    old = takes_effect(mikmik, 1)
    takes_effect(mikmik, 2)
    person = joins(mikmik)
    draft = versions.draft(mikmik, {"payment_5y": {"period": "P3Y"}})
    with pytest.raises(ValueError, match="not taken effect"):
        agreement.agree([person.pk], draft, actor=None, now=NOW)
    assert agreement.agree([person.pk], old, actor=None, now=NOW) == 0
    person.refresh_from_db()
    assert person.agreed_version_id == cast.version(mikmik).pk


@pytest.mark.promise("MIK-5.1a")
def test_who_leaves_without_having_agreed_is_held_no_longer_than_agreed_to(mikmik):
    person, agreed = cast.member(mikmik, "minji"), cast.member(mikmik, "jisoo")
    cast.history(person), cast.history(agreed)
    longer = {"rejoin_identity_1m": {"period": "P2M"}, "payment_5y": {"period": "P7Y"}}
    rules = {**longer, "rejoin_log_12m": {"period": "P24M"}}
    new = versions.put_in_force(versions.draft(mikmik, rules))
    reclock.run_due(NOW)
    agreement.agree([agreed.pk], new, actor=None, now=NOW)

    def ends(one):
        one.refresh_from_db()
        parts = withdrawal.preview(one, now=NOW)
        return {part.rule: part.last_day for part in parts if part.rule in rules and part.last_day}

    by_law = date(2032, 5, 6)
    assert ends(person) == {
        "rejoin_identity_1m": date(2027, 1, 23),
        "rejoin_log_12m": date(2027, 12, 23),
        "payment_5y": by_law,
    }
    assert ends(agreed) == {
        "rejoin_identity_1m": date(2027, 2, 23),
        "rejoin_log_12m": date(2028, 12, 23),
        "payment_5y": by_law,
    }


def brought(rows):
    header = [*files.PEOPLE, "agreed_at"]
    return bring(files.csv_bytes(header, rows))


def test_an_imported_person_agreed_to_the_version_in_force_on_that_day_and_later_to_a_newer_one(
    mikmik,
):
    first = cast.version(mikmik)
    second = versions.put_in_force(versions.draft(mikmik, {}), on=date(2026, 6, 1))
    joined, agreed = files.person(1), files.person(2)
    brought([[*joined, ""], [*agreed, "2026-06-01"]])
    known = DataSubject.objects.order_by("pk").values_list("agreed_version", flat=True)
    assert list(known) == [first.pk, second.pk]
    assert brought([[*joined, "2026-05-31"], [*agreed, "2026-05-31"]]).outcome["same"] == 2
    assert brought([[*joined, "2026-07-01"], [*agreed, ""]]).outcome["changed"] == 1
    assert list(known.all()) == [second.pk, second.pk]
    assert LedgerEntry.objects.filter(code="members.subject.agreed").count() == 1


def test_a_case_goes_on_when_the_person_agrees(mikmik):
    case = {"basis": "internal", "rule": "maximum", "storage": "separate"}
    rules = {"payment_5y": {**OF_THE_HOUSE, **case, "mandatory": False, "period": "P1Y"}}
    versions.put_in_force(versions.draft(mikmik, rules))
    person = joins(mikmik)
    mine = pays(person)
    rules["payment_5y"]["period"] = "P3Y"
    new = versions.put_in_force(versions.draft(mikmik, rules))
    agreement.agree([person.pk], new, actor=None, now=NOW)
    assert last_day(mine) == date(2027, 3, 1)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("version"), st.integers(1, 9), st.booleans()),
        st.tuples(st.just("joins"), st.none(), st.none()),
        st.tuples(st.just("pays"), st.integers(0, 9), st.none()),
        st.tuples(st.just("supplied"), st.integers(0, 9), st.none()),
        st.tuples(st.just("agrees"), st.integers(0, 9), st.none()),
    ),
    min_size=4,
    max_size=14,
)


@given(steps=STEPS)
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_day_never_exceeds_what_was_agreed_to_and_shortening_always_applies(mikmik, steps):
    with undone():
        takes_effect(mikmik, 4)
        texts = [(4, False)]
        people, agreed, records = [joins(mikmik)], [0], [pays(joins(mikmik))]
        owners, starts = [1], [PAID]
        people.append(records[0].subject)
        agreed.append(0)
        for name, number, law in steps:
            if name == "version":
                takes_effect(mikmik, number, law=law)
                texts.append((number, law))
            elif name == "joins":
                people.append(joins(mikmik))
                agreed.append(len(texts) - 1)
            elif name == "pays":
                owner = number % len(people)
                people[owner].refresh_from_db()
                records.append(pays(people[owner]))
                owners.append(owner)
                starts.append(PAID)
            elif name == "supplied":
                which = number % len(records)
                records[which].refresh_from_db()
                supplied(records[which])
                starts[which] = SUPPLIED
            else:
                who = number % len(people)
                version = cast.version(mikmik)
                agreement.agree([people[who].pk], version, actor=None, now=NOW)
                agreed[who] = len(texts) - 1
            for one, owner, start in zip(records, owners, starts, strict=True):
                years, is_law = texts[-1]
                if not is_law:
                    years = min(length for length, _ in texts[agreed[owner] :])
                assert last_day(one) == start.replace(year=start.year + years)

"""Recorded cases: nobody is held without one, two officers put it in force, its day ends it in its own window."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from compliance.keyring import keys
from compliance.models import LedgerEntry
from members import gate, selectors
from members.actions import case_effects, case_flag, case_sweep, destruction, withdrawal
from members.archive.models import ArchivedRecord, RejoinDigest
from members.models import CaseFlag, DataSubject, Record, Restriction
from tests.tools import cast

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.servers,
]
ENDED = datetime(2016, 11, 22, 3, 0, tzinfo=UTC)
FOUND = datetime(2026, 10, 22, 3, 0, tzinfo=UTC)


def noon(day):
    """Noon of a day in Seoul."""
    return datetime(day.year, day.month, day.day, 3, 0, tzinfo=UTC)


def leave(person, now):
    """End a membership and carry it through; the mail is not waited for."""
    opened = withdrawal.request(person, channel="web", actor=None, now=now)
    withdrawal.carry_out(opened, now=now)
    person.deliveries.all().delete()
    withdrawal.carry_out(opened, now=now + timedelta(hours=1))
    return opened


def flag(person, now, *, rule="fraud_hold", reason="fraud_finding", confirm=True):
    mina = cast.officer(f"mina-{rule}", person.service)
    juno = cast.officer(f"juno-{rule}", person.service)
    found = case_flag.propose(
        person, rule_code=rule, reason=reason, found_on=now.date(), actor=mina, now=now
    )
    return case_flag.confirm(found, actor=juno, now=now) if confirm else found


@pytest.fixture
def leje():
    return cast.service("leje", now=datetime(2015, 1, 5, tzinfo=UTC))


@pytest.fixture
def mikmik():
    return cast.service("mikmik")


@pytest.mark.promise("LEJ-RET-1")
def test_a_leaver_without_a_case_is_held_by_no_internal_rule(leje):
    leave(cast.member(leje), ENDED)
    flagged_only_proposed = cast.member(leje, "jisoo")
    flag(flagged_only_proposed, ENDED, confirm=False)
    leave(flagged_only_proposed, ENDED)
    destruction.destroy_due(leje, now=ENDED + timedelta(days=5))
    assert not ArchivedRecord.objects.filter(rule_code="fraud_hold").exists()


@pytest.mark.promise("LEJ-RET-1", "LEJ-RGT-6")
def test_a_flagged_leaver_is_kept_on_the_last_day_of_ten_years_and_gone_on_the_next(leje):
    person = cast.member(leje, address="Seoul 1")
    case = flag(person, ENDED)
    leave(person, ENDED)
    kept = ArchivedRecord.objects.get(rule_code="fraud_hold")
    assert sorted(kept.item_codes) == ["email", "login_id", "mobile", "name"]
    assert kept.due_on == date(2026, 11, 22)
    destruction.destroy_due(leje, now=datetime(2026, 11, 22, 14, 59, tzinfo=UTC))
    assert keys.existing([kept.pk]) == {kept.pk}
    destruction.destroy_due(leje, now=datetime(2026, 11, 22, 15, 0, tzinfo=UTC))
    assert not keys.existing([kept.pk])
    assert not ArchivedRecord.objects.filter(pk=kept.pk).exists()
    case_sweep.sweep(datetime(2026, 11, 22, 16, 0, tzinfo=UTC))
    case.refresh_from_db()
    assert (case.end_reason, case.subject) == ("destroyed", None)


@pytest.mark.promise("LEJ-RET-1")
def test_ending_a_case_early_makes_what_it_held_due_with_the_next_sweep(leje):
    person = cast.member(leje)
    case = flag(person, ENDED)
    leave(person, ENDED)
    later = ENDED + timedelta(days=400)
    case_flag.end(case, reason="settled", actor=cast.officer("vera", leje), now=later)
    assert destruction.destroy_due(leje, now=later).done == 1
    assert not ArchivedRecord.objects.exists() and not DataSubject.objects.exists()
    with pytest.raises(case_flag.NotPossible, match="not_open"):
        case_flag.end(case, reason="settled", actor=None, now=later)


def test_the_officer_who_proposed_does_not_confirm_and_the_database_knows_it(leje):
    case = flag(cast.member(leje), ENDED, confirm=False)
    with pytest.raises(case_flag.NotPossible, match="own_proposal"):
        case_flag.confirm(case, actor=case.proposed_by, now=ENDED)
    with pytest.raises(IntegrityError):
        CaseFlag.objects.filter(pk=case.pk).update(confirmed_by=case.proposed_by)


@pytest.mark.parametrize(
    ("rule", "reason", "day", "code"),
    [
        ("contract_5y", "fraud_finding", 22, "rule_needs_no_case"),
        ("fraud_hold", "impersonation", 22, "reason_not_for_rule"),
        ("fraud_hold", "fraud_finding", 23, "found_later"),
    ],
)
def test_a_case_without_a_rule_a_reason_or_a_finding_is_refused(leje, rule, reason, day, code):
    person, mina = cast.member(leje), cast.officer("mina", leje)
    with pytest.raises(case_flag.NotPossible, match=code):
        case_flag.propose(
            person,
            rule_code=rule,
            reason=reason,
            found_on=date(2016, 11, day),
            actor=mina,
            now=ENDED,
        )
    assert not CaseFlag.objects.exists()


def test_one_person_has_one_open_case_per_rule(leje):
    person = cast.member(leje)
    case = flag(person, ENDED)
    with pytest.raises(case_flag.NotPossible, match="flagged_already"):
        case_flag.propose(
            person,
            rule_code="fraud_hold",
            reason="open_dispute",
            found_on=ENDED.date(),
            actor=case.proposed_by,
            now=ENDED,
        )


def test_a_review_keeps_a_case_for_a_year_and_never_beyond_its_ceiling(leje):
    person = cast.member(leje)
    case = flag(person, ENDED)
    leave(person, ENDED)
    assert case.review_on == date(2017, 11, 22)
    vera = cast.officer("vera", leje)
    case_flag.review(case, reason="agency_matter", actor=vera, now=noon(date(2018, 1, 10)))
    assert (case.review_on, case.reason) == (date(2019, 1, 10), "agency_matter")
    case_flag.review(case, reason="fraud_finding", actor=vera, now=noon(date(2026, 3, 1)))
    assert case.review_on == date(2026, 11, 22)
    assert ArchivedRecord.objects.get(rule_code="fraud_hold").due_on == date(2026, 11, 22)
    with pytest.raises(case_flag.NotPossible, match="reason_not_for_rule"):
        case_flag.review(case, reason="impersonation", actor=vera, now=noon(date(2026, 3, 2)))
    told = (
        LedgerEntry.objects.order_by("seq")
        .filter(code="members.case_flag.reviewed")
        .values_list("data", flat=True)
    )
    assert [row["review_on"] for row in told] == ["2019-01-10", "2026-11-22"]


@pytest.mark.promise("LEJ-RET-1")
def test_a_case_after_leaving_keeps_a_copy_of_what_is_left_and_brings_nothing_back(leje):
    person = cast.member(leje)
    cast_contract(person)
    leave(person, ENDED)
    before = set(ArchivedRecord.objects.values_list("pk", flat=True))
    case = flag(person, ENDED + timedelta(days=30))
    copy = ArchivedRecord.objects.exclude(pk__in=before).get()
    assert set(case.items) == set(copy.item_codes) == {"name", "login_id"}
    assert copy.due_on == date(2026, 11, 22)
    assert gate.archived_in_custody([copy])[copy.pk]["name"] == "Minji"
    case.set_aside_at = None
    CaseFlag.objects.update(set_aside_at=None)
    case_effects.set_aside(case, now=ENDED + timedelta(days=31))
    assert ArchivedRecord.objects.count() == len(before) + 1


def test_of_a_leaver_of_whom_nothing_is_left_no_case_can_be_recorded(leje):
    person = cast.member(leje)
    cast_contract(person)
    leave(person, ENDED)
    for copy in [one for one in ArchivedRecord.objects.all() if "name" in one.item_codes]:
        copy.delete()
    with pytest.raises(case_flag.NotPossible, match="nothing_held"):
        flag(person, ENDED + timedelta(days=30), confirm=False)


def cast_contract(person):
    """Give a member of LEJE a contract record."""
    from_policy = cast.policy_values(cast.version(person.service))
    cast.record.keep(
        person,
        {"contract_records": "Order of a lamp"},
        occurred_at=ENDED,
        source="orders",
        policy=from_policy,
        anchors={"contract": "2016-11-01"},
        actor=None,
        now=ENDED,
    )


@pytest.mark.promise("MIK-8.3")
def test_the_victims_data_are_blocked_at_once_and_destroyed_a_month_after_the_finding(mikmik):
    person = cast.member(mikmik, address="Seoul 1")
    cast.history(person)
    ids = {one.pk for one in person.records.all() if "email" in one.item_codes}
    flag(person, FOUND, rule="illegal_use_1m", reason="impersonation")
    assert not gate.may_use(person, "member_identification", ["email"], now=FOUND).allowed_items
    assert not keys.existing(list(ids))
    aside = Record.objects.get(subject=person, held_by="illegal_use_1m")
    assert aside.due_on == date(2026, 11, 22) and "email" in aside.item_codes
    assert selectors.find_subject(mikmik, "email", "minji@mail.example") == person
    destruction.destroy_due(mikmik, now=datetime(2026, 11, 22, 14, 59, tzinfo=UTC))
    assert Record.objects.filter(pk=aside.pk).exists()
    destruction.destroy_due(mikmik, now=datetime(2026, 11, 22, 15, 0, tzinfo=UTC))
    assert not Record.objects.filter(pk=aside.pk).exists() and not keys.existing([aside.pk])
    assert selectors.find_subject(mikmik, "email", "minji@mail.example") is None
    left = {code for codes in person.records.values_list("item_codes", flat=True) for code in codes}
    assert {"address", "payment_records", "contract_records"} <= left
    assert not left & set(CaseFlag.objects.get().items)
    assert case_sweep.sweep(noon(date(2026, 11, 23))).done == 1
    assert CaseFlag.objects.get().end_reason == "destroyed"
    assert not Restriction.objects.filter(ended_at=None).exists()


@pytest.mark.promise("MIK-8.3")
def test_repeated_joining_is_blocked_now_and_its_month_runs_from_the_exit(mikmik):
    person = cast.member(mikmik)
    flag(person, FOUND, rule="illegal_use_1m", reason="repeated_joining")
    assert Restriction.objects.get().ground == "illegal_use"
    assert not Record.objects.filter(held_by="illegal_use_1m").exists()
    destruction.destroy_due(mikmik, now=noon(date(2026, 12, 20)))
    assert person.records.exists()
    leave(person, noon(date(2027, 1, 31)))
    assert set(RejoinDigest.objects.values_list("due_on", flat=True)) == {date(2027, 2, 28)}
    assert not Record.objects.exists()


def test_a_wrong_suspicion_puts_the_data_back_where_they_were(mikmik):
    person = cast.member(mikmik, address="Seoul 1")
    before = set(person.records.values_list("record_class", flat=True))
    case = flag(person, FOUND, rule="illegal_use_1m", reason="impersonation")
    case_flag.end(case, reason="cleared", actor=cast.officer("vera", mikmik), now=FOUND)
    assert set(person.records.values_list("record_class", flat=True)) == before
    assert not Record.objects.exclude(due_on=None).exists()
    together = {k: v for one in gate.own_values(person).values() for k, v in one.items()}
    assert together["email"] == "minji@mail.example" and together["address"] == "Seoul 1"
    assert not Restriction.objects.filter(ended_at=None).exists()


def test_a_stop_between_confirmation_and_setting_aside_is_finished_by_the_sweep(mikmik):
    person = cast.member(mikmik)
    case = flag(person, FOUND, rule="illegal_use_1m", reason="impersonation", confirm=False)
    juno = cast.officer("juno", mikmik)
    CaseFlag.objects.filter(pk=case.pk).update(confirmed_by=juno, confirmed_at=FOUND)
    case_sweep.sweep(FOUND + timedelta(hours=1))
    assert Record.objects.get(held_by="illegal_use_1m").due_on == date(2026, 11, 22)
    case_sweep.sweep(FOUND + timedelta(hours=2))
    assert Record.objects.filter(held_by="illegal_use_1m").count() == 1


def test_a_release_that_was_interrupted_is_finished_by_the_sweep(leje):
    person = cast.member(leje)
    case = flag(person, ENDED)
    leave(person, ENDED)
    case_effects.begin_release(case, actor=None, now=ENDED + timedelta(days=9))
    CaseFlag.objects.update(ended_at=ENDED + timedelta(days=9), end_reason="settled")
    case_sweep.sweep(ENDED + timedelta(days=10))
    assert ArchivedRecord.objects.get(rule_code="fraud_hold").due_on == date(2016, 11, 30)


def test_illegal_use_is_not_recorded_against_somebody_who_has_left(mikmik):
    person = cast.member(mikmik)
    cast.history(person)
    leave(person, FOUND)
    with pytest.raises(case_flag.NotPossible, match="person_left"):
        flag(person, FOUND, rule="illegal_use_1m", reason="impersonation", confirm=False)
    assert not Restriction.objects.exists()

"""The rejoin block answers one question: was this one here, and left within a month; nobody else reads it."""

from datetime import UTC, date, datetime

import pytest

from compliance.models import LedgerEntry
from members import rejoin
from members.actions import case_flag, destruction, rejoin_lift, withdrawal
from members.archive.models import ArchivedRecord, RejoinDigest
from tests.tools import cast, source

MAY_NAME_IT = {
    "members/archive/models.py": "defines it",
    "members/actions/segregation.py": "writes it",
    "members/actions/destruction.py": "destroys it",
    "members/actions/rejoin_lift.py": "destroys it for the victim of an impersonation",
    "members/actions/replay_digests.py": "destroys it again after a restore",
    "members/actions/reclock_digests.py": "moves last days",
    "members/actions/joining.py": "tells the last day to whoever the question was answered for",
    "members/rejoin.py": "asks the question at the join form",
    "members/imports/lookup.py": "asks the question for a file",
    "members/admin/apart.py": "counts",
    "members/forecast.py": "counts",
    "members/promise_checks/retention.py": "counts",
    "members/promise_checks/separation.py": "counts",
}
READS_DIGESTS = {"members/rejoin.py", "members/imports/lookup.py"}


@pytest.mark.promise("MIK-5.4a")
def test_nothing_else_in_the_house_reads_the_digests():
    naming, reading = set(), set()
    for file in source.files("compliance", "members", "disclosures"):
        text = file.read_text(encoding="utf-8")
        place = str(file.relative_to(source.ROOT))
        if "/migrations/" in place or "RejoinDigest" not in text:
            continue
        naming.add(place)
        if 'values_list("field", "digest")' in text or "digest__in" in text:
            reading.add(place)
    assert naming <= set(MAY_NAME_IT)
    assert reading == READS_DIGESTS


@pytest.mark.promise("MIK-5.4a")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_who_left_on_31_january_is_held_on_28_february_and_free_on_1_march():
    mikmik = cast.service()
    person = cast.member(mikmik)
    left = datetime(2027, 1, 31, 3, 0, tzinfo=UTC)
    withdrawal.carry_out(withdrawal.request(person, channel="web", actor=None, now=left), now=left)
    asked = {"email": "MINJI@mail.example", "name": "Minji"}
    assert rejoin.is_held(mikmik, asked, today=date(2027, 2, 28))
    assert not rejoin.is_held(mikmik, {"name": "Minji"}, today=date(2027, 2, 28))
    destruction.release_digests(mikmik, now=datetime(2027, 2, 28, 14, 59, tzinfo=UTC))
    assert RejoinDigest.objects.exists()
    assert not rejoin.is_held(mikmik, asked, today=date(2027, 3, 1))
    destruction.release_digests(mikmik, now=datetime(2027, 2, 28, 15, 0, tzinfo=UTC))
    assert not RejoinDigest.objects.exists()


def left_on(person, now):
    withdrawal.carry_out(withdrawal.request(person, channel="web", actor=None, now=now), now=now)


@pytest.mark.promise("MIK-8.3", "MIK-5.4a")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_what_an_impersonator_joined_with_is_held_until_a_month_after_the_finding_and_travels_with_nothing():
    mikmik = cast.service()
    person = cast.member(mikmik, ci="C1-OF-THE-VICTIM", date_of_birth="1990-01-01")
    cast.history(person)
    found, left = datetime(2026, 10, 22, 3, tzinfo=UTC), datetime(2026, 11, 5, 3, tzinfo=UTC)
    case = case_flag.propose(
        person,
        rule_code="illegal_use_1m",
        reason="impersonation",
        found_on=found.date(),
        actor=cast.officer("mina", mikmik),
        now=found,
    )
    case_flag.confirm(case, actor=cast.officer("juno", mikmik), now=found)
    left_on(person, left)
    held = RejoinDigest.objects.values_list("field", "rule_code", "due_on")
    last = date(2026, 11, 22)
    assert set(held) == {(i, "illegal_use_1m", last) for i in ("ci", "login_id", "email")}
    apart = {i for codes in archived_items(person) for i in codes}
    assert {"payment_records", "contract_records"} <= apart
    assert apart.isdisjoint(case.items)
    destruction.release_digests(mikmik, now=datetime(2026, 11, 22, 15, tzinfo=UTC))
    assert not RejoinDigest.objects.exists()


def archived_items(person):
    rows = ArchivedRecord.objects.filter(subject__public_id=person.public_id)
    return rows.values_list("item_codes", flat=True)


@pytest.mark.promise("MIK-5.4a")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_only_items_that_answer_the_question_leave_a_digest():
    mikmik = cast.service()
    left_on(cast.member(mikmik, ci="C1", gender="f"), datetime(2027, 1, 31, 3, tzinfo=UTC))
    kept = set(RejoinDigest.objects.values_list("field", flat=True))
    assert kept == {"ci", "login_id", "email"} and kept <= set(rejoin.IDENTIFYING)


@pytest.mark.promise("MIK-5.4a")
@pytest.mark.django_db(databases="__all__", transaction=True)
def test_an_officer_lifts_the_hold_for_the_victim_and_only_for_the_victims_own_details():
    mikmik = cast.service()
    mina = cast.officer("mina", mikmik)
    left_at, today = datetime(2027, 1, 31, 3, tzinfo=UTC), date(2027, 2, 10)
    left_on(cast.member(mikmik), left_at)
    left_on(cast.member(mikmik, "jisoo"), left_at)
    victims, own = {"email": " MINJI@mail.example"}, {"login_id": "minji-id"}
    hold = rejoin_lift.name_of(RejoinDigest.objects.filter(field="email").earliest("pk"))
    now = datetime(2027, 2, 10, 3, tzinfo=UTC)
    assert rejoin_lift.lift(mikmik, victims, check="document_seen", actor=mina, now=now) == 1
    assert not rejoin.is_held(mikmik, victims, today=today)
    assert rejoin.is_held(mikmik, own, today=today)
    assert rejoin.is_held(mikmik, {"email": "jisoo@mail.example"}, today=today)
    assert rejoin_lift.lift(mikmik, victims, check="document_seen", actor=mina, now=now) == 0
    told = LedgerEntry.objects.filter(code="members.rejoin_digest.lifted").order_by("seq")
    assert [row.data for row in told] == [
        {"digests": 1, "check": "document_seen", "holds": [hold]},
        {"digests": 0, "check": "document_seen", "holds": []},
    ]
    assert {row.actor for row in told} == {mina.get_username()}


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_nobody_lifts_a_hold_without_a_check_without_details_or_without_the_permission():
    mikmik = cast.service()
    left_on(cast.member(mikmik), datetime(2027, 1, 31, 3, tzinfo=UTC))
    mina, vera = cast.officer("mina", mikmik), cast.officer("vera", mikmik, role="auditor")
    asked, now = {"email": "minji@mail.example"}, datetime(2027, 2, 10, 3, tzinfo=UTC)
    for values, check, actor, code in (
        (asked, "document_seen", vera, "no_permission"),
        (asked, "", mina, "not_checked"),
        ({"name": "Minji"}, "document_seen", mina, "nothing_asked"),
    ):
        with pytest.raises(rejoin_lift.NotPossible, match=code):
            rejoin_lift.lift(mikmik, values, check=check, actor=actor, now=now)
    assert rejoin.is_held(mikmik, asked, today=now.date())

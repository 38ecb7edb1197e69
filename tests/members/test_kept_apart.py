"""What lies apart is explained item by item: leavers, dormant people, holds and cases, at a constant cost."""

from datetime import UTC, date, datetime

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance.models import Service
from members import dormant_story, gate, kept_apart
from members.actions import case_flag, dormancy_move, restriction, withdrawal
from members.archive.models import ArchivedSubject
from members.models import DataSubject
from tests.tools import cast, sleepers

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


@pytest.fixture
def mikmik():
    return cast.service()


def apart(person):
    return ArchivedSubject.objects.get(public_id=person.public_id)


def leave(person, at=NOW):
    withdrawal.carry_out(withdrawal.request(person, channel="web", actor=None, now=at), now=at)
    return apart(person)


def asleep(service, keep=""):
    Service.objects.filter(pk=service.pk).update(dormant_keep=keep)
    person = sleepers.member(service, cast.officer("mina", service))
    assert dormancy_move.set_apart(NOW, service).done == 1
    person.refresh_from_db()
    return person


def told(person, at=NOW):
    """The sentence of each item, by the name of its class and of the item."""
    return {
        (line.title, item): line.story
        for line in kept_apart.of_person(person, now=at)
        for item in line.items
    }


@pytest.mark.promise("MIK-5.2.2", "MIK-5.4b")
def test_every_item_of_a_leaver_says_its_clause_its_days_and_its_end(mikmik):
    minji = cast.member(mikmik)
    cast.history(minji)
    found = told(leave(minji))
    payment = "Records of payment and supply of goods"
    assert (
        found[payment, "Records of payment and supply"]
        == found[payment, "Name"]
        == (
            "Kept until 6 May 2030 (counted from 6 May 2025) because clause 5.2.2 says so:"
            " Records of payment and supply of goods, 5 years. Then it is destroyed."
        )
    )
    (logs,) = [one for (_, item), one in found.items() if item == "Log-in records"]
    assert logs.startswith("Kept until 25 Nov 2027 (counted from 25 Nov 2026) because clause 5.4")
    assert all("dormant" not in sentence for sentence in found.values())


def test_the_lines_come_in_the_order_of_their_last_days_and_count_records(mikmik):
    minji = cast.member(mikmik)
    cast.history(minji)
    lines = kept_apart.of_person(leave(minji), now=NOW)
    assert [line.until for line in lines] == sorted(line.until for line in lines)
    assert {line.title: line.records for line in lines}[
        "Records of payment and supply of goods"
    ] == 2


def test_a_hold_is_told_for_the_record_that_it_binds_and_for_no_other(mikmik):
    minji = cast.member(mikmik)
    cast.history(minji)
    person = leave(minji)
    minji.refresh_from_db()
    restriction.place(minji, ground="legal_request", items=["payment_records"], actor=None, now=NOW)
    held = {item for (_, item), sentence in told(person).items() if "legal request" in sentence}
    assert held == {"Records of payment and supply"}


@pytest.mark.promise("MIK-5.5b", "MIK-5.5c")
def test_of_a_dormant_person_it_says_since_when_by_which_clause_and_until_when(mikmik):
    found = told(apart(asleep(mikmik, keep="P3Y")))
    since = "Stored apart as dormant since 25 Nov 2026 (clause 5.5)."
    (name,) = [sentence for (_, item), sentence in found.items() if item == "Name"]
    assert name == (
        f"{since} It comes back with the next sign-in; without one the membership ends on"
        " 26 Nov 2029, as if the person had left then."
    )
    (payment,) = [
        one for (title, _), one in found.items() if title.startswith("Records of payment")
    ]
    assert payment.startswith(f"{since} Kept until 6 May 2030 (counted from 6 May 2025)")


@pytest.mark.promise("MIK-5.5b")
def test_without_a_period_no_end_of_dormancy_is_told(mikmik):
    person = asleep(mikmik)
    policy = gate.policy_for(mikmik, NOW)
    assert dormant_story.of_person(person, policy, now=NOW) == (
        "Stored apart as dormant since 25 Nov 2026 (clause 5.5)."
        " It comes back with the next sign-in; no other end is set."
    )


@pytest.mark.promise("MIK-5.5a")
def test_somebody_in_daily_use_is_told_when_dormancy_would_begin(mikmik):
    person = cast.member(mikmik)
    DataSubject.objects.filter(pk=person.pk).update(last_used_at=NOW)
    person.refresh_from_db()
    policy = gate.policy_for(mikmik, NOW)
    sentence = dormant_story.of_person(person, policy, now=NOW)
    assert (
        "for 1 year all of this is stored apart as dormant (clause 5.5): from 26 Nov 2027"
        in sentence
    )
    assert (
        dormant_story.of_person(cast.member(cast.service("leje")), policy_of_leje(), now=NOW) == ""
    )


def policy_of_leje():
    return gate.policy_for(Service.objects.get(slug="leje"), NOW)


@pytest.mark.promise("LEJ-RET-1")
def test_what_a_case_holds_says_that_a_case_holds_it():
    leje = cast.service("leje")
    person = cast.member(leje)
    flag = case_flag.propose(
        person,
        rule_code="fraud_hold",
        reason="fraud_finding",
        found_on=date(2026, 11, 20),
        actor=cast.officer("mina", leje),
        now=NOW,
    )
    case_flag.confirm(flag, actor=cast.officer("juno", leje), now=NOW)
    sentences = told(leave(person)).values()
    assert sentences
    for sentence in sentences:
        assert sentence.startswith(
            "Kept until 25 Nov 2036 (counted from 25 Nov 2026) because clause §3"
        )
        assert "A confirmed case keeps it that long." in sentence


def test_the_number_of_queries_does_not_grow_with_records(mikmik):
    minji, sora = cast.member(mikmik), cast.member(mikmik, "sora")
    cast.history(minji)
    for _ in range(5):
        cast.history(sora)
    few, many = leave(minji), leave(sora)
    kept_apart.of_person(few, now=NOW)
    assert queries(few) == queries(many)
    assert many.records.count() > few.records.count()


def queries(person):
    live, there = (CaptureQueriesContext(connections[alias]) for alias in ("default", "archive"))
    with live, there:
        kept_apart.of_person(person, now=NOW)
    return len(live) + len(there)

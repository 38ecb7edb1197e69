"""The board over questions and complaints: answered or not, in time or not, and disputes with their hold."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.rules.promises import derive_bindings
from compliance.selectors import policy_values
from members.actions import enquiry
from members.actions.enquiry import Letter
from members.models import Restriction, RightsRequest
from tests.tools import board, cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)  # A Saturday noon in Seoul.
ANSWERED = "enquiry_answered()"


@pytest.fixture
def mikmik():
    return visits.live()


def ask(service, *, subject=None, kind="enquiry", channel="email"):
    contact = {} if subject else {"email": "haeun@mail.example"}
    letter = Letter(kind, "Why?", channel, contact=contact)
    return enquiry.receive(service, letter, subject=subject, actor=None, now=NOW)


def hours(count):
    return NOW + timedelta(hours=count)


@pytest.mark.promise("MIK-17.3b", "MIK-18.2")
def test_an_open_case_is_at_risk_at_20_hours_and_breaks_the_promise_at_24(mikmik):
    assert board.verdict(mikmik, ANSWERED, NOW) == "kept"
    ask(mikmik)
    found = {count: board.verdict(mikmik, ANSWERED, hours(count)) for count in (0, 19, 20, 24, 25)}
    assert found == {0: "kept", 19: "kept", 20: "at_risk", 24: "at_risk", 25: "broken"}


@pytest.mark.promise("MIK-17.3b")
@pytest.mark.parametrize(("after", "verdict", "percent"), [(23, "kept", 100), (25, "broken", 50)])
def test_an_answer_counts_by_its_moment_and_the_rate_is_reported(mikmik, after, verdict, percent):
    dana = cast.officer("dana", mikmik)
    enquiry.answer(ask(mikmik), "So.", actor=dana, now=hours(1))
    enquiry.answer(ask(mikmik), "So.", actor=dana, now=hours(after))
    found = board.finding(mikmik, ANSWERED, hours(after))
    assert found.verdict == verdict
    assert found.evidence[0]["answered_in_30_days"] == 2
    assert found.evidence[0]["in_time_percent"] == percent


@pytest.mark.promise("MIK-17.1")
def test_a_case_that_was_closed_around_the_answer_breaks_the_promise(mikmik):
    ask(mikmik)
    RightsRequest.objects.update(state="done", closed_at=hours(1))
    found = board.finding(mikmik, ANSWERED, hours(2))
    assert (found.verdict, found.evidence[0]["closed_unanswered"]) == ("broken", 1)


@pytest.mark.promise("ENG-5", "ENG-7.4", "LEJ-8")
@pytest.mark.parametrize("slug", ["engoo", "leje"])
def test_where_the_policy_gives_no_figure_an_open_case_is_late_never_and_counted(slug):
    service = visits.live(slug)
    ask(service, kind="complaint")
    found = board.finding(service, ANSWERED, hours(1000))
    assert (found.verdict, found.evidence[0]["open_undated"]) == ("kept", 1)
    dana = cast.officer("dana", service)
    enquiry.answer(RightsRequest.objects.get(), "So.", actor=dana, now=hours(1001))
    assert board.finding(service, ANSWERED, hours(1002)).evidence[0]["in_time_percent"] == 100


@pytest.mark.promise("KRN-8")
def test_an_open_dispute_without_its_hold_breaks_the_promise():
    service = visits.live("krainpop")
    ask(service, subject=visits.person(service), kind="complaint", channel="web")
    ask(service, kind="complaint", channel="web")  # Of a stranger nothing is held.
    assert board.verdict(service, ANSWERED, NOW) == "kept"
    Restriction.objects.update(ended_at=NOW)
    found = board.finding(service, ANSWERED, NOW)
    assert (found.verdict, found.evidence[0]["without_hold"]) == ("broken", 1)


@pytest.mark.parametrize(
    ("slug", "codes"),
    [
        ("mikmik", {"MIK-17.1", "MIK-17.2", "MIK-17.3a", "MIK-17.3b", "MIK-18.2"}),
        ("engoo", {"ENG-5", "ENG-7.4"}),
        ("leje", {"LEJ-8"}),
        ("krainpop", {"KRN-8"}),
    ],
)
def test_the_rows_of_a_policy_bind_its_promises_to_this_check(slug, codes):
    policy = policy_values(cast.version(cast.service(slug)))
    bound = {one.obligation for one in derive_bindings(policy) if one.check == "enquiry_answered"}
    assert codes <= bound


@pytest.mark.promise("MIK-17.2")
def test_the_contact_form_of_the_policy_is_ours_and_published(mikmik):
    found = board.finding(mikmik, "contact_published(contact=web_form)", NOW)
    assert (found.verdict, found.evidence[0]["filled"]) == ("kept", True)
    found = board.finding(mikmik, "contact_published(contact=post)", NOW)
    assert (found.verdict, found.evidence[0]["filled"]) == ("waiting_for_person", False)

"""LEJ-2.4 on the board: kept while children wait and join as promised, broken by each way to break it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from compliance.keyring import keys
from compliance.promise_gaps import gaps
from compliance.selectors import policy_values
from members.actions import joining, record, representative
from members.models import DataSubject, LegalRepresentative
from tests.tools import board, cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
KEY = "representative_asked()"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def leje():
    return cast.service("leje")


@pytest.fixture
def waiting(leje):
    return representative.ask(
        cast.version(leje), "member", "mother@mail.example", language="en", now=NOW
    )


def verdict(service, now=NOW):
    return board.verdict(service, KEY, now)


@pytest.mark.promise("LEJ-2.4")
def test_a_child_that_waits_in_time_without_any_record_breaks_nothing(leje, waiting):
    found = board.finding(leje, KEY, NOW)
    assert found.verdict == "kept"
    assert found.evidence[0]["representatives_asked"] == 1
    assert verdict(leje, waiting.expires_at + timedelta(minutes=59)) == "kept"


@pytest.mark.promise("LEJ-2.4")
def test_a_member_whose_representative_has_not_agreed_breaks_it(leje, waiting):
    DataSubject.objects.update(status="active")
    assert verdict(leje) == "broken"


def test_an_item_of_a_child_that_waits_breaks_it(leje, waiting):
    record.keep(
        waiting.subject,
        {"name": "Haneul"},
        occurred_at=NOW,
        source="homepage",
        policy=policy_values(cast.version(leje)),
        actor=None,
        now=NOW,
    )
    assert verdict(leje) == "broken"


def test_a_question_that_stays_open_too_long_breaks_it(leje, waiting):
    assert verdict(leje, waiting.expires_at + timedelta(minutes=61)) == "broken"


@pytest.mark.promise("LEJ-RGT-7")
def test_a_representative_who_agreed_and_cannot_be_recognised_breaks_it(leje, waiting):
    LegalRepresentative.objects.update(state="confirmed", answered_at=NOW)
    DataSubject.objects.update(status="active")
    assert verdict(leje) == "kept"
    keys.destroy([waiting.pk])
    assert verdict(leje) == "broken"


@pytest.mark.promise("KRN-3.1")
def test_a_no_is_shown_as_a_number_beside_the_answers():
    service = cast.service("krainpop")
    joining.refuse(cast.version(service), now=NOW)
    found = board.finding(service, "consent_two_answers()", NOW)
    assert (found.verdict, found.evidence[0]["refused_to_join"]) == ("kept", 1)


def test_nothing_of_joining_is_shown_as_not_built_any_more():
    assert not {"join_form", "representatives"} & set(gaps().values())

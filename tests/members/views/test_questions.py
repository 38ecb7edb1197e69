"""What a new version asks anew: led there once, two equal answers, later means later, silence keeps the old scope."""

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance.models import LedgerEntry
from members import gate, scope
from members.actions import delivery
from members.models import ConsentEvent, Delivery
from tests.tools import cast, visits, widened

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 12, 28, 3, tzinfo=UTC)
VISITS = count(1)
KEY, PAGE = f"{widened.PURPOSE}::", "/en/mikmik/account/questions/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def minji():
    return cast.member(visits.live(), language="en")


@pytest.fixture
def version(minji):
    return widened.in_force(minji.service)


def may_fit(person):
    person.refresh_from_db()
    return gate.may_use(person, widened.PURPOSE, ["email"], now=NOW).allowed


def post(client, way="answer", **answers):
    return client.post(visits.at("questions"), {"way": way, **answers})


def next_visit(client):
    """Sign in anew, a while later: a second code is not sent at once."""
    client.logout()
    with time_machine.travel(NOW + timedelta(minutes=5 * next(VISITS)), tick=False):
        return visits.sign_in(client, "minji-id")


def read(client, name="questions"):
    return client.get(visits.at(name)).content.decode()


@pytest.mark.promise("KRN-4.3", "MIK-11.2")
def test_the_next_visit_leads_to_questions_with_two_equal_answers_and_none_chosen(
    client, minji, version
):
    assert visits.sign_in(client, "minji-id").url == PAGE
    page = read(client)
    assert widened.LABEL in page and "Shoe size" in page
    assert "checked" not in page and "required" not in page
    assert page.count('value="agree"') == page.count('value="disagree"') == 1
    assert 'class="button primary"' not in page, "Answering and leaving for later weigh the same."


def test_without_a_change_nobody_is_asked(client, minji):
    assert visits.sign_in(client, "minji-id").url == visits.at("account")
    assert "not asked anything" in read(client)
    assert PAGE not in read(client, "account")


def test_whoever_asked_for_a_page_gets_it_and_finds_a_strip_on_the_account(client, minji, version):
    visits.ask(client, "minji-id", next=visits.at("withdraw"))
    answer = client.post(visits.at("code"), {"code": visits.code_sent()})
    assert answer.url == visits.at("withdraw")
    assert "asks you 1 question" in read(client, "account")


@pytest.mark.promise("KRN-4.3")
def test_a_yes_opens_the_new_use_at_once_binds_the_version_and_is_provable(client, minji, version):
    visits.sign_in(client, "minji-id")
    assert not may_fit(minji)
    assert post(client, **{KEY: "agree"}).url == visits.at("account")
    assert may_fit(minji) and minji.agreed_version_id == version.pk
    event = ConsentEvent.objects.get()
    assert (event.purpose, event.answer, event.version_id) == ("fitting", "agreed", version.pk)
    assert (event.language, event.asked_by, len(event.text_hash)) == ("en", "web", 64)
    mail = Delivery.objects.get(event="choices_changed")
    said = delivery.contents_of([mail])[mail.pk]["changed"]
    assert said == [{"question": widened.LABEL, "before": "", "after": "agreed"}]
    assert "not asked anything" in read(client)


@pytest.mark.promise("KRN-4.3")
def test_a_no_keeps_the_old_scope_is_recorded_and_can_be_changed(client, minji, version):
    visits.sign_in(client, "minji-id")
    post(client, **{KEY: "disagree"})
    assert not may_fit(minji) and minji.agreed_version_id != version.pk
    assert gate.may_use(minji, "contract_contact", ["email"], now=NOW).allowed
    assert ConsentEvent.objects.get().answer == "disagreed"
    assert next_visit(client).url == visits.at("account")
    assert PAGE not in read(client, "account") and PAGE in read(client, "choices")
    assert "Answered already" in read(client)
    post(client, **{KEY: "agree"})
    assert may_fit(minji)


def test_the_same_answer_twice_is_one_and_silence_is_none(client, minji, version):
    visits.sign_in(client, "minji-id")
    assert post(client).url == PAGE
    assert "No answer was chosen" in read(client)
    for _ in range(2):
        post(client, **{KEY: "disagree", "made:up:": "agree"})
    assert ConsentEvent.objects.count() == 1


@pytest.mark.promise("KRN-4.3")
def test_later_changes_nothing_and_is_asked_again_only_after_a_real_change(client, minji, version):
    visits.sign_in(client, "minji-id")
    assert post(client, way="later", **{KEY: "agree"}).url == visits.at("account")
    assert not may_fit(minji) and not ConsentEvent.objects.exists()
    assert LedgerEntry.objects.filter(code="members.questions.put_off").count() == 1
    assert PAGE not in read(client, "account")
    assert next_visit(client).url == visits.at("account")
    assert PAGE in read(client, "choices"), "The questions stay within reach."
    widened.in_force(minji.service, "measuring", "foot_width")
    assert next_visit(client).url == PAGE
    assert read(client).count("<fieldset") == 2


def test_a_later_version_does_not_ask_again_what_was_answered(client, minji, version):
    visits.sign_in(client, "minji-id")
    post(client, **{KEY: "disagree"})
    widened.in_force(minji.service, "measuring", "foot_width")
    assert next_visit(client).url == PAGE
    before, after = read(client).split("Answered already")
    assert (before.count("<fieldset"), after.count("<fieldset")) == (1, 1)
    post(client, **{"measuring::": "agree"})
    minji.refresh_from_db()
    given = scope.answers([minji])[minji.pk]
    assert {one.question[0]: one.answer for one in given} == {
        "fitting": "disagreed",
        "measuring": "agreed",
    }
    assert gate.may_use(minji, "measuring", ["email"], now=NOW).allowed and not may_fit(minji)


def test_whoever_left_answers_nothing(client, minji, version):
    visits.sign_in(client, "minji-id")
    type(minji).objects.filter(pk=minji.pk).update(status="withdrawn", left_at=NOW)
    assert post(client, **{KEY: "agree"}).status_code == 302
    assert not ConsentEvent.objects.exists()


def test_the_page_costs_the_same_for_one_question_and_for_four(client, minji, version):
    visits.sign_in(client, "minji-id")

    def queries():
        with CaptureQueriesContext(connections["default"]) as told:
            assert client.get(visits.at("questions")).status_code == 200
        return len(told)

    queries()
    few = queries()
    for number in range(3):
        widened.in_force(minji.service, f"measuring_{number}", f"width_{number}")
    queries()
    assert read(client).count("<fieldset") == 4
    assert queries() <= few

"""My choices: every question on its own, two equal answers, counted at once and confirmed by mail."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connections
from django.test.utils import CaptureQueriesContext

from compliance import ledger
from compliance.models import LedgerEntry
from members import gate
from members.actions import delivery
from members.models import ConsentEvent, ConsentState, Delivery
from tests.tools import cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
ADS, TAILORED = "advertising:email:", "recommendations::"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def minji(client):
    found = cast.member(visits.live())
    visits.sign_in(client, "minji-id")
    return found


def answer(client, **answers):
    return client.post(visits.at("choices"), answers, follow=True).content.decode()


def current(person):
    return {
        f"{row.purpose}:{row.channel}:{row.recipient}": row.answer
        for row in ConsentState.objects.filter(subject=person)
    }


@pytest.mark.promise("KRN-3.1")
def test_nothing_is_chosen_beforehand_and_each_question_has_two_answers(client, minji):
    page = client.get(visits.at("choices")).content.decode()
    assert "checked" not in page
    assert (
        page.count('value="agree"') == page.count('value="disagree"') == page.count("<fieldset") + 1
    )
    assert "(by e-mail)" in page


@pytest.mark.promise("MIK-19.2")
def test_an_agreement_opens_the_gate_at_once_and_taking_it_back_closes_it(client, minji):
    def may_advertise():
        return gate.may_use(minji, "advertising", ["email"], channel="email", now=NOW).allowed

    assert not may_advertise()
    assert "1 answer was saved" in answer(client, **{ADS: "agree"})
    assert may_advertise()
    answer(client, **{ADS: "disagree"})
    assert not may_advertise()
    assert current(minji) == {ADS: "withdrawn"}
    given = [row.answer for row in ConsentEvent.objects.order_by("pk")]
    assert given == ["agreed", "withdrawn"]


def test_an_answer_keeps_version_language_channel_and_the_words_shown(client, minji):
    answer(client, **{TAILORED: "agree"})
    in_english = ConsentEvent.objects.get()
    assert (in_english.asked_by, in_english.language, in_english.version.number) == ("web", "en", 1)
    answer(client, **{TAILORED: "disagree"})
    client.post(visits.at("choices").replace("/en/", "/ko/"), {TAILORED: "agree"})
    in_korean = ConsentEvent.objects.order_by("pk").last()
    assert in_korean.language == "ko"
    assert len({in_english.text_hash, in_korean.text_hash}) == 2
    entry = LedgerEntry.objects.filter(code="members.consent.answered").order_by("seq").last()
    assert entry.data["text"] == in_korean.text_hash
    assert ledger.verify().ok


def test_the_same_answer_again_writes_nothing_and_sends_nothing(client, minji):
    answer(client, **{ADS: "agree"})
    before = ConsentEvent.objects.count(), Delivery.objects.count()
    assert "Nothing was changed" in answer(client, **{ADS: "agree"})
    assert (ConsentEvent.objects.count(), Delivery.objects.count()) == before


def test_a_first_no_is_a_fact_too(client, minji):
    answer(client, **{ADS: "disagree"})
    assert current(minji) == {ADS: "disagreed"}


def test_to_all_and_to_none_cost_one_click_each(client, minji):
    answer(client, all="agree")
    assert set(current(minji).values()) == {"agreed"}
    answer(client, all="disagree")
    assert set(current(minji).values()) == {"withdrawn"}


@pytest.mark.parametrize(
    "sent",
    [
        {"advertising:email:": "maybe"},
        {"delivery::": "agree"},
        {"all": "perhaps"},
        {"advertising:smoke:": "agree"},
        {"\x00": "agree"},
        {},
    ],
)
def test_what_is_no_answer_to_a_question_of_the_policy_changes_nothing(client, minji, sent):
    assert "Nothing was changed" in answer(client, **sent)
    assert not ConsentEvent.objects.exists()


def test_the_person_is_told_before_and_after_without_any_value(client, minji):
    answer(client, **{ADS: "agree", TAILORED: "disagree"})
    mail = Delivery.objects.get(event="choices_changed")
    figures = delivery.contents_of([mail])[mail.pk]
    assert mail.language == "ko"
    assert figures["address"] == "minji@mail.example"
    answers = [(row["before"], row["after"]) for row in figures["changed"]]
    assert answers == [("", "disagreed"), ("", "agreed")]


def test_the_history_shows_every_answer_newest_first(client, minji):
    answer(client, **{ADS: "agree"})
    page = answer(client, **{ADS: "disagree"})
    table = page[page.index("Your answers so far") :]
    assert table.index("You took back your agreement") < table.index("You agreed")


def test_an_answer_about_cookies_goes_by_the_name_of_the_kind(client, minji):
    client.post(visits.at("cookies"), {"all": "no"})
    page = client.get(visits.at("choices")).content.decode()
    history = page[page.index("Your answers so far") :]
    assert "cookies:" not in history
    assert "You disagreed" in history


def test_a_member_never_sees_or_changes_the_answers_of_another(client, minji):
    hana = cast.member(minji.service, "hana", mobile="010-9999-0000")
    answer(client, **{ADS: "agree"})
    assert current(hana) == {}


def test_a_page_costs_as_many_queries_with_many_answers_as_with_none(client, minji):
    def queries():
        with CaptureQueriesContext(connections["default"]) as seen:
            client.get(visits.at("choices"))
        return len(seen)

    few = queries()
    answer(client, all="agree")
    answer(client, all="disagree")
    client.get(visits.at("choices"))
    assert queries() == few


def test_somebody_who_is_leaving_answers_nothing_any_more(client, minji):
    client.post(visits.at("withdraw"))
    response = client.post(visits.at("choices"), {ADS: "agree"})
    assert response.status_code == 302
    assert current(minji) == {}

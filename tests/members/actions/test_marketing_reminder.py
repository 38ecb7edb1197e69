"""Every two years people are reminded that they agreed to advertising, and stop it by one click of any program."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from compliance import ledger
from compliance.models import PolicyVersion
from members import gate, one_click
from members.actions import consent, delivery_send, marketing_reminder
from members.models import ConsentEvent, ConsentState, Delivery
from tests.tools import cast, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
AGREED = datetime(2024, 11, 23, 3, tzinfo=UTC)
LAST_DAY = datetime(2026, 11, 23, 14, 59, tzinfo=UTC)  # Still 23 November in Seoul.
DUE = LAST_DAY + timedelta(minutes=1)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def minji():
    return cast.member(visits.live(), language="en")


def agree(person, *, channel="email", at=AGREED, answer="agreed"):
    return consent.answer(
        person,
        purpose="advertising",
        channel=channel,
        answer=answer,
        version=PolicyVersion.objects.get(service=person.service),
        asked_by="web",
        language="en",
        text_hash="a" * 64,
        actor=None,
        now=at,
    )


def reminded(person):
    return list(Delivery.objects.filter(subject=person, event="marketing_reminder"))


def letter(smtp_sink, now):
    delivery_send.send_until(now, seconds=30)
    (mail,) = smtp_sink.to("minji@mail.example")
    return mail


def test_a_reminder_goes_out_on_the_day_after_two_years_in_seoul_and_once(minji):
    agree(minji)
    assert marketing_reminder.plan_due(LAST_DAY).done == 0
    assert marketing_reminder.plan_due(DUE, dry_run=True).done == 1 and not reminded(minji)
    assert marketing_reminder.plan_due(DUE).done == 1
    assert marketing_reminder.plan_due(DUE + timedelta(days=300)).done == 0
    assert len(reminded(minji)) == 1
    again = datetime(2028, 11, 24, 15, tzinfo=UTC)
    assert marketing_reminder.plan_due(again).done == 1 and len(reminded(minji)) == 2


def test_nobody_is_reminded_who_said_no_left_or_agreed_later(minji):
    agree(minji)
    agree(minji, answer="withdrawn", at=AGREED + timedelta(days=1))
    hana = cast.member(minji.service, "hana")
    agree(hana, at=AGREED + timedelta(days=30))
    assert marketing_reminder.plan_due(DUE).done == 0


def test_the_message_names_channel_and_day_and_carries_the_headers_of_one_click(minji, smtp_sink):
    agree(minji)
    agree(minji, channel="mobile", at=AGREED + timedelta(days=40))
    marketing_reminder.plan_due(DUE)
    mail = letter(smtp_sink, DUE)
    (row,) = reminded(minji)
    link = f"http://testserver/en/mikmik/stop/{one_click.token(row.pk)}/"
    assert mail.message["List-Unsubscribe"].split(",")[0] == f"<{link}>"
    assert "mailto:" in mail.message["List-Unsubscribe"]
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in ("plain", "html"):
        text = mail.part(part)
        assert "by e-mail" in text and "by text message or telephone" in text
        assert "23 Nov 2024" in text and "2 Jan 2025" in text and link in text
    assert "minji" not in mail.part("plain")


@pytest.mark.promise("MIK-19.2")
def test_a_mail_program_stops_every_channel_with_one_post_without_cookie_or_sign_in(minji):
    agree(minji)
    agree(minji, channel="mobile")
    marketing_reminder.plan_due(DUE)
    address = visits.at("one_click", minji.service, one_click.token(reminded(minji)[0].pk))
    program = Client(enforce_csrf_checks=True)
    with time_machine.travel(DUE, tick=False):
        assert gate.may_use(minji, "advertising", ["email"], channel="email", now=DUE).allowed
        asked = program.get(address)
        assert asked.status_code == 200 and asked.content.decode().count('method="post"') == 1
        assert set(ConsentState.objects.values_list("answer", flat=True)) == {"agreed"}
        for _ in range(2):
            answer = program.post(address, {"List-Unsubscribe": "One-Click"})
            assert (answer.status_code, dict(answer.cookies)) == (200, {})
            assert "No more news" in answer.content.decode()
        assert not gate.may_use(minji, "advertising", ["email"], channel="email", now=DUE).allowed
    assert set(ConsentState.objects.values_list("answer", flat=True)) == {"withdrawn"}
    assert ConsentEvent.objects.filter(asked_by="one_click").count() == 2
    assert Delivery.objects.filter(event="choices_changed").count() == 1
    assert ledger.verify().ok


def test_an_address_that_was_not_ours_or_belongs_elsewhere_is_unknown(minji):
    agree(minji)
    marketing_reminder.plan_due(DUE)
    token = one_click.token(reminded(minji)[0].pk)
    other = visits.live("krainpop")
    for service, given in (
        (minji.service, f"{token[:-1]}{'0' if token[-1] != '0' else '1'}"),
        (minji.service, token[:32]),
        (minji.service, "x" * 64),
        (other, token),
    ):
        for ask in (Client().get, Client().post):
            assert ask(visits.at("one_click", service, given)).status_code == 404
    assert ConsentState.objects.get().answer == "agreed"


def test_the_link_of_somebody_who_has_gone_still_answers(minji):
    agree(minji)
    marketing_reminder.plan_due(DUE)
    (row,) = reminded(minji)
    Delivery.objects.filter(pk=row.pk).update(subject=None)
    address = visits.at("one_click", minji.service, one_click.token(row.pk))
    assert Client().post(address).status_code == 200
    assert ConsentState.objects.get().answer == "agreed"


def test_whoever_is_due_is_found_in_one_query(minji, django_assert_num_queries):
    agree(minji)
    agree(cast.member(minji.service, "hana"))
    policy = gate.policy_for(minji.service, DUE)
    with django_assert_num_queries(1):
        assert len(marketing_reminder._due(minji.service, policy, DUE)) == 2

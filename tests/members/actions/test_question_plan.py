"""Who has to answer is written to once and reminded once after seven days; who answered is left alone."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.models import LedgerEntry, Notice
from members import questions
from members.actions import delivery_plan, question_plan
from members.actions import questions as action
from members.models import DataSubject, Delivery
from tests.tools import cast, notices

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = notices.NOW
WEEK = timedelta(days=7)
KEY = "parcel_stories::"


@pytest.fixture
def told():
    """Three people to whom an important change with a question was announced."""
    people, notice = notices.planned(cast.service())
    return people, notice


def answer(subject, said, now=NOW):
    subject.refresh_from_db()
    return action.answer(
        subject,
        {KEY: said},
        sheet=questions.sheet(subject),
        asked_by="web",
        language="en",
        actor=None,
        now=now,
    )


def asked(stage="question"):
    return list(
        Delivery.objects.filter(stage=stage).order_by("subject").values_list("subject", flat=True)
    )


@pytest.mark.promise("MIK-11.1")
def test_everybody_who_has_to_answer_gets_one_letter_of_their_own(told):
    people, _ = told
    assert question_plan.plan_due(NOW).done == 3
    assert asked() == [one.pk for one in people]
    assert question_plan.plan_due(NOW + timedelta(hours=1)).done == 0
    entry = LedgerEntry.objects.filter(code="members.notice.planned").order_by("seq").last()
    assert entry.data == {"stage": "question", "people": 3}


def test_nobody_is_asked_before_the_change_itself_is_announced_to_all():
    service = cast.service()
    notices.people(service, 2)
    notices.announced(service)
    assert question_plan.plan_due(NOW).done == 0


@pytest.mark.promise("MIK-11.1", "KRN-4.3")
def test_one_reminder_after_seven_days_for_the_silent_only_and_then_no_more(told):
    (yes, no, silent), _ = told
    question_plan.plan_due(NOW)
    answer(yes, True)
    answer(no, False)
    assert question_plan.plan_due(NOW + WEEK - timedelta(days=1)).done == 0
    assert question_plan.plan_due(NOW + WEEK).done == 1
    assert asked("ask_again") == [silent.pk]
    for weeks in (2, 3, 5):
        assert question_plan.plan_due(NOW + WEEK * weeks).done == 0


def test_who_decides_later_is_not_reminded(told):
    (first, *_), notice = told
    question_plan.plan_due(NOW)
    action.put_off(first, version=notice.version, actor=None, now=NOW)
    assert question_plan.plan_due(NOW + WEEK).done == 2
    assert first.pk not in asked("ask_again")


def test_a_stop_in_the_middle_loses_nobody_and_asks_nobody_twice(told, monkeypatch):
    people, notice = told
    original, calls = question_plan.write_chunk, []

    def stops(*args, **more):
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        return original(*args, **more)

    monkeypatch.setattr(question_plan, "write_chunk", stops)
    with pytest.raises(KeyboardInterrupt):
        question_plan.plan(notice, delivery_plan.QUESTION, actor=None, now=NOW, limit=1)
    monkeypatch.undo()
    assert len(asked()) == 1
    assert question_plan.plan_due(NOW).done == 2
    assert asked() == [one.pk for one in people]


@pytest.mark.promise("MIK-11.1")
def test_the_letter_says_what_is_new_what_silence_means_and_where_to_answer(told, smtp_sink):
    question_plan.plan_due(NOW)
    notices.send()
    letters = [one for one in smtp_sink.accepted() if "/questions/" in one.part("plain")]
    assert len(letters) == 3
    english = next(one for one in letters if one.message["Content-Language"] == "en")
    assert "Send stories about parcels" in english.message["Subject"]
    assert english.message["List-Unsubscribe"] is None
    for part in ("plain", "html"):
        body = english.part(part)
        assert "/en/mikmik/account/questions/" in body and "do not answer" in body
        assert "@mail.example" not in body
    assert {one.message["Content-Language"] for one in letters} == {"ko", "en", "id"}


def test_who_answered_meanwhile_gets_no_letter(told, smtp_sink):
    (first, *_), _ = told
    question_plan.plan_due(NOW)
    answer(first, False)
    notices.send()
    rows = dict(Delivery.objects.filter(stage="question").values_list("subject", "state"))
    assert rows.pop(first.pk) == "cancelled" and set(rows.values()) == {"sent"}
    assert Delivery.objects.get(stage="question", subject=first).result == "answered"


def test_an_answer_ahead_counts_from_the_day_and_binds_the_version_then(told):
    (yes, no, _), notice = told
    version = notice.version
    answer(yes, True)
    answer(no, False)
    assert action.bind_agreed(NOW).done == 0, "It is not in force yet."
    versions_in_force(version)
    assert action.bind_agreed(NOW).done == 1
    assert action.bind_agreed(NOW).done == 0
    agreed = DataSubject.objects.filter(agreed_version=version)
    assert list(agreed) == [yes]


def versions_in_force(version):
    type(version).objects.filter(state="in_effect").update(state="superseded")
    type(version).objects.filter(pk=version.pk).update(state="in_effect")


def test_planning_costs_the_same_for_two_and_for_thirty(django_assert_max_num_queries):
    service = cast.service()
    notices.people(service, 30)
    notice = notices.announced(service)
    delivery_plan.plan(notice, actor=None, now=NOW)
    with django_assert_max_num_queries(24):
        assert question_plan.plan(notice, delivery_plan.QUESTION, actor=None, now=NOW) == 30
    assert Notice.objects.get(pk=notice.pk).asked_at == datetime(2026, 11, 23, 3, tzinfo=UTC)

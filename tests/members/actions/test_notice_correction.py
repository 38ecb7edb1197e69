"""A change that people were told of does not happen, or later: each of them is told so, exactly once."""

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from compliance.actions import policy_version
from compliance.models import LedgerEntry, NoticeCorrection, Service
from members.actions import notice_correction
from members.models import DataSubject, Delivery
from tests.tools import cast, notices

pytestmark = pytest.mark.django_db(databases="__all__")
NOW, OLD = notices.NOW, date(2027, 1, 2)
LATER, NEW = NOW + timedelta(days=2), date(2027, 1, 20)


@pytest.fixture
def told(smtp_sink):
    """Three people, two of whom were told; the message to the third still waits."""
    service = cast.service()
    Service.objects.filter(pk=service.pk).update(state="live", went_live_at=cast.JOINED)
    people, notice = notices.planned(service)
    last = Delivery.objects.get(subject=people[2])
    Delivery.objects.filter(pk=last.pk).update(not_before=NOW + timedelta(days=9))
    notices.send()
    return people, notice


def corrected():
    rows = Delivery.objects.filter(stage__startswith="corrected_").order_by("stage", "subject")
    return list(rows.values_list("stage", "subject"))


def cancel(notice):
    return policy_version.cancel(notice.version, actor=None, now=LATER)


def move(notice, day=NEW):
    return policy_version.move(notice.version, effective_on=day, actor=None, now=LATER)


def test_who_was_told_is_told_that_it_does_not_happen_and_nobody_else(told, smtp_sink):
    (first, second, waiting), notice = told
    before = len(smtp_sink.accepted())
    cancel(notice)
    assert notice_correction.plan_due(LATER).done == 2
    assert corrected() == [("corrected_1", first.pk), ("corrected_1", second.pk)]
    assert Delivery.objects.get(subject=waiting).result == "notice_withdrawn"
    notices.send(LATER)
    letters = smtp_sink.accepted()[before:]
    assert len(letters) == 2
    english = next(one for one in letters if one.message["Content-Language"] == "en")
    assert english.message["Subject"] == "The policy change on 2 Jan 2027 will not happen"
    for part in ("plain", "html"):
        assert "will not happen" in english.part(part)
    for later in (LATER, LATER + timedelta(days=1)):
        assert notice_correction.plan_due(later).done == 0
    notices.send(LATER + timedelta(days=10))
    assert len(smtp_sink.accepted()) == before + 2


def test_who_was_told_the_old_day_is_told_the_new_one_and_the_rest_read_only_the_new(
    told, smtp_sink
):
    (_, _, waiting), notice = told
    before = len(smtp_sink.accepted())
    moved = move(notice)
    assert (moved.effective_on, moved.state) == (NEW, "announced")
    assert notice_correction.plan_due(LATER).done == 2
    notices.send(LATER)
    english = next(
        one for one in smtp_sink.accepted()[before:] if one.message["Content-Language"] == "en"
    )
    assert "2 Jan 2027" in english.message["Subject"]
    assert "20 Jan 2027" in english.message["Subject"]
    notices.send(NOW + timedelta(days=9))
    last = smtp_sink.accepted()[-1]
    assert last.recipients == (notices.address(2),) and "2027년 1월 2일" not in last.part("plain")
    assert Delivery.objects.filter(subject=waiting).count() == 1


@pytest.mark.parametrize("day", [OLD, OLD - timedelta(days=1)])
def test_a_change_is_never_moved_to_an_earlier_day(told, day):
    _, notice = told
    with pytest.raises(policy_version.TransitionRefused, match="not_later"):
        move(notice, day)
    assert not NoticeCorrection.objects.exists()


def test_two_moves_and_the_end_are_three_corrections_of_their_own(told):
    _, notice = told
    move(notice)
    move(notice, NEW + timedelta(days=10))
    cancel(notice)
    assert notice_correction.plan_due(LATER).done == 6
    kinds = NoticeCorrection.objects.order_by("number").values_list("kind", "old_on", "new_on")
    assert list(kinds) == [
        ("moved", OLD, NEW),
        ("moved", NEW, NEW + timedelta(days=10)),
        ("cancelled", NEW + timedelta(days=10), None),
    ]


def test_it_waits_for_a_message_that_is_being_sent(told):
    (_, _, waiting), notice = told
    row = Delivery.objects.filter(subject=waiting)
    row.update(state="sending", lease_until=LATER, lease_token="x")
    cancel(notice)
    report = notice_correction.plan_due(LATER)
    assert (report.done, report.skipped) == (0, {"still_sending": 1})
    row.update(state="sent", lease_until=None, finished_at=LATER)
    assert notice_correction.plan_due(LATER).done == 3


def test_a_stop_anywhere_neither_loses_nor_repeats_anybody(told, monkeypatch):
    _, notice = told
    cancel(notice)
    correction = NoticeCorrection.objects.get()
    monkeypatch.setattr(notice_correction, "_close", lambda *args, **more: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        notice_correction.plan(correction, actor=None, now=LATER, limit=1)
    monkeypatch.undo()
    assert notice_correction.plan_due(LATER).done == 0
    assert len(corrected()) == 2 and NoticeCorrection.objects.get().planned_at == LATER


def test_who_has_left_since_is_not_written_to(told):
    (first, *_), notice = told
    DataSubject.objects.filter(pk=first.pk).update(status="withdrawn", left_at=LATER)
    cancel(notice)
    assert notice_correction.plan_due(LATER).done == 1


def test_a_version_that_nobody_was_told_of_is_given_up_in_silence():
    service = cast.service()
    notices.people(service, 2)
    notice = notices.announced(service)
    cancel(notice)
    assert notice_correction.plan_due(LATER).done == 0
    assert NoticeCorrection.objects.get().planned_at == LATER


def test_the_board_and_the_feed_say_it(told):
    _, notice = told
    cancel(notice)
    with time_machine.travel(LATER):
        for address in ("", f"{notice.pk}/", "feed.json", "feed.atom"):
            answer = Client().get(f"/en/mikmik/notices/{address}")
            assert answer.status_code == 200
            assert b"The policy change on 2 Jan 2027 will not happen" in answer.content
        assert b"changes on" not in Client().get("/en/mikmik/").content


def test_the_ledger_tells_of_the_move(told):
    _, notice = told
    move(notice)
    entry = LedgerEntry.objects.get(code="compliance.policy.moved")
    assert entry.data == {"number": 2, "old_on": "2027-01-02", "effective_on": "2027-01-20"}

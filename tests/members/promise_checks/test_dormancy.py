"""The promise board knows whether people are told before dormancy, set apart in time, and let go in time."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.models import Service, Slot
from compliance.selectors import policy_values
from members.actions import dormancy_move, dormancy_notice, record
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Dormancy
from tests.tools import board, cast, notices

pytestmark = pytest.mark.django_db(databases="__all__")
USED = datetime(2025, 12, 22, 3, tzinfo=UTC)
NOTICE = datetime(2026, 11, 22, 3, tzinfo=UTC)
SEPARATE = datetime(2026, 12, 22, 15, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTICED, RULE = "dormancy_noticed(notice=dormancy)", "retention_rule_met(rule=dormancy_1y)"


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def mikmik():
    return cast.service()


@pytest.fixture
def minji(mikmik):
    person = cast.member(mikmik)
    DataSubject.objects.filter(pk=person.pk).update(last_used_at=USED)
    return person


def verdicts(service, at):
    return board.verdict(service, NOTICED, at), board.verdict(service, RULE, at)


def swept(at):
    Slot.objects.create(entry="dormancy.notify", slot_at=at, started_at=at, finished_at=at)


def told():
    dormancy_notice.notify_due(NOTICE)
    notices.send(NOTICE)
    dormancy_notice.notify_due(NOTICE + HOUR)


def apart(service):
    told()
    assert dormancy_move.set_apart(SEPARATE, service).done == 1


@pytest.mark.promise("MIK-5.5a")
def test_a_notice_that_is_due_puts_the_promise_at_risk_and_a_silent_sweep_breaks_it(mikmik, minji):
    assert verdicts(mikmik, NOTICE - DAY) == ("kept", "kept")
    assert board.verdict(mikmik, NOTICED, NOTICE) == "broken"
    swept(NOTICE)
    assert board.verdict(mikmik, NOTICED, NOTICE) == "at_risk"


@pytest.mark.promise("MIK-5.5a")
def test_once_told_both_promises_are_kept_until_two_hours_after_the_day(mikmik, minji, smtp_sink):
    told()
    assert verdicts(mikmik, SEPARATE) == ("kept", "kept")
    assert board.verdict(mikmik, RULE, SEPARATE + 2 * HOUR - timedelta(seconds=1)) == "kept"
    assert board.verdict(mikmik, RULE, SEPARATE + 2 * HOUR) == "broken"


@pytest.mark.promise("MIK-5.5b")
def test_somebody_whom_nobody_reached_waits_for_an_officer_and_breaks_nothing(mikmik, minji):
    minji.records.all().delete()
    told()
    assert board.verdict(mikmik, NOTICED, NOTICE + DAY) == "waiting_for_person"
    assert board.verdict(mikmik, RULE, SEPARATE + 3 * DAY) == "waiting_for_person"


def test_a_message_on_its_way_for_more_than_a_day_is_a_risk(mikmik, minji):
    dormancy_notice.notify_due(NOTICE)
    assert board.verdict(mikmik, NOTICED, NOTICE + DAY) == "kept"
    assert board.verdict(mikmik, NOTICED, NOTICE + DAY + HOUR) == "at_risk"


@pytest.mark.promise("MIK-5.5b")
def test_apart_without_an_end_waits_for_the_operator_and_past_its_end_is_broken(
    mikmik, minji, smtp_sink
):
    apart(mikmik)
    assert board.verdict(mikmik, RULE, SEPARATE + DAY) == "waiting_for_person"
    Service.objects.update(dormant_keep="P1Y")
    mikmik.refresh_from_db()
    assert board.verdict(mikmik, RULE, SEPARATE + DAY) == "kept"
    over = datetime(2027, 12, 23, 15, tzinfo=UTC)
    assert board.verdict(mikmik, RULE, over) == "kept"
    assert board.verdict(mikmik, RULE, over + 2 * HOUR) == "broken"


@pytest.mark.promise("MIK-5.5b")
def test_apart_without_having_been_told_is_broken(mikmik, minji, smtp_sink):
    apart(mikmik)
    assert board.verdict(mikmik, NOTICED, SEPARATE) == "kept"
    Dormancy.objects.update(told_on=None)
    assert board.verdict(mikmik, NOTICED, SEPARATE) == "broken"


@pytest.mark.promise("MIK-5.5b")
def test_a_live_record_of_somebody_apart_is_broken(mikmik, minji, smtp_sink):
    Service.objects.update(dormant_keep="P9Y")
    mikmik.refresh_from_db()
    apart(mikmik)
    assert board.verdict(mikmik, "segregated(rule=dormancy_1y)", SEPARATE) == "kept"
    record.keep(
        DataSubject.objects.get(),
        {"address": "Seoul"},
        occurred_at=SEPARATE,
        source="orders",
        policy=policy_values(cast.version(mikmik)),
        actor=None,
        now=SEPARATE,
    )
    assert board.verdict(mikmik, RULE, SEPARATE + HOUR) == "kept"
    assert board.verdict(mikmik, RULE, SEPARATE + 3 * HOUR) == "broken"
    apart_only = board.finding(mikmik, "segregated(rule=dormancy_1y)", SEPARATE)
    assert apart_only.verdict.value == "broken"
    assert apart_only.evidence[0]["live_of_people_gone"] == 1


@pytest.mark.promise("MIK-5.5c")
def test_a_record_apart_past_its_own_day_is_broken(mikmik, minji, smtp_sink):
    cast.history(minji)
    DataSubject.objects.filter(pk=minji.pk).update(last_used_at=USED)
    Service.objects.update(dormant_keep="P9Y")
    mikmik.refresh_from_db()
    apart(mikmik)
    assert ArchivedRecord.objects.filter(due_on=date(2030, 5, 2)).count() == 1
    until = datetime(2030, 5, 2, 14, 59, tzinfo=UTC)
    assert board.finding(mikmik, RULE, until).evidence[0]["overdue"] == 1  # The complaint, 2028.
    found = board.finding(mikmik, RULE, until + 3 * HOUR)
    assert (found.verdict, found.evidence[0]["overdue"]) == ("broken", 2)

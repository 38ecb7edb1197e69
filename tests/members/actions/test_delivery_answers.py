"""What the answers of a relay mean for a message, and what faults of our own do."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import OperationalError

from compliance.models import Notice
from members import journal
from members.actions import delivery_plan
from members.models import Delivery
from members.rules import retries
from tests.tools import cast
from tests.tools.notices import NOW, address, planned, send, states
from tests.tools.ports import free_port
from tests.tools.smtp_sink import Faults

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
State = Delivery.State
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def mikmik():
    return cast.service()


class TestAnswers:
    @pytest.fixture
    def sink(self, mikmik, smtp_sink):
        planned(mikmik)
        return smtp_sink

    def row(self, n=0):
        ids = Delivery.objects.order_by("subject_id").values_list("pk", flat=True)
        return Delivery.objects.get(pk=ids[n])

    def test_a_refusal_for_good_fails_at_once_and_leaves_the_neighbours_alone(self, sink):
        sink.break_with(Faults(refuse={address(0): 550}))
        report = send()
        assert (report.done, report.skipped) == (2, {"failed": 1})
        assert (self.row().state, self.row().attempts, self.row().result) == (
            "failed",
            1,
            "smtp.550.rcpt",
        )

    def test_a_temporary_refusal_is_tried_again_on_schedule(self, sink):
        sink.break_with(Faults(refuse={address(0): 450}))
        moment, waits = NOW, []
        for _ in range(7):
            send(moment)
            waits.append(round((self.row().not_before - moment) / MINUTE))
            moment = self.row().not_before
            assert send(moment - timedelta(seconds=20)).done == 0
        assert waits == [1, 5, 15, 30, 60, 60, 60]
        sink.break_with(Faults())
        assert send(moment).done == 1
        assert self.row().attempts == 8

    def test_trying_ends_after_ninety_six_hours(self):
        waited, attempt = timedelta(), 0
        while delay := retries.delay_after(attempt + 1):
            waited, attempt = waited + delay, attempt + 1
        assert timedelta(hours=96) <= waited <= timedelta(hours=120)

    def test_who_could_not_be_reached_for_ninety_six_hours_has_failed(self, sink):
        Delivery.objects.update(attempts=100)
        sink.break_with(Faults(replies={"rcpt:450": 1.0}))
        assert send().skipped == {"failed": 3}
        assert self.row().result == "gave_up"

    def test_doubt_about_a_legal_notice_is_tried_again_under_the_same_message_id(self, sink):
        sink.break_with(Faults(lost_after_data=1.0))
        send()
        sink.break_with(Faults())
        assert send(NOW + 2 * MINUTE).done == 3
        assert sorted(sink.message_ids().values()) == [2, 2, 2]

    def test_doubt_about_a_message_that_may_go_once_stays_with_a_person(self, sink):
        Delivery.objects.update(at_least_once=False)
        sink.break_with(Faults(lost_after_data=1.0))
        assert send().skipped == {"uncertain": 3}
        sink.break_with(Faults())
        assert send(NOW + HOUR).done == 0
        assert set(sink.message_ids().values()) == {1}

    def test_a_relay_that_is_down_costs_no_tries_and_is_asked_again(self, sink, settings):
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
        report = send()
        assert report.skipped["pending"] == 3
        assert {row.attempts for row in Delivery.objects.all()} == {0}
        settings.EMAIL_PORT = port
        assert send(NOW + MINUTE).done == 3

    def test_the_circuit_opens_and_hands_the_rest_of_the_window_back(self, sink, mikmik, settings):
        delivery_plan.plan(announced_again(mikmik), actor=None, now=NOW)
        settings.EMAIL_PORT = free_port()
        send()
        reasons = Counter(Delivery.objects.values_list("result", flat=True))
        assert reasons == {"smtp.0.connect": 5, "relay_down": 1}
        assert send(NOW + MINUTE).skipped == {"relay_down": 1}


def announced_again(of):
    first = Notice.objects.get()
    return Notice.objects.create(
        service=of,
        version=first.version,
        event=Notice.Event.REVISION_GENERAL,
        effective_on=first.effective_on,
        published_at=NOW,
    )


def test_an_unreachable_keyring_fails_nobody_and_the_next_run_goes_on(
    mikmik, smtp_sink, monkeypatch
):
    planned(mikmik)

    def broken(*some, **more):
        raise OperationalError("keyring is away")

    with monkeypatch.context() as patch:
        patch.setattr("members.gate.audience", broken)
        with pytest.raises(OperationalError):
            send()
    assert states() == {"sending": 3}
    assert send().done == 3


def test_a_fault_of_ours_that_hits_everybody_fails_nobody_at_once(mikmik, smtp_sink, monkeypatch):
    planned(mikmik)
    with monkeypatch.context() as patch:
        patch.setattr("members.emails.notice_form", lambda *some, **more: 1 / 0)
        assert send().skipped == {"pending": 3}
        assert set(Delivery.objects.values_list("result", flat=True)) == {"error.ZeroDivisionError"}
        Delivery.objects.update(attempts=retries.MOST_ERRORS - 1)
        assert send(NOW + 2 * MINUTE).skipped == {"failed": 3}
    Delivery.objects.update(attempts=1, state="pending", finished_at=None)
    assert send(NOW + 2 * MINUTE).done == 3


def test_a_full_disk_under_the_journal_stops_no_message_and_no_state(
    mikmik, smtp_sink, monkeypatch
):
    planned(mikmik)

    def full(*some):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal.Journal, "write", full)
    assert send().done == 3
    assert states() == {"sent": 3}

"""Leases and journals: who may send a row, and what a dead process leaves behind."""

from datetime import timedelta

import pytest

from compliance.models import LedgerEntry
from members import journal
from members.actions import delivery_claim, delivery_recovery, delivery_send
from members.models import Delivery
from tests.tools import cast
from tests.tools.notices import NOW, planned, send, states

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
State = Delivery.State
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def mikmik():
    return cast.service()


class TestLeases:
    def test_two_claims_never_hold_the_same_row(self, mikmik):
        planned(mikmik, 8)
        first = delivery_claim.claim(NOW, token="a" * 32, limit=5)
        second = delivery_claim.claim(NOW, token="b" * 32, limit=5)
        assert len(first.deliveries) == 5 and len(second.deliveries) == 3
        assert not {row.pk for row in first.deliveries} & {row.pk for row in second.deliveries}

    def test_a_lease_outlasts_every_timeout(self, settings):
        settings.EMAIL_TIMEOUT = 30
        assert delivery_claim.lease_time() >= timedelta(seconds=60 + 10 * 30)

    def test_rows_of_another_host_are_taken_only_when_their_lease_is_over(self, mikmik, smtp_sink):
        planned(mikmik)
        delivery_claim.claim(NOW, token="deadbeef001" + "0" * 21)
        assert send(NOW + MINUTE).done == 0
        assert send(NOW + delivery_claim.lease_time() + MINUTE).done == 3

    def test_rows_of_a_dead_process_of_this_host_are_settled_by_its_journal_at_once(
        self, mikmik, smtp_sink
    ):
        planned(mikmik)
        dead = journal.take_slot()
        rows = delivery_claim.claim(NOW, token=dead.new_token()).deliveries
        dead.write(rows[0].pk, rows[0].message_id)
        dead.close()
        assert send(NOW).done == 2
        assert states() == {"sent": 3}
        assert len(smtp_sink.accepted()) == 2
        assert Delivery.objects.get(pk=rows[0].pk).result == "journal"
        assert LedgerEntry.objects.filter(code="members.delivery.sent").count() == 2

    def test_rows_of_a_living_process_are_left_alone(self, mikmik, smtp_sink):
        planned(mikmik)
        living = journal.take_slot()
        delivery_claim.claim(NOW, token=living.new_token())
        assert send(NOW + MINUTE).done == 0
        living.close()
        assert send(NOW + MINUTE).done == 3

    def test_a_message_that_may_go_once_and_was_begun_by_the_dead_is_uncertain(
        self, mikmik, smtp_sink
    ):
        planned(mikmik)
        Delivery.objects.update(at_least_once=False)
        dead = journal.take_slot()
        rows = delivery_claim.claim(NOW, token=dead.new_token()).deliveries
        dead.write(rows[0].pk, rows[0].message_id, journal.BEGUN)
        dead.close()
        assert send(NOW).done == 2
        assert states() == {"sent": 2, "uncertain": 1}

    def test_an_update_after_the_lease_was_lost_changes_nothing(
        self, mikmik, smtp_sink, monkeypatch
    ):
        planned(mikmik)
        settle = delivery_send._settle

        def robbed(claimed, results, now):
            Delivery.objects.update(lease_token="e" * 32)
            return settle(claimed, results, now)

        monkeypatch.setattr(delivery_send, "_settle", robbed)
        report = delivery_send.send_window(NOW, delivery_send._sender())
        assert report.skipped == {"lease_lost": 3}
        assert states() == {"sending": 3}

    def test_a_torn_journal_line_counts_as_unknown(self, settings):
        slot = journal.take_slot()
        row = Delivery(message_id="<a@b>")
        slot.write(row.pk, row.message_id)
        with slot.file.open("ab") as torn:
            torn.write(b"1234")
        assert [line.delivery_id for line in slot.lines()] == [row.pk]
        slot.clear()
        assert slot.lines() == []
        slot.close()

    def test_a_host_keeps_its_id_and_hands_out_each_slot_once(self):
        first, second = journal.take_slot(), journal.take_slot()
        assert first.slot != second.slot and first.slot[:8] == second.slot[:8] == journal.host()
        assert (
            len(first.new_token()) == 32 and journal.slot_of_token(first.new_token()) == first.slot
        )
        first.close()
        assert journal.take_slot().slot == first.slot
        assert delivery_recovery.recover(second, NOW) == 0

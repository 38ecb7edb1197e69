"""One message per person: planned once, sent once, and every failure a visible state."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance import ledger
from compliance.keyring import keys
from compliance.models import LedgerEntry, Notice
from compliance.rules.calendar import local_day
from members.actions import (
    delivery_cancel,
    delivery_claim,
    delivery_plan,
    delivery_send,
)
from members.models import Delivery, Record, Restriction
from tests.tools import cast, notices
from tests.tools.damage import last_bit_flipped
from tests.tools.notices import NOW, address, announced, people, planned, send, states

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
State = Delivery.State
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def mikmik():
    return cast.service()


def codes():
    return Counter(
        LedgerEntry.objects.filter(code__startswith="members.").values_list("code", flat=True)
    )


class TestPlanning:
    def test_each_person_who_joined_before_gets_one_row_in_their_language(self, mikmik):
        people(mikmik, 4)
        late = people(mikmik, 1, start=4)[0]
        late.joined_at = NOW + MINUTE
        late.save()
        gone = people(mikmik, 1, start=5)[0]
        gone.status = "withdrawn"
        gone.save()
        notice = announced(mikmik)
        assert delivery_plan.plan_due(NOW).done == 4
        notice.refresh_from_db()
        assert (notice.audience_size, notice.planned_at) == (4, NOW)
        assert Counter(Delivery.objects.values_list("language", flat=True)) == {
            "ko": 2,
            "en": 1,
            "id": 1,
        }
        assert codes()["members.delivery.planned"] == 1 and codes()["members.notice.planned"] == 1

    def test_a_stop_after_any_chunk_loses_nobody_and_plans_nobody_twice(self, mikmik, monkeypatch):
        people(mikmik, 7)
        notice = announced(mikmik)
        writes, write = [], delivery_plan.write_chunk

        def stopping(*some, **more):
            written = write(*some, **more)
            writes.append(written)
            if len(writes) in (1, 2):
                raise KeyboardInterrupt
            return written

        monkeypatch.setattr(delivery_plan, "write_chunk", stopping)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                delivery_plan.plan(Notice.objects.get(pk=notice.pk), actor=None, now=NOW, limit=2)
        delivery_plan.plan(Notice.objects.get(pk=notice.pk), actor=None, now=NOW, limit=2)
        assert Delivery.objects.count() == 7 and writes == [2, 2, 2, 1]
        again = Notice.objects.get(pk=notice.pk)
        again.plan_cursor = 0
        assert delivery_plan.plan(again, actor=None, now=NOW) == 0
        assert again.audience_size == 7

    def test_a_message_id_is_opaque_and_the_same_for_ever(self, mikmik, settings):
        (person,), notice = planned(mikmik, 1)
        row = Delivery.objects.get()
        assert row.pk == delivery_plan.delivery_id("notice", notice.pk, person.public_id, "first")
        assert row.message_id == f"<{row.pk.hex}@{settings.MAIL_DOMAIN}>"
        assert person.public_id not in row.message_id

    def test_a_dry_run_counts_and_writes_nothing(self, mikmik):
        people(mikmik, 3)
        announced(mikmik)
        assert delivery_plan.plan_due(NOW, dry_run=True).done == 3
        assert not Delivery.objects.exists()

    def test_a_reminder_follows_on_its_day_and_once(self, mikmik, smtp_sink):
        _, notice = planned(mikmik)
        send()
        assert delivery_plan.plan_reminders(NOW).skipped == {"not_yet": 1}
        day = NOW
        while local_day(day, "Asia/Seoul") < notice.reminder_on:
            day += timedelta(days=1)
        assert delivery_plan.plan_reminders(day).done == 3
        assert delivery_plan.plan_reminders(day).done == 0
        assert send(day).done == 3
        assert len(smtp_sink.accepted()) == 6
        assert "reminder" in smtp_sink.to(address(1))[1].part("plain")

    def test_a_notice_is_complete_when_nobody_is_left(self, mikmik, smtp_sink):
        planned(mikmik)
        assert delivery_plan.close_notices(NOW).skipped == {"still_sending": 1}
        send()
        assert delivery_plan.close_notices(NOW).done == 1
        assert delivery_plan.close_notices(NOW).done == 0
        assert LedgerEntry.objects.get(code="members.notice.completed").data == {"sent": 3}


class TestSending:
    @pytest.mark.promise("MIK-20b")
    def test_everybody_gets_one_mail_in_their_language(self, mikmik, smtp_sink, settings):
        _, notice = planned(mikmik)
        assert send().done == 3
        assert states() == {"sent": 3}
        subjects = [smtp_sink.to(address(n))[0].message["Content-Language"] for n in range(3)]
        assert subjects == ["ko", "en", "id"]
        (mail,) = smtp_sink.to(address(1))
        row = Delivery.objects.get(language="en")
        assert mail.sender == f"bounce+{row.pk.hex}@{settings.MAIL_DOMAIN}"
        assert mail.message["Subject"].startswith("Our privacy policy changes on ")
        assert mail.message["List-Unsubscribe"] is None
        assert mail.message["List-Id"]
        for part in (mail.part("plain"), mail.part("html")):
            assert "Send stories about parcels" in part
            assert f"http://testserver/en/mikmik/notices/{notice.pk}/" in part
            assert "http://testserver/en/mikmik/account/withdraw/" in part
            assert "cs@mikmik.co.kr" in part

    def test_sending_again_sends_nothing(self, mikmik, smtp_sink):
        planned(mikmik)
        send()
        before = LedgerEntry.objects.count()
        assert send().done == 0 and send(NOW + HOUR).done == 0
        assert len(smtp_sink.accepted()) == 3 and LedgerEntry.objects.count() == before

    def test_the_ledger_tells_who_was_written_to_and_still_verifies(self, mikmik, smtp_sink):
        made, notice = planned(mikmik)
        send()
        entry = LedgerEntry.objects.get(code="members.delivery.sent")
        assert (
            entry.data["count"] == 3
            and entry.data["notice"] == notice.pk
            and entry.data["items"] == 3
        )
        assert "members.delivery.sent" in ledger.entries_for(made[0].public_id).values_list(
            "code", flat=True
        )
        assert ledger.verify().ok

    def test_a_window_costs_the_same_number_of_queries_for_five_and_for_fifty(
        self, mikmik, smtp_sink
    ):
        planned(mikmik, 60)
        send(NOW - HOUR)
        sender = delivery_send._sender()
        delivery_send.send_window(NOW, sender)
        Delivery.objects.update(state=State.PENDING, finished_at=None)
        counts = []
        for size in (5, 50):
            some = Delivery.objects.filter(state=State.PENDING).values("pk")[:size]
            Delivery.objects.filter(pk__in=list(some.values_list("pk", flat=True))).update(
                not_before=NOW - HOUR
            )
            with CaptureQueriesContext(connection) as queries:
                assert delivery_send.send_window(NOW - MINUTE, sender).done == size
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 20

    def test_nothing_is_sent_before_its_time(self, mikmik, smtp_sink):
        planned(mikmik)
        assert send(NOW - MINUTE).done == 0

    def test_a_dry_run_sends_nothing(self, mikmik, smtp_sink):
        planned(mikmik)
        assert delivery_send.send_due(NOW, dry_run=True).done == 3
        assert not smtp_sink.accepted()


class TestFacts:
    def test_who_leaves_after_planning_gets_nothing(self, mikmik, smtp_sink):
        made, _ = planned(mikmik)
        made[0].status = "leaving"
        made[0].save()
        report = send()
        assert (report.done, report.skipped) == (2, {"refused": 1})
        assert Delivery.objects.get(subject=made[0]).result == "left"
        assert not smtp_sink.to(address(0))

    def test_a_disputed_address_is_not_used(self, mikmik, smtp_sink):
        made, _ = planned(mikmik)
        Restriction.objects.create(
            subject=made[0], ground="open_dispute", items=["email"], began_at=NOW
        )
        assert send().skipped == {"refused": 1}
        assert Delivery.objects.get(subject=made[0]).result == "restricted"

    def test_facts_are_checked_anew_for_every_window(self, mikmik, smtp_sink):
        planned(mikmik, 60)
        sender = delivery_send._sender()
        delivery_send.send_window(NOW, sender)
        waiting = Delivery.objects.filter(state=State.PENDING).first()
        waiting.subject.status = "leaving"
        waiting.subject.save()
        assert delivery_send.send_window(NOW, sender).skipped == {"refused": 1}

    def test_no_address_and_a_bad_one_are_visible_results(self, mikmik, smtp_sink):
        made, _ = planned(mikmik)
        keys.destroy(list(Record.objects.filter(subject=made[0]).values_list("pk", flat=True)))
        record = Record.objects.get(subject=made[1])
        replaced = cast.policy_values(cast.version(mikmik))
        notices.record.replace(
            record, {"email": "x@y.kr\r\nBcc: z@y.kr"}, policy=replaced, actor=None, now=NOW
        )
        assert send().skipped == {"unreachable": 2}
        found = {row.subject_id: row.result for row in Delivery.objects.filter(state="unreachable")}
        assert found == {made[0].pk: "no_address", made[1].pk: "bad_address"}

    def test_a_poison_row_fails_alone(self, mikmik, smtp_sink):
        made, _ = planned(mikmik, 20)
        record = Record.objects.get(subject=made[7])
        record.sealed = last_bit_flipped(record.sealed)
        record.save()
        Delivery.objects.filter(subject=made[8]).update(event="no_such_event")
        assert send().done == 18
        reasons = set(Delivery.objects.filter(state="failed").values_list("result", flat=True))
        assert reasons == {"error.Unreadable", "error.TemplateDoesNotExist"}

    def test_a_notice_taken_down_is_not_sent(self, mikmik, smtp_sink):
        _, notice = planned(mikmik)
        notice.state = Notice.State.WITHDRAWN
        notice.save()
        assert send().skipped == {"cancelled": 3}


class TestCancelling:
    def test_unsent_messages_are_cancelled_and_a_window_in_flight_is_reported(
        self, mikmik, smtp_sink
    ):
        made, _ = planned(mikmik)
        assert delivery_cancel.cancel_unsent(made[0], now=NOW) is False
        assert Delivery.objects.get(subject=made[0]).state == State.CANCELLED
        claimed = delivery_claim.claim(NOW, token="f" * 32)
        assert delivery_cancel.cancel_unsent(made[1], now=NOW) is True
        assert {row.subject_id for row in claimed.deliveries} == {made[1].pk, made[2].pk}

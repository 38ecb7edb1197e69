"""Codes and confirmations: sealed until sent, first in line, and forgotten with their final state."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.keyring import keys
from compliance.models import LedgerEntry
from members.actions import (
    access_code,
    delivery,
    delivery_plan,
    delivery_recovery,
    delivery_send,
    withdrawal,
)
from members.models import AccessCode, Delivery, Record
from tests.tools import cast
from tests.tools.notices import announced, people
from tests.tools.smtp_sink import Faults

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
State = Delivery.State


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.fixture
def minji():
    person = cast.member(cast.service(), language="en")
    cast.history(person)
    return person


def send(now=NOW):
    return delivery_send.send_until(now, seconds=30)


def coded(person, digits="123456", now=NOW, life=timedelta(minutes=10)):
    code = AccessCode.objects.create(
        token=f"token-{AccessCode.objects.count()}",
        subject=person,
        service=person.service,
        purpose="sign_in",
        code_hash="x",
        created_at=now,
        expires_at=now + life,
    )
    return delivery.plan_code(code, digits, language="en", now=now)


class TestCodes:
    def test_a_code_waits_sealed_and_arrives_readable(self, minji, smtp_sink):
        row = coded(minji)
        assert b"123456" not in bytes(row.sealed) and b"minji" not in bytes(row.sealed)
        assert send().done == 1
        (mail,) = smtp_sink.to("minji@mail.example")
        assert "123456" in mail.part("plain") and "123456" in mail.part("html")
        assert "123456" not in mail.message["Subject"]
        assert "10 minutes" in mail.part("plain")

    def test_its_key_is_gone_with_its_final_state(self, minji, smtp_sink):
        row = coded(minji)
        send()
        row.refresh_from_db()
        assert row.state == State.SENT and row.sealed is None
        assert not keys.existing([row.pk])
        assert LedgerEntry.objects.filter(code="members.delivery.address_destroyed").count() == 1

    def test_an_expired_code_is_not_sent_and_forgotten_too(self, minji, smtp_sink):
        row = coded(minji)
        assert send(NOW + timedelta(minutes=10)).skipped == {"cancelled": 1}
        row.refresh_from_db()
        assert (row.result, row.sealed) == ("expired", None)
        assert not smtp_sink.accepted()

    def test_it_goes_before_thousands_of_notices(self, minji, smtp_sink):
        people(minji.service, 60)
        delivery_plan.plan(announced(minji.service), actor=None, now=NOW)
        coded(minji, now=NOW + timedelta(seconds=1))
        delivery_send.send_window(NOW + timedelta(seconds=2), delivery_send._sender())
        assert [mail.recipients for mail in smtp_sink.accepted()] == [("minji@mail.example",)]

    def test_planning_twice_plans_once_even_if_a_stop_left_the_key_behind(self, minji):
        row = coded(minji)
        code = AccessCode.objects.get()
        assert delivery.plan_code(code, "123456", language="en", now=NOW).pk == row.pk
        Delivery.objects.all().delete()
        assert delivery.plan_code(code, "123456", language="en", now=NOW).pk == row.pk
        assert delivery.contents_of([Delivery.objects.get()])[row.pk]["code"] == "123456"

    def test_a_person_without_address_gets_a_row_that_says_so(self, minji):
        keys.destroy(list(Record.objects.filter(subject=minji).values_list("pk", flat=True)))
        row = coded(minji)
        assert (row.state, row.result, row.sealed) == (State.UNREACHABLE, "no_address", None)

    def test_an_attempt_to_sign_in_sends_one(self, minji, smtp_sink):
        access_code.issue(minji.service, minji, purpose="sign_in", language="ko", now=NOW)
        assert send().done == 1
        assert smtp_sink.accepted()[0].message["Content-Language"] == "ko"

    def test_a_stop_between_the_state_and_the_key_is_finished_by_the_next_run(
        self, minji, smtp_sink, monkeypatch
    ):
        row = coded(minji)
        with monkeypatch.context() as patch:
            patch.setattr(delivery_recovery, "forget_sealed", lambda now: 0)
            send()
        assert keys.existing([row.pk])
        send()
        assert not keys.existing([row.pk])

    def test_a_code_that_waits_for_another_try_keeps_its_key(self, minji, smtp_sink):
        smtp_sink.break_with(Faults(replies={"rcpt:450": 1.0}))
        row = coded(minji)
        send()
        assert keys.existing([row.pk])
        smtp_sink.break_with(Faults())
        assert send(NOW + timedelta(minutes=2)).done == 1


class TestConfirmation:
    def leave(self, person):
        opened = withdrawal.request(person, channel="web", actor=None, now=NOW)
        return withdrawal.carry_out(opened, now=NOW)

    @pytest.mark.promise("MIK-8.1c", "MIK-9.1.1")
    def test_it_leaves_although_the_address_is_destroyed_and_names_every_later_end(
        self, minji, smtp_sink
    ):
        opened = self.leave(minji)
        assert send().done == 1
        (mail,) = smtp_sink.to("minji@mail.example")
        assert mail.message["Subject"] == "Your membership has ended"
        for text in (mail.part("plain"), mail.part("html")):
            assert opened.request.reference in text
            for part in withdrawal.parts_of(opened):
                if part.last_day:
                    assert str(part.last_day.year) in text
        assert "destroy at once" in mail.part("plain")
        assert opened.request.reference not in mail.message["Subject"]

    def test_no_value_but_the_address_is_sealed_into_it(self, minji):
        self.leave(minji)
        row = Delivery.objects.get(kind="confirmation")
        figures = delivery.contents_of([row])[row.pk]
        words = {"address", "reference", "left_on", "destroyed", "kept", "held"}
        assert set(figures) == words | {"unused"} and figures["unused"] is False
        assert "010-2345-6789" not in str(figures) and "Minji" not in str(figures)

    def test_asking_twice_writes_one(self, minji):
        opened = self.leave(minji)
        withdrawal.plan_confirmation(opened, parts=withdrawal.parts_of(opened), actor=None, now=NOW)
        assert Delivery.objects.filter(kind="confirmation").count() == 1

    def test_after_sending_nothing_opens_the_address_and_the_withdrawal_completes(
        self, minji, smtp_sink
    ):
        opened = self.leave(minji)
        row = Delivery.objects.get(kind="confirmation")
        send()
        assert not keys.existing([row.pk])
        assert withdrawal.carry_out(opened, now=NOW).step == "complete"

    def test_who_has_no_address_is_a_visible_result_and_still_leaves(self, minji):
        keys.destroy(list(Record.objects.filter(subject=minji).values_list("pk", flat=True)))
        opened = self.leave(minji)
        row = Delivery.objects.get(kind="confirmation")
        assert (row.state, row.result) == (State.UNREACHABLE, "no_address")
        assert opened.step == "complete"

    def test_other_messages_to_a_leaver_are_cancelled(self, minji, smtp_sink):
        delivery_plan.plan(announced(minji.service), actor=None, now=NOW)
        self.leave(minji)
        assert send().done == 1
        assert Delivery.objects.get(kind="notice").state == State.CANCELLED

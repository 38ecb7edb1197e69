"""Send what is due, window by window: claim, re-check, hand over, journal, then one update per resulting state.

A message that may be sent twice rather than not at all (legal notices, codes, confirmations) is retried after
doubt under the same Message-ID; one that may be sent at most once becomes UNCERTAIN and is left to a person.
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from compliance.mail_relay import Outcome, Relay, Reply
from compliance.sweeps import Report
from members import journal
from members.actions import delivery_letters, delivery_recovery
from members.actions.delivery_claim import WINDOW_SECONDS, Claim, claim
from members.actions.delivery_evidence import NOT_SENT, SENT, tell
from members.actions.delivery_letters import Desk, Letter, Result, error_result
from members.journal import BEGUN, Journal
from members.models import Delivery
from members.rules.retries import delay_after

log = logging.getLogger(__name__)
State = Delivery.State
RUN_SECONDS = 25.0  # One run of the sweep; the next turn goes on.
RELAY_PAUSE = timedelta(seconds=30)


@dataclass
class Sender:
    """What a sending process holds: its journal slot, its connection, and what it has read in this run."""

    slot: Journal
    relay: Relay
    desk: Desk = field(default_factory=Desk)

    def hand_over(self, letter: Letter) -> Reply:
        """Send one message and note its acceptance in the journal before anything else."""
        row = letter.delivery
        if not row.at_least_once:
            self.slot.write(row.pk, row.message_id, BEGUN)
        reply = self.relay.send(bounce_address(row), letter.to, letter.content)
        if reply.outcome is Outcome.ACCEPTED:
            self._note(row)
        self._judge_relay(reply)
        return reply

    def may_send(self) -> bool:
        """Tell whether the relay is well, or due for a probe."""
        return self.relay.breaker.allows(time.monotonic())

    def close(self) -> None:
        """Give back slot and connection."""
        self.relay.close()
        self.slot.close()

    def _note(self, row: Delivery) -> None:
        try:
            self.slot.write(row.pk, row.message_id)
        except OSError as error:  # A full disk: the message is out all the same, its state follows.
            log.error("the journal cannot be written: %s", error.strerror)

    def _judge_relay(self, reply: Reply) -> None:
        if reply.about_relay:
            self.relay.breaker.failed(time.monotonic())
        else:
            self.relay.breaker.succeeded()


_held = threading.local()


def send_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Send everything that is due, as far as one run of the sweep reaches."""
    if dry_run:
        return Report(
            done=Delivery.objects.filter(state=State.PENDING, not_before__lte=now).count()
        )
    return send_until(now, seconds=RUN_SECONDS)


def send_until(now: datetime, *, seconds: float) -> Report:
    """Send windows until nothing is due, the relay is down, or ``seconds`` of steady time are over."""
    sender, started, report = _sender(), time.monotonic(), Report()
    sender.desk = Desk()
    delivery_recovery.recover(sender.slot, now)
    delivery_recovery.forget_sealed(now)
    while (elapsed := time.monotonic() - started) < seconds:
        if not sender.may_send():
            report.skip("relay_down")
            break
        window = send_window(now + timedelta(seconds=elapsed), sender)
        if window is None:
            break
        report.add(window)
    return report


def send_window(now: datetime, sender: Sender) -> Report | None:
    """Send one window of at most 50 messages; ``None`` if nothing was due."""
    claimed = claim(now, token=sender.slot.new_token())
    if not claimed.deliveries:
        return None
    outcomes = delivery_letters.write(claimed.deliveries, sender.desk, now=now)
    results = _send_all(claimed, outcomes, sender, now)
    report = _settle(claimed, results, now)
    sender.slot.clear()
    if any(row.sealed is not None for row in claimed.deliveries):
        delivery_recovery.forget_sealed(now)
    return report


def bounce_address(row: Delivery) -> str:
    """Return the envelope sender: opaque and different for each message, so that a bounce names it."""
    return f"bounce+{row.pk.hex}@{settings.MAIL_DOMAIN}"


def _sender() -> Sender:
    """Return the sender of this thread; a forked child and changed settings get one of their own."""
    key = (os.getpid(), str(settings.JOURNAL_DIR), settings.EMAIL_HOST, settings.EMAIL_PORT)
    if getattr(_held, "key", None) != key:
        let_go()
        _held.sender, _held.key = Sender(journal.take_slot(), Relay()), key
    found: Sender = _held.sender
    return found


@atexit.register
def let_go() -> None:
    """Give back what this thread holds for sending; a forked child only forgets what is its parent's."""
    if hasattr(_held, "sender") and _held.key[0] == os.getpid():
        _held.sender.close()
    _held.__dict__.clear()


def _send_all(
    claimed: Claim, outcomes: Mapping[UUID, Letter | Result], sender: Sender, now: datetime
) -> dict[UUID, Result]:
    deadline = time.monotonic() + WINDOW_SECONDS
    results: dict[UUID, Result] = {}
    for row in claimed.deliveries:
        outcome = outcomes[row.pk]
        if isinstance(outcome, Result):
            results[row.pk] = outcome
        elif not sender.may_send():
            results[row.pk] = Result(State.PENDING, "relay_down", now + RELAY_PAUSE, counted=False)
        elif time.monotonic() > deadline:
            results[row.pk] = Result(State.PENDING, "window_over", now, counted=False)
        else:
            results[row.pk] = _send_one(outcome, sender, now)
    return results


def _send_one(letter: Letter, sender: Sender, now: datetime) -> Result:
    row = letter.delivery
    try:
        return result_of(sender.hand_over(letter), row, now)
    except Exception as error:  # Whatever is wrong with one message, the others are sent.
        if not row.at_least_once:
            return Result(State.UNCERTAIN, f"error.{type(error).__name__}")
        return error_result(row, error, now)


def result_of(reply: Reply, row: Delivery, now: datetime) -> Result:
    """Return what an answer of the relay means for a row."""
    reason = reply.reason
    if reply.outcome is Outcome.ACCEPTED:
        return Result(State.SENT, reason)
    if reply.outcome is Outcome.PERMANENT:
        return Result(State.FAILED, reason)
    if reply.about_relay:
        return Result(State.PENDING, reason, now + RELAY_PAUSE, counted=False)
    if reply.outcome is Outcome.IN_DOUBT and not row.at_least_once:
        return Result(State.UNCERTAIN, reason)
    delay = delay_after(row.attempts)
    if delay is None:
        return Result(State.FAILED, "gave_up")
    return Result(State.PENDING, reason, now + delay)


def _settle(claimed: Claim, results: Mapping[UUID, Result], now: datetime) -> Report:
    groups: dict[Result, list[Delivery]] = {}
    for row in claimed.deliveries:
        groups.setdefault(results[row.pk], []).append(row)
    report = Report()
    with transaction.atomic():
        for result, rows in groups.items():
            mine = Delivery.objects.filter(
                pk__in=[row.pk for row in rows], lease_token=claimed.token
            )
            lost = len(rows) - mine.update(**_columns(result, now))
            if lost:
                report.skip("lease_lost", lost)
        _tell(groups, now)
    for result, rows in groups.items():
        _count(report, result, len(rows))
    return report


def _columns(result: Result, now: datetime) -> dict[str, Any]:
    columns = {
        "state": result.state,
        "result": result.reason,
        "lease_token": "",
        "lease_until": None,
    }
    if result.state != State.PENDING:
        return columns | {"finished_at": now}
    attempts = {} if result.counted else {"attempts": F("attempts") - 1}
    return columns | {"not_before": result.not_before} | attempts


def _tell(groups: Mapping[Result, list[Delivery]], now: datetime) -> None:
    sent = [row for result, rows in groups.items() if result.state == State.SENT for row in rows]
    if sent:
        tell(SENT, sent, now=now)
    for result, rows in groups.items():
        if result.state not in (State.SENT, State.PENDING):
            tell(NOT_SENT, rows, now=now, state=result.state, reason=result.reason)


def _count(report: Report, result: Result, rows: int) -> None:
    if result.state == State.SENT:
        report.done += rows
    else:
        report.skip(str(result.state), rows)

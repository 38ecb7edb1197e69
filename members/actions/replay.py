"""Repeat, after a restore, what the tail knows and the restored databases do not.

Order: what was destroyed for another reason than a person's leaving goes first, so that no destroyed value is set
apart; then what people asked for, in its order; then everything once more, with what leaving destroyed. Nothing is
written to a person. Every step may be stopped and repeated. Source: reliability rule on destroyed data that comes
back; X-ALL-3 for the days, which count from the first time.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import ledger, tail
from compliance.keyring import checkpoint
from compliance.restore import by_hand, reports
from compliance.restore.findings import DEFAULT, Finding
from compliance.restore.replays import LEFT, ReplayReport, Tally
from members.actions import (
    replay_digests,
    replay_dormancy,
    replay_flags,
    replay_leaving,
    replay_mail,
    replay_papers,
    replay_people,
    replay_records,
    replay_versions,
)
from members.rules import replay as rule

ALIASES = ("default", "archive", "keyring")
BY_HAND = frozenset(by_hand.WORDS)


def replay(found: list[Finding], *, now: datetime, dry_run: bool = False) -> ReplayReport:
    """Repeat what is missing and return counts by code; ``left`` is for a person to look at.

    A dry run does everything inside transactions that are taken back, so its counts are those of the run. Raises
    ``OSError`` if the tail cannot be read.
    """
    if not found:
        return ReplayReport()
    if dry_run:
        return _report(_rolled_back(found, now))
    tally = _run({one.name for one in found}, now)
    _tell(tally, now)
    checkpoint.truncate_wal(full=True)
    return _report(tally)


def _rolled_back(found: list[Finding], now: datetime) -> Tally:
    with (
        transaction.atomic(using="default"),
        transaction.atomic(using="archive"),
        transaction.atomic(using="keyring"),
    ):
        tally = _run({one.name for one in found}, now)
        for alias in ALIASES:
            transaction.set_rollback(True, using=alias)
    return tally


def _run(names: set[str], now: datetime) -> Tally:
    tally, is_older = Tally(), DEFAULT in names
    point = reports.shared_point() if is_older else None
    facts = rule.gather(tail.lines(), point, by_hand=BY_HAND)
    intents = (one for one in rule.doomed(tail.lines(), facts) if one.kind != rule.LEAVE)
    if is_older:
        replay_versions.put_into_effect(facts.events, tally)
    replay_records.destroy_again(intents, tally, now=now)
    if is_older:
        replay_people.do_again(facts.events, tally, now=now)
        replay_mail.settle(facts.sent, tally, now=now)
    replay_dormancy.clear_stale(tally)
    replay_leaving.set_leavers_apart(tally)
    replay_digests.lift_again(facts.freed, tally)
    replay_records.destroy_again(rule.doomed(tail.lines(), facts), tally, now=now)
    if is_older:
        replay_papers.say_again(facts.events, tally, now=now)
        _name_by_hand(facts.by_hand, tally)
    replay_versions.follow(names, tally, now=now)
    replay_records.drop_empty_people(tally)
    replay_records.name_lost_apart(tally, now)
    replay_records.count_unreadable(tally)
    tally.tasks = replay_people.with_people(tally.tasks)
    return tally


def _name_by_hand(events: list[rule.Event], tally: Tally) -> None:
    for event in events:
        tally.leave(replay_flags.as_task(event))


def _tell(tally: Tally, now: datetime) -> None:
    with transaction.atomic():
        ledger.record("members.restore.replayed", actor=None, now=now, data=_numbers(tally))


def _numbers(tally: Tally) -> dict[str, Any]:
    """Return the sums that the ledger keeps."""
    return {
        "records": tally["records_destroyed_default"] + tally["records_destroyed_archive"],
        "keys": tally["keys_destroyed"],
        "people": tally["people_withdrawn"],
        "answers": tally["answers"],
        "holds": tally["holds_placed"] + tally["holds_lifted"],
        "left": sum(number for code, number in tally.items() if code.startswith(LEFT)),
    }


def _report(tally: Tally) -> ReplayReport:
    done = {code: n for code, n in tally.items() if n and not code.startswith(LEFT)}
    left = {code.removeprefix(LEFT): n for code, n in tally.items() if n and code.startswith(LEFT)}
    return ReplayReport(done, left, tuple(tally.tasks))

"""Repeat, after a restore, what the tail knows and the restored databases do not.

Order: what was destroyed for another reason than a person's leaving goes first, so that no destroyed value is set
apart; then what people asked for, in its order; then everything once more, with what leaving destroyed. Nothing is
written to a person. Every step may be stopped and repeated. Source: reliability rule on destroyed data that comes
back; X-ALL-3 for the days, which count from the first time.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from compliance import ledger, tail
from compliance.keyring import checkpoint
from compliance.ledger_verifier import GENESIS
from compliance.models import LedgerEntry
from compliance.restore.findings import DEFAULT, Finding
from compliance.restore.replays import ReplayReport
from members.actions import replay_dormancy, replay_mail, replay_people, replay_records
from members.rules import replay as rule

ALIASES = ("default", "archive", "keyring")
LEFT = "left:"
PAGE = 1_000


def replay(found: list[Finding], *, now: datetime, dry_run: bool = False) -> ReplayReport:
    """Repeat what is missing and return counts by code; ``left`` is for a person to look at.

    A dry run does everything inside transactions that are taken back, so its counts are those of the run. Raises
    ``OSError`` if the tail cannot be read.
    """
    if not found:
        return ReplayReport()
    if dry_run:
        return _report(_rolled_back(found, now))
    counts = _run({one.name for one in found}, now)
    _tell(counts, now)
    checkpoint.truncate_wal(full=True)
    return _report(counts)


def shared_point() -> tuple[int, str]:
    """Return the last entry (number, hash) of the tail that the ledger has as well; (0, zeros) without one."""
    point, heads = (0, GENESIS), _heads()
    while part := list(islice(heads, PAGE)):
        numbers = {seq for seq, _ in part}
        rows = LedgerEntry.objects.filter(seq__in=numbers).values_list("seq", "hash")
        shared = set(rows)
        point = next((head for head in reversed(part) if head in shared), point)
    return point


def _heads() -> Iterator[tuple[int, str]]:
    lines = (line for line in tail.lines() if line["line"] in ("entry", "restart"))
    return ((line["seq"], line["hash"]) for line in lines)


def _rolled_back(found: list[Finding], now: datetime) -> Counter[str]:
    with (
        transaction.atomic(using="default"),
        transaction.atomic(using="archive"),
        transaction.atomic(using="keyring"),
    ):
        counts = _run({one.name for one in found}, now)
        for alias in ALIASES:
            transaction.set_rollback(True, using=alias)
    return counts


def _run(names: set[str], now: datetime) -> Counter[str]:
    counts: Counter[str] = Counter()
    facts = rule.gather(tail.lines(), shared_point() if DEFAULT in names else None)
    intents = (one for one in rule.doomed(tail.lines(), facts) if one.kind != rule.LEAVE)
    replay_records.destroy_again(intents, counts, now=now)
    if DEFAULT in names:
        replay_people.do_again(facts.events, counts, now=now)
        replay_mail.settle(facts.sent, counts, now=now)
    replay_dormancy.clear_stale(counts)
    replay_people.set_leavers_apart(counts)
    replay_records.destroy_again(rule.doomed(tail.lines(), facts), counts, now=now)
    replay_records.drop_empty_people(counts)
    replay_records.count_lost_apart(counts)
    replay_records.count_unreadable(counts)
    return counts


def _tell(counts: Counter[str], now: datetime) -> None:
    with transaction.atomic():
        ledger.record("members.restore.replayed", actor=None, now=now, data=_numbers(counts))


def _numbers(counts: Counter[str]) -> dict[str, Any]:
    """Return the sums that the ledger keeps."""
    return {
        "records": counts["records_destroyed_default"] + counts["records_destroyed_archive"],
        "keys": counts["keys_destroyed"],
        "people": counts["people_withdrawn"],
        "answers": counts["answers"],
        "holds": counts["holds_placed"] + counts["holds_lifted"],
        "left": sum(number for code, number in counts.items() if code.startswith(LEFT)),
    }


def _report(counts: Counter[str]) -> ReplayReport:
    done = {code: n for code, n in counts.items() if n and not code.startswith(LEFT)}
    left = {code.removeprefix(LEFT): n for code, n in counts.items() if n and code.startswith(LEFT)}
    return ReplayReport(done, left)

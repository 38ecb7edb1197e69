"""The report of one restore: opened before anything is repeated, so that nothing repeated can hide what was found."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from itertools import islice

from django.db.models import Sum

from compliance import ledger, marks, tail
from compliance.ledger_verifier import GENESIS, canonical
from compliance.models import LedgerEntry, RestoreReport, RestoreTask
from compliance.restore import guard, replays
from compliance.restore.findings import Finding
from compliance.restore.replays import ReplayReport, Task
from compliance.restore.state import findings

PAGE = 1_000


def unsigned() -> RestoreReport | None:
    """Return the report that waits, or None."""
    waiting = RestoreReport.objects.exclude(state=RestoreReport.State.SIGNED_OFF)
    return waiting.order_by("pk").first()


def found() -> list[Finding]:
    """Return what was put back: what is seen now and what the waiting report says."""
    report = unsigned()
    return merged([Finding(**one) for one in report.findings] if report else [], findings())


def merged(before: Iterable[Finding], now: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each name; the older one stays, because a replay moves heads and marks.

    >>> merged([Finding("keyring", "mark-behind", 2, 4)], [Finding("keyring", "mark-behind", 3, 4)])
    [Finding(name='keyring', why='mark-behind', knows=2, expected=4)]
    """
    known = {one.name: one for one in now} | {one.name: one for one in before}
    return [known[name] for name in sorted(known)]


def replay(*, now: datetime, dry_run: bool = False) -> ReplayReport:
    """Repeat what the restored databases do not know and note it; a second call goes on with the same report.

    Nothing found gives an empty report. Raises ``NoReplay``, and ``OSError`` when the tail cannot be read.
    """
    what = found()
    if not what or dry_run:
        return replays.run(what, now=now, dry_run=dry_run) if what else ReplayReport()
    report = _open(what, now)
    result = replays.run(what, now=now)
    _close(report, result, now)
    return result


def shared_point() -> tuple[int, str]:
    """Return the last entry (number, hash) of the tail that the ledger has as well; (0, zeros) without one."""
    point, heads = (0, GENESIS), _heads()
    while part := list(islice(heads, PAGE)):
        rows = LedgerEntry.objects.filter(seq__in={seq for seq, _ in part})
        point = max([point, *(set(part) & set(rows.values_list("seq", "hash")))])
    return point


def _heads() -> Iterator[tuple[int, str]]:
    lines = (line for line in tail.lines() if line["line"] in ("entry", "restart"))
    return ((line["seq"], line["hash"]) for line in lines)


def _open(what: list[Finding], now: datetime) -> RestoreReport:
    report = unsigned() or RestoreReport(found_at=now)
    if report.pk is None:
        (report.common_seq, report.common_hash) = shared_point()
    report.state, report.findings = RestoreReport.State.FOUND, [asdict(one) for one in what]
    report.tail_seq, report.tail_hash = tail.newest()
    report.asked_by = report.asked_at = None
    report.save()
    guard.look()
    return report


def _close(report: RestoreReport, result: ReplayReport, now: datetime) -> None:
    """Note what was done, with where ledger and marks stand then: the sign-off is for exactly this state.

    The marks start anew from the head of the ledger, because those of a newer past would hide a later restore.
    """
    _keep(report, result.tasks)
    report.counts = added(report.counts, result.counts)
    report.left = added(_by_code(report), _without_lines(result))
    report.tasks_digest = _digest(report)
    report.ledger_seq, report.ledger_hash = ledger.head()
    report.state, report.replayed_at = RestoreReport.State.REPLAYED, now
    marks.start_from(report.ledger_seq)
    report.save()


def added(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    """Return the sums by code: a replay that goes on after a stop counts only what it did itself.

    >>> added({"answers": 2}, {"answers": 1, "keys": 3})
    {'answers': 3, 'keys': 3}
    """
    return {code: before.get(code, 0) + now.get(code, 0) for code in sorted({*before, *now})}


def _keep(report: RestoreReport, tasks: Sequence[Task]) -> None:
    """Add the lines that the report does not have yet; a second replay finds most of them again."""
    rows = (
        RestoreTask(
            report=report,
            code=task.code,
            service_slug=task.service,
            subject_key=task.subject_key,
            object_ref=task.ref,
            actor=task.actor,
            at=task.at,
            count=task.count,
            person=task.person,
        )
        for task in tasks
    )
    while part := list(islice(rows, PAGE)):
        RestoreTask.objects.bulk_create(part, ignore_conflicts=True)


def _by_code(report: RestoreReport) -> dict[str, int]:
    sums = report.tasks.order_by().values_list("code").annotate(n=Sum("count"))
    return dict(sums)


def _without_lines(result: ReplayReport) -> dict[str, int]:
    """Return what is left that only figures tell, such as records without a key."""
    named = {task.code for task in result.tasks}
    return {code: count for code, count in result.left.items() if code not in named}


def _digest(report: RestoreReport) -> str:
    lines = report.tasks.order_by("pk").values_list(
        "code", "service_slug", "subject_key", "object_ref", "actor", "count"
    )
    total = sha256()
    for line in lines.iterator(PAGE):
        total.update(canonical(list(line)).encode() + b"\n")
    return total.hexdigest()

"""The one import engine, for the admin and for the command line.

``preview`` validates everything and writes and seals nothing. ``advance`` validates all again, puts
the rows in by chunks that nobody sees, and makes the whole file visible in one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import bulk, effects, ledger
from compliance.keyring import checkpoint
from compliance.models import Account, Job, Service
from compliance.selectors import policy_in_force, policy_values
from members.actions import dormancy_move
from members.imports import staging, tables
from members.imports.csv_reader import FileRefused, Line
from members.imports.events import EventImport
from members.imports.outcome import DIFFS, Preview
from members.imports.people import PeopleImport
from members.imports.sorting import Sorted, parts
from members.imports.tables import Rows
from members.models import DataSubject
from members.rules.import_check import Rejected
from members.rules.import_columns import Reason

PEOPLE, EVENTS = "people", "events"
KINDS = {PEOPLE: PeopleImport, EVENTS: EventImport}
CHUNK = 1_000
WAKING = 200  # People brought back in one run, before the file becomes visible.


class NoPolicy(LookupError):
    """The service has no policy in force, so nothing may be kept for it."""


@dataclass
class Parsed:
    """A file as far as it can be judged without looking anybody up."""

    preview: Preview
    rows: list[Any]
    cells: dict[int, tuple[str, ...]]
    names: tuple[str, ...] = ()

    def refuse(self, rejected: Sequence[Rejected]) -> None:
        """Add refused rows with their cells."""
        for one in rejected:
            self.preview.refuse(one, self.cells.get(one.line, ()), self.names)


def importer(service: Service, kind_of_file: str, *, now: datetime, marker: str = "") -> Any:
    """The import of one kind of file for a service. Raises ``NoPolicy``, and ``KeyError`` for a kind."""
    version = policy_in_force(service)
    if version is None:
        raise NoPolicy(service.slug)
    return KINDS[kind_of_file](service, policy_values(version), version, now, marker)


def preview(service: Service, source: bytes | Rows, *, kind_of_file: str, now: datetime) -> Preview:
    """Say what applying a file would do; nothing is written and nothing is sealed."""
    work = importer(service, kind_of_file, now=now)
    parsed = parse(work, source)
    returning: set[int] = set()
    for chunk in parts(parsed.rows, CHUNK):
        found = work.sort(chunk)
        parsed.refuse(found.rejected)
        _count(parsed.preview, found)
        returning |= found.returning
    parsed.preview.returning = len(returning)
    parsed.preview.rejected.sort(key=lambda row: row.line)
    return parsed.preview


def parse(work: Any, source: bytes | Rows) -> Parsed:
    """Read a file or its rows and check every row by itself; problems of the file leave no row."""
    parsed = Parsed(Preview(), [], {})
    try:
        table = tables.read(source) if isinstance(source, bytes) else source
        parsed.preview.header = list(table.header)
        columns = work.columns(table.header)
        parsed.names = columns.names
        if columns.problems:
            parsed.preview.problems = list(columns.problems)
            return parsed
        _check(parsed, work.checker(columns), table.lines())
        if not parsed.preview.rows:
            raise FileRefused("no_rows")
    except FileRefused as refused:
        return Parsed(refused_whole(refused), [], {})
    parsed.rows, doubled = work.merge(parsed.rows)
    parsed.refuse(doubled)
    return parsed


def refused_whole(refused: FileRefused) -> Preview:
    """What is found of a file that cannot be read at all."""
    return Preview(problems=[Reason(refused.code, "", dict(refused.params))])


def _check(parsed: Parsed, checker: Any, lines: Any) -> None:
    line: Line
    for line in lines:
        parsed.preview.rows += 1
        found = checker.check(line.number, line.cells)
        parsed.cells[line.number] = line.cells
        if isinstance(found, Rejected):
            parsed.refuse([found])
        else:
            parsed.rows.append(found)


def _count(preview_: Preview, found: Sorted) -> None:
    preview_.new += len(found.new) + len(found.staged)
    preview_.changed += len(found.changes)
    preview_.same += found.same
    preview_.diffs += found.diffs[: DIFFS - len(preview_.diffs)]


def advance(
    job: Job,
    source: bytes | Rows,
    *,
    actor: Account | None,
    now: datetime,
    chunks: int | None = None,
) -> Preview | None:
    """Put a file in, at most ``chunks`` chunks of it; the last call makes it visible and returns counts.

    Returns None while there is more to do. Safe to repeat after a stop at any point.
    """
    staging.repair(job, now=now)
    work = importer(job.service, job.params["kind"], now=now, marker=staging.marker(job))
    parsed = parse(work, source)
    if parsed.preview.problems:
        return parsed.preview
    start(job, len(parsed.rows))
    left = chunks
    while job.cursor < len(parsed.rows) and left != 0:
        _put_in(job, work, parsed.rows[job.cursor : job.cursor + CHUNK], actor=actor, now=now)
        left = None if left is None else left - 1
    if job.cursor < len(parsed.rows) or not _wake(
        job, actor=actor, now=now, at_once=chunks is None
    ):
        return None
    return _make_visible(job, work, parsed, actor=actor, now=now)


def _wake(job: Job, *, actor: Account | None, now: datetime, at_once: bool) -> bool:
    """Bring back dormant people who have used the service, as signing in does; False while there are more.

    Nobody comes back for a file that was stopped; once somebody does, it is not stopped any more.
    """
    sleepers = list(staging.sleepers(job)[: None if at_once else WAKING])
    if sleepers and not staging.begin_return(job):
        return False
    for person in sleepers:
        dormancy_move.bring_back(person, now, actor=actor)
    return at_once or len(sleepers) < WAKING


def start(job: Job, total: int) -> None:
    """Note how many rows there are; counts begin at nothing."""
    if job.total == total and "new" in job.outcome:
        return
    job.total = total
    job.outcome = {"new": 0, "changed": 0, "same": 0, "rejected": 0, "refused": []}
    job.save(update_fields=["total", "outcome"])


def _put_in(job: Job, work: Any, rows: list[Any], *, actor: Account | None, now: datetime) -> None:
    """One chunk: keys and documents first, then rows, answers, ledger and place in one transaction."""
    found = work.sort(rows)
    pairs = work.put_in(job, found, actor=actor)
    changes = work.changes_of(found)
    staged, effect = staging.prepare(job, changes, work.policy, actor=actor, now=now)
    with transaction.atomic():
        bulk.insert_objects(staged)
        if effect:
            effects.complete(effect, now=now)
        work.finish_chunk(pairs)
        _tell_chunk(job, pairs, changes, actor=actor, now=now)
        _move_on(job, len(rows), found)


def _tell_chunk(
    job: Job,
    pairs: Sequence[tuple[Any, DataSubject]],
    changes: Sequence[Any],
    *,
    actor: Any,
    now: datetime,
) -> None:
    kinds = {subject.public_id: {"kind": subject.kind, "change": False} for _, subject in pairs}
    kinds |= {c.subject.public_id: {"kind": c.subject.kind, "change": True} for c in changes}
    if not kinds:
        return
    ledger.record_batch(
        "members.import.staged",
        list(kinds.items()),
        actor=actor,
        now=now,
        service=job.service,
        data={"job": job.pk.hex, "rows": len(kinds)},
    )


def _move_on(job: Job, rows: int, found: Sorted) -> None:
    job.cursor += rows
    job.done = job.cursor
    job.outcome["new"] += len(found.new) + len(found.staged)
    job.outcome["changed"] += len(found.changes)
    job.outcome["same"] += found.same
    job.outcome["refused"] += [[r.line, _as_json(r)] for r in found.rejected]
    job.save(update_fields=["cursor", "done", "outcome"])


def _as_json(rejected: Rejected) -> list[list[str]]:
    return [[reason.code, reason.column] for reason in rejected.reasons]


def _make_visible(
    job: Job, work: Any, parsed: Parsed, *, actor: Account | None, now: datetime
) -> Preview:
    late = [
        Rejected(line, tuple(Reason(code, column) for code, column in reasons))
        for line, reasons in job.outcome["refused"]
    ]
    parsed.refuse(late)
    outcome = parsed.preview
    outcome.new, outcome.changed, outcome.same = (
        job.outcome[name] for name in ("new", "changed", "same")
    )
    outcome.returning = staging.returning(job)
    outcome.rejected.sort(key=lambda row: row.line)
    with transaction.atomic():
        overtaken, opened = staging.take_effect(job, work.version, actor=actor, now=now)
        counts = {name: n for name, n in outcome.counts.items() if name != "problems"}
        _tell_applied(job, counts | {"overtaken": overtaken}, actor=actor, now=now)
    if opened:
        staging.destroy_replaced(opened, now=now)
        checkpoint.truncate_wal()
    return outcome


def _tell_applied(
    job: Job, counts: dict[str, int], *, actor: Account | None, now: datetime
) -> None:
    job.outcome = counts
    job.params = job.params | {"step": "applied"}
    job.save(update_fields=["outcome", "params"])
    data = {"job": job.pk.hex, **counts}
    ledger.record("members.import.applied", actor=actor, now=now, service=job.service, data=data)

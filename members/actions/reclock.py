"""A version has taken effect: the last days of all records follow it, page by page, and say how many moved.

Invariants: what the report said before is what happens; a longer holding that nobody agreed to does not apply
(X-MIK-21, MIK-5.1a); a stop anywhere loses no page and counts none twice; a second run changes nothing.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from compliance import effects, ledger
from compliance.models import PolicyVersion, Service
from compliance.rules.calendar import local_day
from compliance.rules.clock_change import Clock, Tally, lines_from_json
from compliance.selectors import policy_values
from compliance.sweeps import Report
from members.actions import reclock_digests
from members.actions.reclock_rows import SOURCES, Change, Row, Source
from members.binding import Binding
from members.models import Reclock, Withdrawal
from members.rules.reclock import LIVE, Group, reclocked

MOVE = "members.reclock.move_apart"
MOST_REMEMBERED = 20_000
MOVING = ("state", "cursor", "page", "counts")
State = Reclock.State
Settle = Callable[[Group], tuple[Clock, str]]


def preview(version: PolicyVersion, on: date) -> Tally:
    """Return what a version would do to last days if it took effect on a local day; four queries, nothing written.

    Counts people by what they have agreed to now. Raises ``ValueError`` or ``KeyError`` for a draft whose rows
    are no policy yet.
    """
    binding, tally = Binding(policy_values(version)), Tally(version.effective_on or on)
    for source in SOURCES:
        for group, records in source.groups(version, binding):
            clock, clause = _reclocked(binding, group)
            tally.count(clause, group.stored, clock, records)
    reclock_digests.count(binding.policy, tally)
    return tally


def is_pending(service: Service) -> bool:
    """Tell whether a version is in force that last days do not follow yet; nothing may be destroyed by them."""
    return pending().filter(service=service).exists()


def pending() -> QuerySet[PolicyVersion]:
    """Return the versions in force that took the place of another one and are not worked through."""
    before = PolicyVersion.objects.filter(
        service=OuterRef("service"), state=PolicyVersion.State.SUPERSEDED
    )
    done = Reclock.objects.filter(version=OuterRef("pk"), state=State.DONE)
    return PolicyVersion.objects.in_effect().filter(Exists(before), ~Exists(done))


def run_due(now: datetime, *, dry_run: bool = False) -> Report:
    """Let last days follow every version that has taken effect; one query when there is none.

    ``done`` counts records with another last day; skipped: ``leaving`` (a withdrawal by the version before is
    not through yet, so the records apart wait).
    """
    report = Report()
    for version in pending().select_related("service").order_by("pk"):
        if dry_run:
            report.done += _still_to_move(version, now)
        else:
            report.add(_follow(version, now))
    return report


def _still_to_move(version: PolicyVersion, now: datetime) -> int:
    return preview(version, local_day(now, version.service.timezone)).total.records


def _follow(version: PolicyVersion, now: datetime) -> Report:
    row, _ = Reclock.objects.get_or_create(version=version, defaults={"began_at": now})
    row.version = version
    before = _tally_of(row).total.records
    binding = Binding(policy_values(version))
    settle = _settler(binding)
    live, apart = SOURCES
    while row.state == State.LIVE and _live_page(row, live, binding, settle):
        row.refresh_from_db(fields=MOVING)
    row.refresh_from_db(fields=MOVING)
    report = Report()
    if row.state in (State.APART, State.HELD):
        if _leavers_by_older_versions(version):
            report.skip("leaving")
        else:
            _apart(row, apart, binding, settle, now)
    row.refresh_from_db(fields=MOVING)
    report.done = _tally_of(row).total.records - before
    return report


def _live_page(row: Reclock, source: Source, binding: Binding, settle: Settle) -> bool:
    """Move one page and the cursor in one transaction; return whether there may be another page."""
    version = row.version
    page, last = source.page(version, binding, row.cursor)
    changes, tally = _changes(page, settle, _tally_of(row))
    state = State.LIVE if last else State.APART
    fields = {"cursor": last, "counts": tally.as_json(), "state": state}
    with transaction.atomic():
        source.write(changes, version)
        moved = Reclock.objects.filter(pk=row.pk, state=State.LIVE, cursor=row.cursor)
        if not moved.update(**fields):
            transaction.set_rollback(True)  # Somebody else goes on with this version.
            return False
    return last is not None


def _apart(row: Reclock, source: Source, binding: Binding, settle: Settle, now: datetime) -> None:
    version = row.version
    effect = effects.begin(
        MOVE,
        f"policy_version:{version.pk}",
        {"version": version.number},
        service=version.service,
        actor=None,
        now=now,
        destroys=False,
    )
    while row.state == State.APART and _apart_page(row, source, binding, settle):
        row.refresh_from_db(fields=MOVING)
    row.refresh_from_db(fields=MOVING)
    if row.state != State.HELD:
        return  # Somebody else goes on with this version.
    reclock_digests.move(binding.policy)
    with transaction.atomic():
        if not effects.complete(effect, now=now):
            return
        _count_page(Reclock.objects.filter(pk=row.pk), row, state=State.DONE, finished_at=now)
        row.refresh_from_db(fields=MOVING)
        _tell(row, now)


def _apart_page(row: Reclock, source: Source, binding: Binding, settle: Settle) -> bool:
    """Write down what a page will count, move it in the archive, then count it; each step can be repeated."""
    version, begun = row.version, row.page
    until = UUID(begun["last"]) if begun else None
    page, last = source.page(version, binding, row.cursor, until=until)
    here = Reclock.objects.filter(pk=row.pk, state=State.APART, cursor=row.cursor)
    if last is None:
        _begin_digests(here, row, binding)
        return False
    changes, tally = _changes(page, settle, Tally(_day_of(version)))
    if not begun:
        begun = {"last": last.hex, "counts": tally.as_json()}
        if not here.update(page=begun):
            return False
        row.page = begun
    with transaction.atomic(using=source.alias):
        source.write(changes, version)
    return _count_page(here, row, cursor=UUID(begun["last"]))


def _begin_digests(here: QuerySet[Reclock], row: Reclock, binding: Binding) -> None:
    """Write down what the digests will count before the first one moves: they are the last page."""
    tally = Tally(_day_of(row.version))
    reclock_digests.count(binding.policy, tally)
    here.update(state=State.HELD, page={"counts": tally.as_json()})


def _count_page(here: QuerySet[Reclock], row: Reclock, **moved: Any) -> bool:
    """Add the counts of the page that was begun to the whole, and go on."""
    whole = _tally_of(row)
    whole.add(lines_from_json(row.page["counts"]))
    return bool(here.update(page={}, counts=whole.as_json(), **moved))


def _changes(page: Iterable[Row], settle: Settle, tally: Tally) -> tuple[list[Change], Tally]:
    changes = []
    for pk, group in page:
        clock, clause = settle(group)
        tally.count(clause, group.stored, clock)
        if clock != group.stored or (group.place != LIVE and clause != group.clause):
            changes.append(Change(pk, group.stored, clock, clause))
    return changes, tally


def _reclocked(binding: Binding, group: Group) -> tuple[Clock, str]:
    return reclocked(
        binding.policy, group, binding.since_number(group.since) if group.since else ()
    )


def _settler(binding: Binding) -> Settle:
    """Compute each distinct group once; what is remembered has a bound."""
    known: dict[Group, tuple[Clock, str]] = {}

    def settle(group: Group) -> tuple[Clock, str]:
        if group not in known:
            if len(known) >= MOST_REMEMBERED:
                known.clear()
            known[group] = _reclocked(binding, group)
        return known[group]

    return settle


def _leavers_by_older_versions(version: PolicyVersion) -> bool:
    """Tell whether somebody is leaving by a plan of an older version whose records are not apart yet."""
    steps = (Withdrawal.Step.CLOSED, Withdrawal.Step.CONFIRMED)
    return Withdrawal.objects.filter(
        version__service=version.service, version__number__lt=version.number, step__in=steps
    ).exists()


def _tally_of(row: Reclock) -> Tally:
    tally = Tally(_day_of(row.version))
    tally.add(lines_from_json(row.counts))
    return tally


def _day_of(version: PolicyVersion) -> date:
    return version.effective_on or date.min  # A constraint: what is in effect has a day.


def _tell(row: Reclock, now: datetime) -> None:
    total = _tally_of(row).total
    ledger.record(
        "members.record.reclocked",
        actor=None,
        now=now,
        service=row.version.service,
        obj=f"policy_version:{row.version_id}",
        data={
            "version": row.version.number,
            "earlier": total.earlier,
            "later": total.later,
            "gains": total.gains,
            "loses": total.loses,
            "at_once": total.at_once,
        },
    )

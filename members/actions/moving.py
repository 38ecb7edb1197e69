"""Move whole records of many people between daily use and the archive: copy, compare, and only then delete.

Ids, sealed bytes and keys stay what they are. Every function may be repeated at any time, and does nothing where
nothing is left to do. Which place counts for a reader is decided by the person's status alone, so a copy that is
not switched to yet is nobody's: its arrival stands open, and nothing in it falls due.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connections, transaction

from compliance import bulk
from members.actions import moving_rows as rows
from members.actions.moving_rows import Held, Way
from members.actions.segregation import CopyDiffers
from members.among import Among
from members.archive.models import ArchivedRecord, ArchivedSubject, Arrival
from members.models import DataSubject, Record

# Kind of person, record class, clock starts -> rule, clause and last day apart, or last day and rule in daily use.
Note = Callable[[str, str, Mapping[str, str]], tuple[str, str, date | None]]
Clock = Callable[[str, str, Mapping[str, str]], tuple[date | None, str]]
DORMANT = ArchivedSubject.Why.DORMANT


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a move needs one; ``pk`` is the key of the live stub."""

    pk: int
    public_id: str
    kind: str
    language: str


@dataclass(frozen=True, slots=True)
class Apart:
    """What is noted on records that are set apart: by which move, which rule of which version, since when."""

    arrival: int
    service: str
    note: Note
    version: int
    at: datetime


def people(public_ids: Collection[str]) -> list[Person]:
    """Return the people with these numbers who are still known."""
    found = DataSubject.objects.filter(Among("public_id", public_ids))
    columns = found.order_by("pk").values_list("pk", "public_id", "kind", "language")
    return [Person(*row) for row in columns]


def copy_apart(movers: Sequence[Person], apart: Apart) -> None:
    """Copy every live record of some people that is not in the archive yet, each with its rule and last day."""
    at = _stored(apart.at)

    def given(kind: str, record_class: str, anchors: Mapping[str, str]) -> tuple[Any, ...]:
        rule, clause, last_day = apart.note(kind, record_class, anchors)
        return rule, clause, last_day and last_day.isoformat(), apart.version, at

    with transaction.atomic(using="archive"):
        Arrival.objects.bulk_create([Arrival(pk=apart.arrival)], ignore_conflicts=True)
        known = _archive_keys(movers)
        _add_people([one for one in movers if one.public_id not in known], apart, at)
        keys = _archive_keys(movers)
        owners = [(one.pk, keys[one.public_id], one.kind) for one in movers]
        there = rows.held(ArchivedRecord, list(known.values())).ids if known else ""
        _copy(rows.APART, owners, given, there)


def take_live(movers: Sequence[Person]) -> None:
    """Delete the live records of some people; call it in the transaction that switches them.

    Raises ``CopyDiffers`` unless the archive holds every one of them to the byte: then nothing may be committed.
    """
    gone = rows.take(Record, [one.pk for one in movers])
    _compare(gone, rows.held_among(ArchivedRecord, gone.ids))


def clear_live(movers: Sequence[Person], apart: Apart) -> None:
    """Let live records that came after the switch follow."""
    while _holds_any(movers):
        copy_apart(movers, apart)
        with transaction.atomic():
            take_live(movers)


def settle(apart: Apart) -> None:
    """From here on what the move brought falls due on its own days."""
    Arrival.objects.filter(pk=apart.arrival).delete()


def copy_back(movers: Sequence[Person], clock: Clock) -> int:
    """Copy every record apart of some people back into daily use and compare; return how many there are.

    Last days start anew by ``clock``. Raises ``CopyDiffers``.
    """

    def given(kind: str, record_class: str, anchors: Mapping[str, str]) -> tuple[Any, ...]:
        last_day, rule = clock(kind, record_class, anchors)
        return last_day and last_day.isoformat(), rule

    keys = _archive_keys(movers)
    owners = [(keys[one.public_id], one.pk, one.kind) for one in movers if one.public_id in keys]
    with transaction.atomic():
        there = rows.held(Record, [pk for _, pk, _ in owners]).ids
        _copy(rows.BACK, owners, given, there)
    apart = rows.held(ArchivedRecord, list(keys.values()))
    _compare(apart, rows.held_among(Record, apart.ids))
    return apart.count


def clear_archive(movers: Sequence[Person]) -> None:
    """Delete records and rows of people in the archive who are in daily use (again)."""
    keys = list(_archive_keys(movers).values()) if movers else []
    if not keys:
        return
    with transaction.atomic(using="archive"):
        rows.take(ArchivedRecord, keys)
        emptied = ArchivedSubject.objects.filter(Among("pk", keys))
        emptied._raw_delete(emptied.db)


def _copy(
    way: Way, owners: Sequence[tuple[int, int, str]], given: Callable[..., Any], there: str
) -> None:
    groups = rows.groups(way, owners)
    clocks = [(*group, *given(group[0], group[1], json.loads(group[2]))) for group in groups]
    if clocks:
        rows.copy(way, owners, clocks, there)


def _compare(one: Held, other: Held) -> None:
    """Compare number, ids and bytes of what two databases hold."""
    if (one.count, one.digest) != (other.count, other.digest):
        raise CopyDiffers(f"{one.count} records")


def _holds_any(movers: Sequence[Person]) -> bool:
    return Record.objects.filter(Among("subject", [one.pk for one in movers])).exists()


def _archive_keys(movers: Sequence[Person]) -> dict[str, int]:
    """Return the keys that some people have in the archive by their numbers."""
    mine = Among("public_id", [one.public_id for one in movers])
    found = ArchivedSubject.objects.filter(mine, why=DORMANT)
    return dict(found.values_list("public_id", "pk"))


def _add_people(movers: Sequence[Person], apart: Apart, at: str) -> None:
    names = ("public_id", "kind", "language", "service_slug", "why", "archived_at", "arrival")
    same = (apart.service, DORMANT.value, at, apart.arrival)
    new = ((one.public_id, one.kind, one.language, *same) for one in movers)
    bulk.insert_plain(ArchivedSubject, names, new)


def _stored(at: datetime) -> str:
    """Return a moment as the archive stores it."""
    return str(connections["archive"].ops.adapt_datetimefield_value(at))

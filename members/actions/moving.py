"""Move whole records of many people between daily use and the archive: copy, compare, and only then delete.

Ids, sealed bytes and keys stay what they are. Pages of at most 5,000 records are committed one by one; every
function may be repeated at any time, and does nothing where nothing is left to do. Which place counts for a
reader is decided by the person's status alone, so a copy that is not switched to yet is nobody's.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.db import transaction

from members.actions import moving_rows as rows
from members.actions.moving_rows import Model, Row
from members.actions.segregation import CopyDiffers
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Record

PAGE = rows.PAGE
Note = Callable[
    [str, str], tuple[str, str]
]  # Kind and record class -> code of the rule and clause.
Copied = tuple[str, int]  # Id of a record and key of its person.
Clock = Callable[[str, str, Mapping[str, str]], tuple[date | None, str]]
_APART = (
    "id",
    "subject_id",
    "record_class",
    "occurred_at",
    "anchors",
    "source",
    "item_codes",
    "sealed",
    "recorded_at",
    "rule_code",
    "clause",
    "policy_version",
    "archived_at",
)
_LIVE = (*_APART[:8], "created_at", "due_on", "held_by")


@dataclass(frozen=True, slots=True)
class Person:
    """A person as a move needs one; ``pk`` is the key of the live stub."""

    pk: int
    public_id: str
    kind: str
    language: str


@dataclass(frozen=True, slots=True)
class Apart:
    """What is noted on records that are set apart: by which rule, of which version, since when."""

    service: str
    note: Note
    version: int
    at: datetime


def people(public_ids: Collection[str]) -> list[Person]:
    """Return the people with these numbers who are still known."""
    found = DataSubject.objects.filter(public_id__in=public_ids).order_by("pk")
    return [Person(*row) for row in found.values_list("pk", "public_id", "kind", "language")]


def copy_apart(movers: Sequence[Person], apart: Apart) -> list[Copied]:
    """Copy every live record of some people into the archive and compare; return those that lie there.

    Raises ``CopyDiffers``: then nothing may be deleted.
    """
    if not movers:
        return []
    known = {person.pk: person for person in movers}
    with transaction.atomic(using="archive"):
        _add_people(movers, apart)
    owners = {person.pk: key for person, key in _archived(movers)}
    note, ending = cache(apart.note), (apart.version, apart.at.isoformat(sep=" "))
    copied: list[Copied] = []
    for page in _pages(Record, list(known)):
        with transaction.atomic(using="archive"):
            fresh = rows.missing(ArchivedRecord, page)
            values = [
                _apart_values(row, owners[row.owner], note(known[row.owner].kind, row.record_class))
                + ending
                for row in fresh
            ]
            rows.write(ArchivedRecord, _APART, values)
        _compare(page, ArchivedRecord)
        copied += [(row.id, row.owner) for row in page]
    return copied


def clear_live(movers: Sequence[Person], copied: Sequence[Copied], apart: Apart) -> None:
    """Delete the live records of people who are apart: the compared ones, and after a copy what came since."""
    mine = {person.pk for person in movers}
    ids = [id for id, owner in copied if owner in mine]
    while ids or _holds_any(movers):
        for start in range(0, len(ids), PAGE):
            with transaction.atomic():
                rows.delete(Record, ids[start : start + PAGE])
        ids = [id for id, _ in copy_apart(movers, apart)] if _holds_any(movers) else []


def copy_back(movers: Sequence[Person], clock: Clock) -> int:
    """Copy every record apart of some people back into daily use and compare; return how many there are.

    Last days start anew by ``clock``. Raises ``CopyDiffers``.
    """
    owners = {key: person for person, key in _archived(movers)}
    count = 0
    for page in _pages(ArchivedRecord, list(owners)):
        with transaction.atomic():
            fresh = rows.missing(Record, page)
            values = [_live_values(row, owners[row.owner], clock) for row in fresh]
            rows.write(Record, _LIVE, values)
        _compare(page, Record)
        count += len(page)
    return count


def clear_archive(movers: Sequence[Person]) -> None:
    """Delete records and rows of people in the archive who are in daily use (again)."""
    owners = archive_keys(movers)
    while page := rows.read(ArchivedRecord, owners) if owners else []:
        with transaction.atomic(using="archive"):
            rows.delete(ArchivedRecord, [row.id for row in page])
    emptied = ArchivedSubject.objects.filter(pk__in=owners)
    emptied._raw_delete(emptied.db)


def archive_keys(movers: Sequence[Person]) -> list[int]:
    """Return the keys that some people have in the archive."""
    return [key for _, key in _archived(movers)]


def _pages(model: Model, owners: Sequence[int]) -> Iterator[list[Row]]:
    after = ""
    while page := rows.read(model, owners, after=after) if owners else []:
        yield page
        if len(page) < PAGE:
            return
        after = page[-1].id


def _compare(page: Sequence[Row], model: Model) -> None:
    """Compare number, ids and bytes of a page with what the other database holds."""
    expected = rows.digest((row.id, bytes(row.sealed)) for row in page)
    if rows.digest_of(model, [row.id for row in page]) != expected:
        raise CopyDiffers(f"{len(page)} records")


def _holds_any(movers: Sequence[Person]) -> bool:
    return Record.objects.filter(subject__in=[person.pk for person in movers]).exists()


def _archived(movers: Sequence[Person]) -> list[tuple[Person, int]]:
    found = ArchivedSubject.objects.filter(
        public_id__in=[person.public_id for person in movers], why=ArchivedSubject.Why.DORMANT
    )
    keys = dict(found.values_list("public_id", "pk"))
    return [(person, keys[person.public_id]) for person in movers if person.public_id in keys]


def _add_people(movers: Sequence[Person], apart: Apart) -> None:
    known = {person.public_id for person, _ in _archived(movers)}
    ArchivedSubject.objects.bulk_create(
        [
            ArchivedSubject(
                public_id=person.public_id,
                service_slug=apart.service,
                kind=person.kind,
                language=person.language,
                why=ArchivedSubject.Why.DORMANT,
                archived_at=apart.at,
            )
            for person in movers
            if person.public_id not in known
        ],
        ignore_conflicts=True,
    )


def _apart_values(row: Row, owner: int, noted: tuple[str, str]) -> tuple[object, ...]:
    return (row.id, owner, *row[2:], *noted)


def _live_values(row: Row, person: Person, clock: Clock) -> tuple[object, ...]:
    due_on, held_by = clock(person.kind, row.record_class, json.loads(row.anchors))
    return (
        row.id,
        person.pk,
        *row[2:8],
        row.since or row.occurred_at,
        due_on.isoformat() if due_on else None,
        held_by,
    )

"""Which records are due: read in the order of their last days, person by person, live and apart together.

A record is due from 00:00 local time of the day after its last day (X-ALL-3). What a hold binds stays (MIK-9.1.1).
"""

import heapq
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections

from compliance.models import Service
from members.archive.models import ArchivedRecord, ArchivedSubject, Arrival
from members.models import DataSubject, Record, Restriction

PAGE = 2_000  # Records in one transaction of a run: some 100 ms.
Model = type[ArchivedRecord] | type[Record]
Cursor = tuple[date, int, str]
MODELS: tuple[Model, ...] = (ArchivedRecord, Record)
# Text of this module, never input. CROSS JOIN keeps SQLite from walking all people instead of what is due.
_FROM = {
    ArchivedRecord: (
        f"FROM {ArchivedRecord._meta.db_table} r CROSS JOIN {ArchivedSubject._meta.db_table} s"
        " WHERE s.id = r.subject_id AND s.service_slug = %(service)s"
        f" AND NOT EXISTS (SELECT 1 FROM {Arrival._meta.db_table} a WHERE a.id = s.arrival)"
    ),
    Record: (
        f"FROM {Record._meta.db_table} r CROSS JOIN {DataSubject._meta.db_table} s"
        " WHERE s.id = r.subject_id AND s.service_id = %(service)s"
    ),
}
_COLUMNS = {
    ArchivedRecord: "r.due_on, CAST(r.id AS TEXT), r.rule_code, r.record_class, r.clause, s.public_id, s.id",
    Record: "r.due_on, CAST(r.id AS TEXT), r.held_by, r.record_class, '', s.public_id, s.id",
}
_RULE = {ArchivedRecord: "r.rule_code", Record: "r.held_by"}


@dataclass(frozen=True, slots=True)
class Span:
    """Records of a service whose last day is ``since`` or later (None: ever) and before ``before``."""

    service: Service
    since: date | None
    before: date


class Due(NamedTuple):
    """One record that is due; ``id`` is hexadecimal, ``owner`` the key of its person in the same database."""

    due_on: date
    id: str
    rule: str
    record_class: str
    clause: str
    person: str
    owner: int
    apart: bool


class Holds:
    """Open holds that postpone."""

    def __init__(self, service: Service) -> None:
        self._rows = Restriction.objects.filter(
            ended_at=None, blocks_destruction=True, subject__service=service
        )
        self.exist = self._rows.exists()

    def people(self) -> list[str]:
        """Return the public ids of everybody under a hold."""
        return list(self._rows.order_by().values_list("subject__public_id", flat=True).distinct())

    def bound(self, rows: Sequence[Due]) -> set[str]:
        """Return the ids of those records of which a hold binds an item (a record shares one fate)."""
        if not self.exist or not rows:
            return set()
        found: dict[str, list[list[str]]] = {}
        of_these = self._rows.filter(subject__public_id__in={row.person for row in rows})
        for person, items in of_these.values_list("subject__public_id", "items"):
            found.setdefault(person, []).append(items)
        touched = {row.id: row.person for row in rows if row.person in found}
        items_of = _items(touched) if touched else {}
        return {
            pk
            for pk, person in touched.items()
            if any(not items or set(items) & items_of.get(pk, set()) for items in found[person])
        }


def read(span: Span, *, after: Cursor | None = None, limit: int = PAGE) -> list[Due]:
    """Return up to ``limit`` due records after a cursor, by last day, person and id."""
    apart, live = (_page(model, span, after, limit) for model in MODELS)
    if not (apart and live):
        return apart or live
    return list(islice(heapq.merge(apart, live, key=place), limit))


def pages(span: Span) -> Iterator[list[Due]]:
    """Yield all due records in pages; memory stays that of one page."""
    after = None
    while page := read(span, after=after, limit=PAGE):
        yield page
        after = place(page[-1])


def place(row: Due) -> Cursor:
    """Return where a record stands in the order."""
    return row.due_on, row.owner, row.id


def of_ids(ids: Sequence[str], span: Span, models: Sequence[Model]) -> list[Due]:
    """Return those of some records that are there and due."""
    return [row for model in models for row in _of_ids(model, span, ids)]


def people(span: Span) -> int:
    """Return how many people have due records, those under a hold included."""
    return sum(
        int(_rows(model, span, "count(DISTINCT r.subject_id)", "")[0][0]) for model in MODELS
    )


def free(span: Span, holds: Holds) -> int:
    """Return how many due records no hold postpones."""
    return sum(tally(span).values()) - sum(held_lines(span, holds).values())


def tally(span: Span) -> Counter[date]:
    """Return how many records are due by last day, held ones included."""
    found: Counter[date] = Counter()
    for model in MODELS:
        for day, count in _rows(model, span, "r.due_on, count(*)", "GROUP BY r.due_on"):
            found[_day(day)] += count
    return found


def lines(span: Span) -> Counter[tuple[date, str, str, str]]:
    """Return how many records are due by (last day, class, rule, clause), held ones included."""
    found: Counter[tuple[date, str, str, str]] = Counter()
    for model in MODELS:
        clause = "r.clause" if model is ArchivedRecord else "''"
        columns = f"r.due_on, r.record_class, {_RULE[model]}, {clause}"
        group = "GROUP BY 1, 2, 3, 4"  # By place: PostgreSQL groups by no constant.
        for day, record_class, rule, its_clause, n in _rows(
            model, span, f"{columns}, count(*)", group
        ):
            found[_day(day), record_class, rule, its_clause] += n
    return found


def held_lines(span: Span, holds: Holds) -> Counter[tuple[date, str, str, str]]:
    """Return how many of ``lines`` a hold postpones; reads only records of people under a hold."""
    found: Counter[tuple[date, str, str, str]] = Counter()
    people = holds.people()
    for start in range(0, len(people), PAGE):
        for model in MODELS:
            rows = _of_people(model, span, people[start : start + PAGE])
            bound = holds.bound(rows)
            found.update(
                (row.due_on, row.record_class, row.rule, row.clause)
                for row in rows
                if row.id in bound
            )
    return found


def still_free(
    ids: Sequence[str], span: Span, holds: Holds, *, models: Sequence[Model] = MODELS
) -> int:
    """Return how many of some records are there, due, and under no hold."""
    if holds.exist:
        rows = of_ids(ids, span, models)
        return len(rows) - len(holds.bound(rows))
    return sum(_count(model, span, ids) for model in models)


def _page(model: Model, span: Span, after: Cursor | None, limit: int) -> list[Due]:
    ending = f" ORDER BY r.due_on, r.subject_id, r.id LIMIT {int(limit)}"
    if after is None:
        return _dues(model, span, ending)
    day, owner, pk = after
    # The row comparison alone is no range for SQLite's index together with the bounds; say the day as well.
    later = (
        " AND r.due_on >= %(day)s AND (r.due_on, r.subject_id, r.id) > (%(day)s, %(owner)s, %(pk)s)"
    )
    return _dues(model, span, later + ending, day=day.isoformat(), owner=owner, pk=pk)


def _of_people(model: Model, span: Span, people: Sequence[str]) -> list[Due]:
    mine, value = _among(model, "s.public_id", people)
    return _dues(model, span, mine, ids=value)


def _of_ids(model: Model, span: Span, ids: Sequence[str]) -> list[Due]:
    mine, value = _among(model, "r.id", ids)
    return _dues(model, span, mine, ids=value)


def _count(model: Model, span: Span, ids: Sequence[str]) -> int:
    """Count by the day alone: a record never changes its service."""
    mine, value = _among(model, "r.id", ids)
    since = " AND r.due_on >= %(since)s" if span.since else ""
    # Names of this module, never input.
    sql = f"SELECT count(*) FROM {model._meta.db_table} r WHERE r.due_on < %(before)s{since}{mine}"  # nosec B608
    days = {"before": span.before, **({"since": span.since} if span.since else {})}
    given = {name: day.isoformat() for name, day in days.items()}
    with connections[_alias(model)].cursor() as cursor:
        cursor.execute(sql, {**given, "ids": value})
        return int(cursor.fetchone()[0])


def _dues(model: Model, span: Span, ending: str, **parameters: Any) -> list[Due]:
    found = _rows(model, span, _COLUMNS[model], ending, **parameters)
    apart = model is ArchivedRecord
    return [
        Due(_day(day), pk.replace("-", ""), rule, its_class, clause, who, owner, apart)
        for day, pk, rule, its_class, clause, who, owner in found
    ]


def _rows(model: Model, span: Span, columns: str, ending: str, **parameters: Any) -> list[Any]:
    since = " AND r.due_on >= %(since)s" if span.since else ""
    sql = f"SELECT {columns} {_FROM[model]} AND r.due_on < %(before)s{since} {ending}"  # nosec B608
    given = {
        "service": span.service.slug if model is ArchivedRecord else span.service.pk,
        "before": span.before.isoformat(),
        **({"since": span.since.isoformat()} if span.since else {}),
        **parameters,
    }
    with connections[_alias(model)].cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def _among(model: Model, column: str, values: Collection[str]) -> tuple[str, Any]:
    """Return a condition for many values in one parameter (``ids``), and the parameter."""
    if connections[_alias(model)].vendor == "sqlite":
        return f" AND {column} IN (SELECT value FROM json_each(%(ids)s))", json.dumps(list(values))
    kind = "uuid[]" if column == "r.id" else "text[]"
    # The inner SELECT hides the length of the list, so that an index is used (see ``bulk.AMONG``).
    return f" AND {column} = ANY((SELECT %(ids)s::{kind})::{kind})", "{" + ",".join(values) + "}"


def _items(ids: Collection[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for model in MODELS:
        rows = model._default_manager.filter(pk__in=[UUID(pk) for pk in ids])
        found |= {pk.hex: set(items) for pk, items in rows.values_list("pk", "item_codes")}
    return found


def _alias(model: Model) -> str:
    return "archive" if model is ArchivedRecord else "default"


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)

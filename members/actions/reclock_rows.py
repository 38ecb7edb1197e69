"""Records as their clocks need them: a page in the order of ids, groups with their numbers, and the write of a page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connections
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When

from compliance.models import PolicyVersion, Service
from compliance.rules.calendar import start_of_day
from compliance.rules.clock_change import Clock
from members.archive.models import ArchivedRecord
from members.binding import Binding
from members.models import MEMBER_KINDS, Record
from members.rules.reclock import LIVE, Group

PAGE = 500
# Text of this module, never input.
_LIVE = ("subject__kind", "record_class", "anchors", "due_on", "held_by", "since")
_APART = (
    "subject__kind",
    "record_class",
    "anchors",
    "due_on",
    "rule_code",
    "subject__why",
    "clause",
)


class Row(NamedTuple):
    """One record and the group it belongs to."""

    id: UUID
    group: Group


class Change(NamedTuple):
    """The clock that a record gets; ``was`` is the one it had when it was read."""

    id: UUID
    was: Clock
    clock: Clock
    clause: str


@dataclass(frozen=True)
class Source:
    """The records of one database: live ones, or with ``is_apart`` those kept apart."""

    is_apart: bool

    @property
    def model(self) -> type[ArchivedRecord] | type[Record]:
        """Return the model of the records."""
        return ArchivedRecord if self.is_apart else Record

    @property
    def alias(self) -> str:
        """Return the database of the records."""
        return "archive" if self.is_apart else "default"

    def page(
        self,
        version: PolicyVersion,
        binding: Binding,
        after: UUID | None,
        *,
        until: UUID | None = None,
    ) -> tuple[list[Row], UUID | None]:
        """Return the service's records of the next page, and the last id looked at (None: no more).

        Pages run over all services by the primary key alone, so that every page costs the same. With
        ``until`` the page ends there, as it did before a stop.
        """
        rows = self._rows(version, binding).order_by("pk")
        rows = rows.filter(pk__gt=after) if after else rows
        rows = rows.filter(pk__lte=until) if until else rows
        owner = "subject__service_slug" if self.is_apart else "subject__service_id"
        found = list(rows.values_list("pk", owner, *self._columns)[:PAGE])
        mine = version.service.slug if self.is_apart else version.service_id
        page = [Row(pk, self._group(rest)) for pk, of, *rest in found if of == mine]
        return page, found[-1][0] if found else None

    def groups(self, version: PolicyVersion, binding: Binding) -> Iterator[tuple[Group, int]]:
        """Yield the groups of a service with the number of their records; one query."""
        rows = self._rows(version, binding).filter(**self._of(version.service)).order_by()
        counted = rows.values_list(*self._columns).annotate(records=Count("pk"))
        for *columns, records in counted.iterator(chunk_size=PAGE):
            yield self._group(columns), records

    def write(self, changes: Sequence[Change], version: PolicyVersion) -> int:
        """Give records their clocks in one statement; one that an event moved since it was read is left alone."""
        if not changes:
            return 0
        given = json.dumps([_plain(change) for change in changes])
        table, connection = self.model._meta.db_table, connections[self.alias]
        values = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
        named = (
            "rule_code = v.rule, clause = v.clause, policy_version = %(version)s"
            if self.is_apart
            else "held_by = v.rule"
        )
        # Table and columns are names of models, never input.
        sql = (
            f"UPDATE {table} SET due_on = v.due_on, {named} FROM {values}"  # nosec B608
            f" WHERE {table}.id = v.id AND {table}.due_on IS NOT DISTINCT FROM v.was"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, {"rows": given, "version": version.number})
            return int(cursor.rowcount)

    def _rows(self, version: PolicyVersion, binding: Binding) -> QuerySet[Any]:
        rows = self.model._default_manager.all()
        return rows if self.is_apart else rows.annotate(since=_since(version, binding))

    @property
    def _columns(self) -> tuple[str, ...]:
        return _APART if self.is_apart else _LIVE

    def _of(self, service: Service) -> dict[str, Any]:
        if self.is_apart:
            return {"subject__service_slug": service.slug}
        return {"subject__service": service}

    def _group(self, columns: Sequence[Any]) -> Group:
        kind, record_class, anchors, due_on, rule, last, *clause = columns
        return Group(
            place=last if self.is_apart else LIVE,
            kind=kind,
            is_member=kind in MEMBER_KINDS,
            record_class=record_class,
            anchors=_sorted(anchors),
            since=0 if self.is_apart else last,
            stored=Clock(due_on, rule),
            clause=clause[0] if clause else "",
        )


SOURCES = (Source(is_apart=False), Source(is_apart=True))
_POSTGRESQL = (
    "json_to_recordset(%(rows)s::json) AS v(id uuid, due_on date, was date, rule text, clause text)"
)
_SQLITE = (
    "(SELECT value ->> 'id' AS id, value ->> 'due_on' AS due_on, value ->> 'was' AS was,"
    " value ->> 'rule' AS rule, value ->> 'clause' AS clause FROM json_each(%(rows)s)) AS v"
)


def _since(version: PolicyVersion, binding: Binding) -> Case:
    """The number of the version that a live record is bound from, as ``Binding`` says it, in the database."""
    held, zone = binding.versions, version.service.timezone
    agreed = [When(subject__agreed_version=one.pk, then=Value(one.number)) for one in held]
    other = When(subject__agreed_version__isnull=False, then=Value(version.number))
    announced = [
        When(occurred_at__lt=start_of_day(after.effective_on, zone), then=Value(one.number))
        for one, after in pairwise(held)
        if after.effective_on
    ]
    last = held[-1].number if held else version.number
    return Case(*agreed, other, *announced, default=Value(last), output_field=IntegerField())


def _plain(change: Change) -> dict[str, str | None]:
    return {
        "id": change.id.hex,
        "due_on": _iso(change.clock),
        "was": _iso(change.was),
        "rule": change.clock.rule,
        "clause": change.clause,
    }


def _iso(clock: Clock) -> str | None:
    return clock.last_day.isoformat() if clock.last_day else None


def _sorted(anchors: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(anchors.items()))

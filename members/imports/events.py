"""A file of events: orders, payments, supply, last use and cases, each once by class and reference.

A later row or file with the same class and reference completes the earlier one: a supply date that
comes later starts the clock then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from compliance.models import Account, Job, PolicyVersion, Service
from compliance.rules.policy_values import Policy
from members import gate
from members.actions import record
from members.actions.record import NewValues
from members.archive.models import ArchivedRecord
from members.imports import lookup
from members.imports.sorting import Sorted, diff, obstacle
from members.imports.staging import ASKED_BY, RETURNS, Change
from members.models import PURCHASER_KINDS, DataSubject, Record
from members.rules.event_check import LAST_USE, CheckedEvent, EventCheck, class_items, map_events
from members.rules.import_check import Rejected
from members.rules.import_columns import Columns, Reason, required_items

IDENTIFIERS = ("login_id", "email")


@dataclass(frozen=True)
class Apart:
    """A record of an earlier event that is kept apart, and the stub of its person."""

    record: ArchivedRecord
    stub: DataSubject
    values: Mapping[str, Any]


@dataclass
class EventImport:
    """The events of one file, for one service under one version of its policy."""

    service: Service
    policy: Policy
    version: PolicyVersion
    now: datetime
    marker: str = ""
    _newcomers: dict[str, DataSubject] = field(default_factory=dict)
    _returned: set[int] = field(default_factory=set)
    _items: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shared = frozenset(lookup.person_classes(self.policy))

    def columns(self, header: Sequence[str]) -> Columns:
        """What the columns mean."""
        return map_events(self.policy, header)

    def checker(self, columns: Columns) -> EventCheck:
        """The check of the rows, one after the other."""
        languages = [code for code, _ in settings.LANGUAGES]
        return EventCheck(self.policy, columns, languages, self.now)

    def merge(self, rows: list[CheckedEvent]) -> tuple[list[CheckedEvent], list[Rejected]]:
        """Put rows with the same class and reference together; later rows complete earlier ones."""
        merged: dict[tuple[str, str], CheckedEvent] = {}
        rejected = []
        for row in rows:
            key = (row.record_class, row.external_ref.casefold())
            first = merged.get(key)
            if first and first.member.casefold() != row.member.casefold():
                rejected.append(Rejected(row.line, (Reason("member_differs", "member"),)))
                continue
            merged[key] = _together(first, row) if first else row
        return list(merged.values()), rejected

    def sort(self, rows: Sequence[CheckedEvent]) -> Sorted:
        """Look all rows up with a constant number of queries and say what each would do."""
        sorted_ = Sorted()
        people = self._people(rows)
        events = self._events(rows)
        records = [found[0] for found in events.records.values()]
        ids = {one.subject_id: one.subject.public_id for one in records}
        values = gate.in_custody(records, subject_ids=ids)
        apart = self._apart(events)
        sorted_.returning = self._returning(rows, people)
        for row in rows:
            if _key(row) in apart:
                self._place_apart(row, people, apart[_key(row)], sorted_)
            else:
                self._place(row, people, events, values, sorted_)
        return sorted_

    def _returning(self, rows: Sequence[CheckedEvent], people: lookup.Found) -> set[int]:
        """Dormant people who did something after their last use: they come back as by signing in (MIK-5.5b)."""
        named = ((row, people.one_dormant(row.member)) for row in rows)
        self._returned |= {one.pk for row, one in named if one and _is_use(row, one)}
        return set(self._returned)

    def _apart(self, events: lookup.Found) -> dict[str, Apart]:
        """The records of earlier events that are kept apart now, with their people's stubs."""
        records = {key: found[0] for key, found in events.records_apart.items()}
        owners = {one.subject.public_id for one in records.values()}
        stubs = {
            one.public_id: one
            for one in DataSubject.objects.filter(service=self.service, public_id__in=owners)
        }
        values = gate.archived_in_custody(list(records.values()))
        return {
            key: Apart(one, stubs[one.subject.public_id], values.get(one.pk, {}))
            for key, one in records.items()
            if one.subject.public_id in stubs
        }

    def _place_apart(
        self, row: CheckedEvent, people: lookup.Found, old: Apart, sorted_: Sorted
    ) -> None:
        """Only the clock of a record apart moves; whoever it belongs to stays apart."""
        named = people.one(row.member)
        if named is not None and named.pk != old.stub.pk:
            sorted_.refuse(row.line, "member_differs", "member")
            return
        news = [item for item, value in row.values.items() if old.values.get(item) != value]
        if news:
            sorted_.refuse(row.line, "apart_values_closed", news[0])
            return
        anchors = {**old.record.anchors, **row.anchors}
        moved = anchors != old.record.anchors
        sorted_.take(Change(old.stub, apart=[(old.record, anchors)] if moved else []))

    def _people(self, rows: Sequence[CheckedEvent]) -> lookup.Found:
        """Find people by reference first, then by login ID, then by e-mail address."""
        classes = lookup.person_classes(self.policy)
        found = lookup.by_reference(self.service, classes, {row.member for row in rows})
        for item in IDENTIFIERS:
            if item not in self.policy.items_by_code:
                continue
            asked = {row.member: row.member for row in rows if row.member not in found.people}
            more = lookup.by_value(self.service, item, asked) if asked else lookup.Found()
            found.add_people(more)
        return found

    def _events(self, rows: Sequence[CheckedEvent]) -> lookup.Found:
        wanted = {f"{row.record_class}:{self._ref(row)}": _key(row) for row in rows}
        return lookup.by_value(self.service, "external_ref", wanted, with_records=True)

    def _place(
        self,
        row: CheckedEvent,
        people: lookup.Found,
        events: lookup.Found,
        values: Mapping[UUID, Mapping[str, Any]],
        sorted_: Sorted,
    ) -> None:
        subject = people.one(row.member)
        if subject is None:
            self._place_stranger(row, people, sorted_)
            return
        code = obstacle(subject, self.marker) or self._kind_obstacle(row, subject)
        known = events.records.get(_key(row), [])
        if not code and known and known[0].subject_id != subject.pk:
            code = "member_differs"
        if code:
            sorted_.refuse(row.line, code, "member")
        elif row.record_class == LAST_USE:
            sorted_.take(_last_use(row, subject))
        elif known:
            self._compare(row, subject, known[0], values.get(known[0].pk, {}), sorted_)
        elif subject.status == DataSubject.Status.JOINING:
            sorted_.staged.append((row, subject))
        else:
            sorted_.new.append((row, subject))

    def _place_stranger(self, row: CheckedEvent, people: lookup.Found, sorted_: Sorted) -> None:
        """A purchaser without account comes in with the first order; anybody else is unknown."""
        if row.member in people.dormant:
            self._place_dormant(row, people.one_dormant(row.member), sorted_)
        elif row.member in people.apart:
            sorted_.refuse(row.line, "person_withdrawn", "member")
        elif len(people.people.get(row.member, ())) > 1:
            sorted_.refuse(row.line, "member_not_unique", "member")
        elif row.kind not in PURCHASER_KINDS or row.record_class == LAST_USE:
            sorted_.refuse(row.line, "member_unknown", "member")
        else:
            self._welcome(row, sorted_)

    def _place_dormant(
        self, row: CheckedEvent, person: DataSubject | None, sorted_: Sorted
    ) -> None:
        """Take what belongs to somebody who comes back; anything else has to wait until they do."""
        if person is None:
            sorted_.refuse(row.line, "member_not_unique", "member")
            return
        code = self._kind_obstacle(row, person)
        if person.pk not in self._returned:
            code = "person_dormant"
        if code:
            sorted_.refuse(row.line, code, "member")
        elif row.record_class == LAST_USE:
            sorted_.take(_last_use(row, person))
        else:
            sorted_.new.append((row, person))

    def _welcome(self, row: CheckedEvent, sorted_: Sorted) -> None:
        first = row.member.casefold() not in self._newcomers
        missing = [i for i in required_items(self.policy, row.kind) if i not in row.person_values]
        if first and missing:
            reasons = tuple(Reason("required_missing", item) for item in missing)
            sorted_.rejected.append(Rejected(row.line, reasons))
            return
        if first:
            self._newcomers[row.member.casefold()] = self._subject(row)
        sorted_.staged.append((row, self._newcomers[row.member.casefold()]))

    def _kind_obstacle(self, row: CheckedEvent, subject: DataSubject) -> str:
        if row.kind and row.kind != subject.kind:
            return "kind_differs"
        allowed = self._items_of(row.record_class, subject.kind)
        return "" if allowed.issuperset(row.values) else "item_not_for_kind"

    def _items_of(self, record_class: str, kind: str) -> frozenset[str]:
        key = (record_class, kind)
        if key not in self._items:
            self._items[key] = class_items(self.policy, record_class, kind)
        return self._items[key]

    def _ref(self, row: CheckedEvent) -> str:
        """The indexed reference; told apart from people's own where both lie in one class."""
        own = row.record_class not in self._shared
        return row.external_ref if own else f"event.{row.external_ref}"

    def _compare(
        self,
        row: CheckedEvent,
        subject: DataSubject,
        old: Record,
        held: Mapping[str, Any],
        sorted_: Sorted,
    ) -> None:
        news = {item: value for item, value in row.values.items() if held.get(item) != value}
        anchors = {**old.anchors, **row.anchors}
        change = Change(subject)
        if news:
            together = {**held, **news}
            new = NewValues(
                subject,
                together,
                old.occurred_at,
                old.source,
                anchors,
                old.record_class,
                self._ref(row),
            )
            change.sealed.append((new, old.pk))
        elif anchors != old.anchors:
            change.clocks.append((old, anchors))
        sorted_.diffs += [diff(row.line, i, held.get(i, ""), value) for i, value in news.items()]
        sorted_.take(change)

    def changes_of(self, sorted_: Sorted) -> list[Change]:
        """All that waits until the file is in: changes, and events of people who are here already."""
        fresh = [
            Change(
                subject,
                sealed=[(self._values_of(row, subject), None)],
                use=_use(row, subject),
            )
            for row, subject in sorted_.new
        ]
        return [*fresh, *sorted_.changes]

    def put_in(
        self, job: Job, sorted_: Sorted, *, actor: Account | None
    ) -> list[tuple[CheckedEvent, DataSubject]]:
        """Write purchasers who are new, and the events of people who are not visible yet."""
        unsaved = {id(s): s for _, s in sorted_.staged if s.pk is None}
        DataSubject.objects.bulk_create(list(unsaved.values()))
        rows = []
        for row, subject in sorted_.staged:
            if id(subject) in unsaved:
                rows.append(self._details_of(row, unsaved.pop(id(subject))))
            rows.append(self._values_of(row, subject))
        record.keep_many(rows, policy=self.policy, actor=actor, now=self.now)
        return sorted_.staged

    def finish_chunk(self, pairs: Iterable[tuple[CheckedEvent, DataSubject]]) -> None:
        """Events bring no answers."""

    def _subject(self, row: CheckedEvent) -> DataSubject:
        return DataSubject(
            service=self.service,
            kind=row.kind,
            status=DataSubject.Status.JOINING,
            language=row.language,
            source=self.marker,
            joined_at=row.occurred_at,
            last_used_at=row.occurred_at,
        )

    def _details_of(self, row: CheckedEvent, subject: DataSubject) -> NewValues:
        return NewValues(
            subject, row.person_values, row.occurred_at, ASKED_BY, external_ref=row.member
        )

    def _values_of(self, row: CheckedEvent, subject: DataSubject) -> NewValues:
        return NewValues(
            subject,
            row.values,
            row.occurred_at,
            ASKED_BY,
            row.anchors,
            row.record_class,
            self._ref(row),
        )


def _key(row: CheckedEvent) -> str:
    return f"{row.record_class}:{row.external_ref}"


def _together(first: CheckedEvent, later: CheckedEvent) -> CheckedEvent:
    return replace(
        first,
        anchors={**first.anchors, **later.anchors},
        values={**first.values, **later.values},
        person_values={**first.person_values, **later.person_values},
        occurred_at=max(first.occurred_at, later.occurred_at)
        if first.record_class == LAST_USE
        else first.occurred_at,
    )


def _last_use(row: CheckedEvent, subject: DataSubject) -> Change:
    """Last use only moves forward."""
    return Change(subject, facts=_use(row, subject) if _is_use(row, subject) else {})


def _use(row: CheckedEvent, subject: DataSubject) -> dict[str, Any]:
    """The facts of an event that is a use of the service, and of one of somebody who comes back."""
    facts: dict[str, Any] = {}
    if _is_use(row, subject):
        facts["last_used_at"] = row.occurred_at.isoformat()
    if subject.status == DataSubject.Status.DORMANT:
        facts[RETURNS] = True
    return facts


def _is_use(row: CheckedEvent, subject: DataSubject) -> bool:
    return row.occurred_at > subject.last_used_at

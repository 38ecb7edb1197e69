"""A file of people: who is new, whose details change, and how they are put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from compliance.models import Account, Job, PolicyVersion, Service
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members import gate, scope
from members.actions import record
from members.actions.record import NewValues
from members.binding import Binding
from members.imports import lookup, staging
from members.imports.sorting import Sorted, diff, obstacle
from members.imports.staging import ASKED_BY, Change
from members.models import MEMBER_KINDS, ConsentState, DataSubject, Record
from members.rules import import_check
from members.rules.import_check import CheckedPerson, Columns, PeopleCheck
from members.rules.import_columns import map_people

IN_USE = ("login_id", "email")


@dataclass
class PeopleImport:
    """The people of one file, for one service under one version of its policy."""

    service: Service
    policy: Policy
    version: PolicyVersion
    now: datetime
    marker: str = ""

    def __post_init__(self) -> None:
        self._classes = lookup.person_classes(self.policy)
        self._binding = Binding(self.policy)

    def columns(self, header: Sequence[str]) -> Columns:
        """What the columns mean."""
        return map_people(self.policy, header)

    def checker(self, columns: Columns) -> PeopleCheck:
        """The check of the rows, one after the other."""
        languages = [code for code, _ in settings.LANGUAGES]
        return PeopleCheck(self.policy, columns, languages, self.now)

    def merge(
        self, rows: list[CheckedPerson]
    ) -> tuple[list[CheckedPerson], list[import_check.Rejected]]:
        """Rows of people stand for themselves."""
        return rows, []

    def sort(self, rows: Sequence[CheckedPerson]) -> Sorted:
        """Look all rows up with a constant number of queries and say what each would do."""
        found = lookup.by_reference(self.service, self._classes, [row.external_id for row in rows])
        sorted_ = Sorted()
        known: list[tuple[CheckedPerson, DataSubject]] = []
        fresh: list[CheckedPerson] = []
        for row in rows:
            self._place(row, found, sorted_, known, fresh)
        self._admit(fresh, sorted_)
        known = self._without_clashes(known, sorted_)
        self._compare(known, sorted_)
        return sorted_

    def _place(
        self,
        row: CheckedPerson,
        found: lookup.Found,
        sorted_: Sorted,
        known: list[tuple[CheckedPerson, DataSubject]],
        fresh: list[CheckedPerson],
    ) -> None:
        if row.external_id in found.apart:
            sorted_.refuse(row.line, "person_kept_apart", "external_id")
            return
        if row.external_id not in found.people:
            fresh.append(row)
            return
        subject = found.one(row.external_id)
        code = obstacle(subject, self.marker) if subject else "member_not_unique"
        if not code and subject and subject.kind != row.kind:
            code = "kind_differs"
        if code or subject is None:
            sorted_.refuse(row.line, code, "external_id")
        elif subject.status == DataSubject.Status.JOINING:
            sorted_.staged.append((row, subject))
        else:
            known.append((row, subject))

    def _admit(self, fresh: Sequence[CheckedPerson], sorted_: Sorted) -> None:
        joiners = [row for row in fresh if row.kind in MEMBER_KINDS]
        today = local_day(self.now, self.policy.timezone)
        held = lookup.rejoin_held(self.service, [row.values for row in joiners], today=today)
        blocked = {joiners[place].line for place in held}
        for row in joiners:
            if row.line in blocked:
                sorted_.refuse(row.line, "rejoin_hold")
        free = [row for row in fresh if row.line not in blocked]
        sound = self._without_clashes([(row, None) for row in free], sorted_)
        sorted_.new = [row for row, _ in sound]

    def _without_clashes(
        self, rows: Sequence[tuple[CheckedPerson, Any]], sorted_: Sorted
    ) -> list[tuple[CheckedPerson, Any]]:
        """Refuse members whose login ID or e-mail address belongs to another member."""
        clashes: dict[int, str] = {}
        for item in IN_USE:
            asked = {
                row.values[item]: row.values[item]
                for row, _ in rows
                if row.kind in MEMBER_KINDS and item in row.values
            }
            found = lookup.by_value(self.service, item, asked) if asked else lookup.Found()
            for row, subject in rows:
                if row.kind in MEMBER_KINDS and self._is_taken(
                    row.values.get(item), subject, found
                ):
                    clashes.setdefault(row.line, item)
        for line, item in clashes.items():
            sorted_.refuse(line, "already_in_use", item)
        return [pair for pair in rows if pair[0].line not in clashes]

    @staticmethod
    def _is_taken(value: str | None, subject: DataSubject | None, found: lookup.Found) -> bool:
        if value is None:
            return False
        owners = {p for p in found.people.get(value, ()) if p.kind in MEMBER_KINDS}
        return value in found.apart or bool(owners - {subject})

    def _compare(self, known: Sequence[tuple[CheckedPerson, DataSubject]], sorted_: Sorted) -> None:
        if not known:
            return
        subjects = {subject.pk: subject.public_id for _, subject in known}
        held = Record.objects.filter(subject__in=subjects, record_class__in=self._classes)
        records = list(held.order_by("occurred_at", "created_at"))
        values = gate.in_custody(records, subject_ids=subjects)
        by_person: dict[int, list[Record]] = {}
        for one in records:
            by_person.setdefault(one.subject_id, []).append(one)
        answers = _answers(subjects)
        new = scope.new_items([subject for _, subject in known], self.policy)
        for row, subject in known:
            mine = by_person.get(subject.pk, [])
            facts = _facts(row, subject, answers) | self._agreement(row, subject)
            change = Change(subject, facts=facts)
            taken = without_new(row, new.get(subject.pk, frozenset()))
            change.sealed = self._new_values(taken, subject, mine, values, sorted_)
            sorted_.take(change)

    def _agreement(self, row: CheckedPerson, subject: DataSubject) -> dict[str, Any]:
        """The version agreed to, where it is newer than the one known (MIK-5.1a)."""
        if row.agreed_at is None:
            return {}
        agreed, known = self._version_at(row.agreed_at), subject.agreed_version_id
        is_newer = known is None or self._binding.number_of(known) < agreed.number
        return {"agreed": agreed.pk} if is_newer else {}

    def _version_at(self, moment: datetime) -> PolicyVersion:
        return self._binding.announced(local_day(moment, self.policy.timezone)) or self.version

    def _new_values(
        self,
        row: CheckedPerson,
        subject: DataSubject,
        records: Sequence[Record],
        values: Mapping[UUID, Mapping[str, Any]],
        sorted_: Sorted,
    ) -> list[tuple[NewValues, UUID | None]]:
        """One new document per record that changes, and one for items that are not held yet."""
        home = {item: one for one in records for item in values.get(one.pk, {})}
        changed: dict[Record | None, dict[str, str]] = {}
        for item, after in row.values.items():
            one = home.get(item)
            before = values[one.pk][item] if one else ""
            if before != after:
                changed.setdefault(one, {})[item] = after
                sorted_.diffs.append(diff(row.line, item, before, after))
        return [
            self._replacement(
                row, subject, one, {**values.get(one.pk, {}), **news} if one else news
            )
            for one, news in changed.items()
        ]

    def _replacement(
        self,
        row: CheckedPerson,
        subject: DataSubject,
        old: Record | None,
        values: Mapping[str, Any],
    ) -> tuple[NewValues, UUID | None]:
        if old is None:
            new = NewValues(subject, values, self.now, ASKED_BY, external_ref=row.external_id)
            return new, None
        new = NewValues(
            subject,
            values,
            old.occurred_at,
            old.source,
            old.anchors,
            old.record_class,
            row.external_id,
        )
        return new, old.pk

    def changes_of(self, sorted_: Sorted) -> list[Change]:
        """What waits until the file is in."""
        return sorted_.changes

    def put_in(
        self, job: Job, sorted_: Sorted, *, actor: Account | None
    ) -> list[tuple[Any, DataSubject]]:
        """Write new people with their records, not yet visible; return all rows with their people."""
        made = DataSubject.objects.bulk_create([self._subject(row) for row in sorted_.new])
        for subject in made:
            subject.service = self.service
        pairs = list(zip(sorted_.new, made, strict=True))
        new = scope.new_items(made, self.policy)
        rows = [
            self._values_of(without_new(row, new.get(subject.pk, frozenset())), subject)
            for row, subject in pairs
        ]
        record.keep_many(rows, policy=self.policy, actor=actor, now=self.now)
        return [*pairs, *sorted_.staged]

    def finish_chunk(self, pairs: Sequence[tuple[CheckedPerson, DataSubject]]) -> None:
        """Write the answers of new people; the caller holds the transaction."""
        answers = [(subject, answer) for row, subject in pairs for answer in row.consents]
        if answers:
            staging.write_answers(answers, self.version, fresh=True, now=self.now)

    def _subject(self, row: CheckedPerson) -> DataSubject:
        joined = row.joined_at or self.now
        has_agreed = row.kind in MEMBER_KINDS or row.agreed_at is not None
        default = self.policy.notice_languages[0] if self.policy.notice_languages else "en"
        return DataSubject(
            service=self.service,
            kind=row.kind,
            status=DataSubject.Status.JOINING,
            language=row.language or default,
            agreed_version=self._version_at(row.agreed_at or joined) if has_agreed else None,
            source=self.marker,
            joined_at=joined,
            last_used_at=row.last_used_at or joined,
        )

    def _values_of(self, row: CheckedPerson, subject: DataSubject) -> NewValues:
        return NewValues(
            subject, row.values, subject.joined_at, ASKED_BY, external_ref=row.external_id
        )


def without_new(row: CheckedPerson, items: frozenset[str]) -> CheckedPerson:
    """Leave out what is new in the policy and this person has not agreed to: it is not taken in (KRN-4.3)."""
    values = {item: value for item, value in row.values.items() if item not in items}
    return replace(row, values=values) if items else row


def _answers(subjects: Mapping[int, str]) -> dict[int, dict[tuple[str, str], str]]:
    found: dict[int, dict[tuple[str, str], str]] = {}
    states = ConsentState.objects.filter(subject__in=subjects, recipient="")
    for pk, purpose, channel, answer in states.values_list(
        "subject_id", "purpose", "channel", "answer"
    ):
        found.setdefault(pk, {})[(purpose, channel)] = answer
    return found


def _facts(
    row: CheckedPerson, subject: DataSubject, answers: Mapping[int, Mapping[tuple[str, str], str]]
) -> dict[str, Any]:
    """Language, last use (forward only) and answers that differ from what is here."""
    facts: dict[str, Any] = {}
    if row.language and row.language != subject.language:
        facts["language"] = row.language
    if row.last_used_at and row.last_used_at > subject.last_used_at:
        facts["last_used_at"] = row.last_used_at.isoformat()
    mine = answers.get(subject.pk, {})
    news = [
        [answer.purpose, answer.channel, answer.answer]
        for answer in row.consents
        if mine.get((answer.purpose, answer.channel)) != answer.answer
    ]
    return facts | ({"consents": news} if news else {})

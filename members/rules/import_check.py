"""Rows of a file of people: each is either wholly sound or refused with every reason.

Pure: the policy, the header and the moment are given; nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members.rules import import_values
from members.rules.import_columns import (
    CONSENT,
    Columns,
    Reason,
    kinds_of,
    map_people,
    people_items,
    required_items,
)
from members.rules.import_values import ValueRefused

__all__ = [
    "ANSWERS",
    "Answered",
    "CheckedPerson",
    "Columns",
    "PeopleCheck",
    "Reason",
    "Rejected",
    "map_people",
]

ANSWERS: Mapping[str, str] = {
    "agreed": "agreed",
    "yes": "agreed",
    "y": "agreed",
    "disagreed": "disagreed",
    "no": "disagreed",
    "n": "disagreed",
    "withdrawn": "withdrawn",
}
UNIQUE_ITEMS = ("login_id", "email")
MEMBERSHIP = frozenset({"member", "business"})


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not taken, by the line of the file where it begins."""

    line: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer to a question about consent."""

    purpose: str
    channel: str
    answer: str


@dataclass(frozen=True, slots=True)
class CheckedPerson:
    """A sound row. Moments are UTC; values are in their kept spelling, empty cells are left out.

    `language` is empty where the row names none; `agreed_at` is when the person last agreed to the policy.
    """

    line: int
    external_id: str
    kind: str
    language: str
    joined_at: datetime | None
    last_used_at: datetime | None
    values: Mapping[str, str]
    consents: tuple[Answered, ...] = ()
    agreed_at: datetime | None = None


@dataclass
class PeopleCheck:
    """Checks rows one after the other and remembers what has to be unique in the file."""

    policy: Policy
    columns: Columns
    languages: Sequence[str]
    now: datetime
    default_kind: str = "member"
    _seen: dict[str, set[str]] = field(default_factory=dict)
    _rules: dict[str, tuple[frozenset[str], tuple[str, ...]]] = field(default_factory=dict)

    def check(self, line: int, cells: Sequence[str]) -> CheckedPerson | Rejected:
        """The person in a row, or every reason why the row is refused."""
        if len(cells) != len(self.columns.names):
            wanted = len(self.columns.names)
            return Rejected(
                line, (Reason("cell_count", "", {"found": len(cells), "wanted": wanted}),)
            )
        row = dict(zip(self.columns.names, cells, strict=True))
        reasons: list[Reason] = []
        person = self._person(line, row, reasons)
        if not person.values and not reasons:
            reasons.append(Reason("nothing_given"))
        reasons.extend(self._repeated(person))
        return Rejected(line, tuple(reasons)) if reasons else person

    def _person(self, line: int, row: Mapping[str, str], reasons: list[Reason]) -> CheckedPerson:
        kind = self._kind(row, reasons)
        joined = self._moment(row, "joined_at", reasons)
        used = self._moment(row, "last_used_at", reasons)
        if joined and used and used < joined:
            reasons.append(Reason("used_before_joining", "last_used_at"))
        values = self._values(kind, row, reasons)
        return CheckedPerson(
            line=line,
            external_id=self._reference(row, reasons),
            kind=kind,
            language=self._language(row, reasons),
            joined_at=joined,
            last_used_at=used,
            values=values,
            consents=tuple(self._answers(row, reasons)),
            agreed_at=self._moment(row, "agreed_at", reasons),
        )

    def _kind(self, row: Mapping[str, str], reasons: list[Reason]) -> str:
        kind = row.get("kind", "").strip().lower() or self.default_kind
        if kind not in kinds_of(self.policy):
            reasons.append(Reason("kind_unknown", "kind"))
        return kind

    def _language(self, row: Mapping[str, str], reasons: list[Reason]) -> str:
        language = row.get("language", "").strip().lower()
        if language and language not in self.languages:
            reasons.append(Reason("language_unknown", "language"))
        return language

    def _reference(self, row: Mapping[str, str], reasons: list[Reason]) -> str:
        try:
            value = import_values.reference(row.get("external_id", ""))
        except ValueRefused as refused:
            reasons.append(_reason(refused, "external_id"))
            return ""
        if not value:
            reasons.append(Reason("required_missing", "external_id"))
        return value

    def _moment(self, row: Mapping[str, str], name: str, reasons: list[Reason]) -> datetime | None:
        text = row.get(name, "").strip()
        if not text:
            return None
        try:
            return import_values.moment(text, self.policy.timezone, now=self.now)
        except ValueRefused as refused:
            reasons.append(_reason(refused, name))
            return None

    def _values(self, kind: str, row: Mapping[str, str], reasons: list[Reason]) -> dict[str, str]:
        allowed, required = self._rules_for(kind)
        values: dict[str, str] = {}
        for item in self.columns.items:
            if not row[item].strip():
                continue
            if item not in allowed:
                reasons.append(Reason("item_not_for_kind", item, {"kind": kind}))
                continue
            self._take(item, row[item], values, reasons)
        missing = [item for item in required if not row.get(item, "").strip()]
        reasons.extend(Reason("required_missing", item) for item in missing)
        reasons.extend(self._too_young(values))
        return values

    def _take(self, item: str, text: str, values: dict[str, str], reasons: list[Reason]) -> None:
        category = self.policy.items_by_code[item].category
        try:
            values[item] = import_values.clean(item, text, category=category, today=self._today())
        except ValueRefused as refused:
            reasons.append(_reason(refused, item))

    def _rules_for(self, kind: str) -> tuple[frozenset[str], tuple[str, ...]]:
        if kind not in self._rules:
            allowed = frozenset(people_items(self.policy, kind))
            self._rules[kind] = (allowed, required_items(self.policy, kind))
        return self._rules[kind]

    def _too_young(self, values: Mapping[str, str]) -> Iterator[Reason]:
        """Under the service's age nobody is taken in without a representative's consent."""
        limit, born = self.policy.age_threshold, values.get("date_of_birth")
        if limit is None or born is None:
            return
        if _age(date.fromisoformat(born), self._today()) < limit:
            yield Reason("below_age", "date_of_birth", {"age": limit})

    def _today(self) -> date:
        return local_day(self.now, self.policy.timezone)

    def _answers(self, row: Mapping[str, str], reasons: list[Reason]) -> Iterator[Answered]:
        for name in self.columns.names:
            text = row[name].strip().lower()
            if not name.startswith(f"{CONSENT}:") or not text:
                continue
            _, purpose, *channel = name.split(":")
            answer = ANSWERS.get(text)
            if answer is None:
                reasons.append(Reason("answer_unknown", name))
                continue
            yield Answered(purpose, channel[0] if channel else "", answer)

    def _repeated(self, person: CheckedPerson) -> Iterable[Reason]:
        unique = {"external_id": person.external_id.casefold()}
        if person.kind in MEMBERSHIP:
            unique |= {i: person.values.get(i, "").casefold() for i in UNIQUE_ITEMS}
        for column, value in unique.items():
            seen = self._seen.setdefault(column, set())
            if value and value in seen:
                yield Reason("repeated_in_file", column)
            seen.add(value)


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _reason(refused: ValueRefused, column: str) -> Reason:
    return Reason(refused.code, column, dict(refused.params))

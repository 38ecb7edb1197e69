"""Rows of a file of events: what happened to somebody elsewhere, by record class and clock.

Every clock of a policy starts at an event: order, payment, supply, purchase confirmed, last use,
case closed. Later rows with the same class and reference complete earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from compliance.rules import retention, terms
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from members.rules import import_values
from members.rules.import_check import Rejected
from members.rules.import_columns import (
    Columns,
    Reason,
    doubled,
    kinds_of,
    people_items,
    title_of,
    unknown,
)
from members.rules.import_values import ValueRefused

FACTS = ("external_ref", "member", "class", "occurred_at", "kind", "language")
NEEDED = ("external_ref", "member", "class", "occurred_at")
LAST_USE = "last_use"
PURCHASER = "nonmember"
ALIASES: Mapping[str, str] = {"contract_withdrawn": "withdrawal"}
EXTRA_ANCHORS = frozenset({"case_opened", "order", LAST_USE})
FUTURE = timedelta(days=1)
PROFILE_MOMENTS = frozenset({"join", "profile", "identity_verification"})


@dataclass(frozen=True, slots=True)
class CheckedEvent:
    """A sound row. `person_values` are set where a purchaser without account may be created."""

    line: int
    external_ref: str
    member: str
    record_class: str
    kind: str
    language: str
    occurred_at: datetime
    anchors: Mapping[str, str]
    values: Mapping[str, str]
    person_values: Mapping[str, str] = field(default_factory=dict)


def anchor_names() -> frozenset[str]:
    """All names of events that a clock can start at."""
    named = {name for trigger in terms.TRIGGER for name in retention.anchors_for(trigger)}
    return frozenset(named) | EXTRA_ANCHORS


def record_classes(policy: Policy) -> frozenset[str]:
    """The record classes that items of a policy live in, and `last_use`."""
    homes = {
        retention.home_class(policy, item.code, entry.kind)
        for item in policy.items
        for entry in item.subjects
    }
    return frozenset(home for home in homes if home) | {LAST_USE}


def class_items(policy: Policy, record_class: str, kind: str) -> frozenset[str]:
    """The items of one record class that events of one kind of person bring; no profile items."""
    return frozenset(
        item.code
        for item in policy.items
        if item.category != "credential" and not item.unused_reason
        for entry in item.subjects
        if entry.kind == kind
        and entry.moment not in PROFILE_MOMENTS
        and retention.home_class(policy, item.code, kind) == record_class
    )


def map_events(policy: Policy, header: Sequence[str]) -> Columns:
    """What the columns of a file of events mean; unknown and missing ones are named."""
    names = tuple(_alias(title_of(cell)) for cell in header)
    problems = [_problem(policy, name) for name in dict.fromkeys(names)]
    problems.extend(doubled(names))
    problems.extend(Reason("column_missing", n) for n in NEEDED if n not in names)
    return Columns(names, tuple(problem for problem in problems if problem))


def _alias(title: str) -> str:
    name = title.removesuffix("_on").removesuffix("_at") if title not in FACTS else title
    name = ALIASES.get(name, name)
    return name if name in anchor_names() else title


def _problem(policy: Policy, name: str) -> Reason | None:
    if name in FACTS or name in anchor_names():
        return None
    item = policy.items_by_code.get(name)
    if item is None:
        return unknown(policy, name)
    if item.category == "credential":
        return Reason("password_column", name)
    return Reason("item_without_purpose", name) if item.unused_reason else None


@dataclass
class EventCheck:
    """Checks rows of events one after the other; the same class and reference may come again."""

    policy: Policy
    columns: Columns
    languages: Sequence[str]
    now: datetime

    def __post_init__(self) -> None:
        self._classes = record_classes(self.policy)
        self._kinds = kinds_of(self.policy)
        self._anchors = tuple(n for n in self.columns.names if n in anchor_names())
        self._items = tuple(
            name for name in self.columns.names if name in self.policy.items_by_code
        )
        self._by_class: dict[tuple[str, str], tuple[frozenset[str], frozenset[str]]] = {}

    def check(self, line: int, cells: Sequence[str]) -> CheckedEvent | Rejected:
        """The event in a row, or every reason why the row is refused."""
        if len(cells) != len(self.columns.names):
            wanted = len(self.columns.names)
            return Rejected(
                line, (Reason("cell_count", "", {"found": len(cells), "wanted": wanted}),)
            )
        row = dict(zip(self.columns.names, cells, strict=True))
        reasons: list[Reason] = []
        event = self._event(line, row, reasons)
        return event if event and not reasons else Rejected(line, tuple(reasons))

    def _event(
        self, line: int, row: Mapping[str, str], reasons: list[Reason]
    ) -> CheckedEvent | None:
        record_class = row["class"].strip().lower()
        kind = row.get("kind", "").strip().lower()
        language = row.get("language", "").strip().lower() or _first(self.policy.notice_languages)
        if record_class not in self._classes:
            reasons.append(Reason("class_unknown", "class"))
        if kind and kind not in self._kinds:
            reasons.append(Reason("kind_unknown", "kind"))
        if language not in self.languages:
            reasons.append(Reason("language_unknown", "language"))
        occurred = self._moment(row, "occurred_at", reasons)
        anchors = self._days(row, reasons)
        refs = {name: self._reference(row, name, reasons) for name in ("external_ref", "member")}
        if reasons or occurred is None:
            return None
        values, person = self._values(record_class, kind, row, reasons)
        return CheckedEvent(
            line=line,
            external_ref=refs["external_ref"],
            member=refs["member"],
            record_class=record_class,
            kind=kind,
            language=language,
            occurred_at=occurred,
            anchors=anchors,
            values=values,
            person_values=person,
        )

    def _values(
        self, record_class: str, kind: str, row: Mapping[str, str], reasons: list[Reason]
    ) -> tuple[dict[str, str], dict[str, str]]:
        own, of_person = self._allowed(record_class, kind)
        values: dict[str, str] = {}
        person: dict[str, str] = {}
        for item in self._items:
            text = row[item]
            if not text.strip():
                continue
            if item not in own and item not in of_person:
                reasons.append(Reason("item_not_in_class", item, {"class": record_class}))
                continue
            self._take(item, text, values if item in own else person, reasons)
        return values, person

    def _allowed(self, record_class: str, kind: str) -> tuple[frozenset[str], frozenset[str]]:
        """Items of the class for the kind (or for any), and items of a purchaser to be created."""
        key = (record_class, kind)
        if key not in self._by_class:
            kinds = (kind,) if kind else self._kinds
            own = frozenset().union(*(class_items(self.policy, record_class, k) for k in kinds))
            creates = kind in ("nonmember", "receiver")
            person = frozenset(people_items(self.policy, kind)) if creates else frozenset()
            self._by_class[key] = (own - person, person)
        return self._by_class[key]

    def _take(self, item: str, text: str, values: dict[str, str], reasons: list[Reason]) -> None:
        category = self.policy.items_by_code[item].category
        today = local_day(self.now, self.policy.timezone)
        try:
            values[item] = import_values.clean(item, text, category=category, today=today)
        except ValueRefused as refused:
            reasons.append(_reason(refused, item))

    def _reference(self, row: Mapping[str, str], name: str, reasons: list[Reason]) -> str:
        try:
            value = import_values.reference(row[name])
        except ValueRefused as refused:
            reasons.append(_reason(refused, name))
            return ""
        if not value:
            reasons.append(Reason("required_missing", name))
        return value

    def _moment(self, row: Mapping[str, str], name: str, reasons: list[Reason]) -> datetime | None:
        text = row[name].strip()
        if not text:
            reasons.append(Reason("required_missing", name))
            return None
        try:
            return import_values.moment(text, self.policy.timezone, now=self.now + FUTURE)
        except ValueRefused as refused:
            reasons.append(_reason(refused, name))
            return None

    def _days(self, row: Mapping[str, str], reasons: list[Reason]) -> dict[str, str]:
        days: dict[str, str] = {}
        for name in self._anchors:
            text = row[name].strip()
            if not text:
                continue
            try:
                days[name] = self._day(text).isoformat()
            except ValueRefused as refused:
                reasons.append(_reason(refused, name))
        return days

    def _day(self, text: str) -> date:
        """The local day of an anchor; the far future is refused, a planned day is not."""
        zone = self.policy.timezone
        found = local_day(import_values.moment(text, zone), zone)
        if found > local_day(self.now, zone) + timedelta(days=366):
            raise ValueRefused("date_in_future")
        return found


def _first(languages: Sequence[str]) -> str:
    return languages[0] if languages else "en"


def _reason(refused: ValueRefused, column: str) -> Reason:
    return Reason(refused.code, column, dict(refused.params))

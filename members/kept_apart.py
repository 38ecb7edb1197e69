"""What is kept apart about one person, item by item, with the sentence that explains it; no value is opened.

A constant number of queries, however many records there are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from compliance.models import Service
from compliance.rules import retention
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.rules.retention import Dormant, Explanation, Kept
from compliance.selectors import policy_in_force, policy_values
from members import story, words
from members.actions.record import days
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.dormant_story import dormant_of
from members.models import Restriction
from members.rules.leaving import Hold

COLUMNS = ("record_class", "rule_code", "due_on", "anchors", "item_codes")


@dataclass(frozen=True)
class Line:
    """Items of one class with one and the same story, and in how many records they lie."""

    title: str
    items: list[str]
    records: int
    story: str
    until: date | None


def of_person(person: ArchivedSubject, *, now: datetime) -> list[Line]:
    """Return what is kept apart about a person, the earliest last day first; nothing where no policy is in force."""
    return _of(person, person.records.all(), now)


def of_record(record: ArchivedRecord, *, now: datetime) -> list[Line]:
    """Return the same about one record."""
    return _of(record.subject, record.subject.records.filter(pk=record.pk), now)


def _of(person: ArchivedSubject, records: QuerySet[ArchivedRecord], now: datetime) -> list[Line]:
    service = Service.objects.get(slug=person.service_slug)
    version = policy_in_force(service)
    if version is None:
        return []
    policy = policy_values(version)
    is_dormant = person.why == ArchivedSubject.Why.DORMANT
    dormant = dormant_of(person.public_id, service, policy) if is_dormant else None
    return _lines(policy, _told(person, records, policy, dormant, local_day(now, policy.timezone)))


def _told(
    person: ArchivedSubject,
    records: QuerySet[ArchivedRecord],
    policy: Policy,
    dormant: Dormant | None,
    today: date,
) -> Iterator[tuple[int, Explanation]]:
    """Yield every item of every record with its explanation; records are numbered."""
    holds = _holds(person.public_id)
    rows = records.order_by("pk").values_list(*COLUMNS)
    for number, (record_class, rule, due_on, anchors, items) in enumerate(rows):
        kept = Kept(record_class, rule, due_on, days(anchors))
        blocks = {hold.ground for hold in holds if any(map(hold.binds, items))}
        for item in items:
            yield (
                number,
                retention.explain_apart(
                    policy, person.kind, item, kept, today, dormant=dormant, blocks=blocks
                ),
            )


def _holds(public_id: str) -> list[Hold]:
    rows = Restriction.objects.filter(
        subject__public_id=public_id, ended_at=None, blocks_destruction=True
    )
    return [Hold(ground, frozenset(items)) for ground, items in rows.values_list("ground", "items")]


def _lines(policy: Policy, told: Iterable[tuple[int, Explanation]]) -> list[Line]:
    groups: dict[tuple[str, str], list[tuple[int, Explanation]]] = {}
    for number, one in told:
        key = (one.record_class or "", story.of(one))
        groups.setdefault(key, []).append((number, one))
    lines = [_line(policy, *key, found) for key, found in groups.items()]
    return sorted(lines, key=lambda line: (line.until is None, line.until or date.max, line.title))


def _line(
    policy: Policy, record_class: str, sentence: str, found: Sequence[tuple[int, Explanation]]
) -> Line:
    return Line(
        title=words.record_class(policy, record_class),
        items=words.items(policy, [one.item for _, one in found]),
        records=len({number for number, _ in found}),
        story=sentence,
        until=found[0][1].kept_until,
    )

"""Who the rows of a file are about: exact search for many references at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from compliance.keyring import blind_index, digests
from compliance.models import Service
from compliance.rules import retention
from compliance.rules.policy_values import Policy
from members.archive.models import ArchivedRecord, ArchivedSubject, RejoinDigest
from members.models import DataSubject, Record
from members.rejoin import IDENTIFYING
from members.rules.import_columns import kinds_of, people_items


@dataclass
class Found:
    """People by what was asked for, and what belongs to people who are kept apart."""

    people: dict[str, set[DataSubject]] = field(default_factory=dict)
    records: dict[str, list[Record]] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    dormant: dict[str, set[DataSubject]] = field(default_factory=dict)  # Of ``apart``: not left.
    records_apart: dict[str, list[ArchivedRecord]] = field(default_factory=dict)

    def add_people(self, more: "Found") -> None:
        """Take over people of another search."""
        self.people.update(more.people)
        self.apart.update(more.apart)
        self.dormant.update(more.dormant)

    def one(self, key: str) -> DataSubject | None:
        """The only person found, or None for nobody and for several."""
        found = self.people.get(key, set())
        return next(iter(found)) if len(found) == 1 else None

    def one_dormant(self, key: str) -> DataSubject | None:
        """The only dormant person found, or None for nobody and for several."""
        found = self.dormant.get(key, set())
        return next(iter(found)) if len(found) == 1 else None


def person_classes(policy: Policy) -> tuple[str, ...]:
    """The record classes in which details of people lie, for every kind the policy knows."""
    homes = (
        retention.home_class(policy, item, kind)
        for kind in kinds_of(policy)
        for item in people_items(policy, kind)
    )
    return tuple(dict.fromkeys(home or "unassigned" for home in homes))


def by_reference(service: Service, classes: Sequence[str], refs: Iterable[str]) -> Found:
    """Find by references of another system, as they were given when the records came in."""
    wanted = {f"{name}:{ref}": ref for ref in refs for name in classes}
    return by_value(service, "external_ref", wanted)


def by_value(
    service: Service, name: str, wanted: Mapping[str, str], *, with_records: bool = False
) -> Found:
    """Find by an indexed field. ``wanted`` maps each value to the key it is asked for.

    ``with_records`` brings the records that hold the value, sealed as they are.
    """
    hits = blind_index.find_many(service.slug, name, wanted)
    keys: dict[UUID, set[str]] = {}
    for value, ids in hits.items():
        for record_id in ids:
            keys.setdefault(record_id, set()).add(wanted[value])
    found = Found()
    if keys:
        _add_people(found, service, keys)
        _add_apart(found, service, keys)
    if keys and with_records:
        _add_records(found, keys)
        _add_records_apart(found, service, keys)
    return found


def _add_people(found: Found, service: Service, keys: Mapping[UUID, set[str]]) -> None:
    live = Record.objects.filter(pk__in=keys, subject__service=service)
    owners = dict(live.values_list("pk", "subject_id"))
    people = DataSubject.objects.in_bulk(set(owners.values()))
    for person in people.values():
        person.service = service
    for record_id, owner in owners.items():
        for key in keys[record_id]:
            found.people.setdefault(key, set()).add(people[owner])


def _add_apart(found: Found, service: Service, keys: Mapping[UUID, set[str]]) -> None:
    missing = [pk for pk, asked in keys.items() if not asked.intersection(found.people)]
    sleepers: dict[str, set[str]] = {}
    apart = ArchivedRecord.objects.filter(pk__in=missing)
    for pk, why, public_id in apart.values_list("pk", "subject__why", "subject__public_id"):
        found.apart.update(keys[pk])
        if why == ArchivedSubject.Why.DORMANT:
            sleepers.setdefault(public_id, set()).update(keys[pk])
    people = DataSubject.objects.filter(service=service, status=DataSubject.Status.DORMANT)
    for person in people.filter(public_id__in=sleepers) if sleepers else ():
        person.service = service
        for key in sleepers[person.public_id]:
            found.dormant.setdefault(key, set()).add(person)


def _add_records(found: Found, keys: Mapping[UUID, set[str]]) -> None:
    people = {person.pk: person for group in found.people.values() for person in group}
    for record in Record.objects.filter(pk__in=keys, subject__in=people):
        record.subject = people[record.subject_id]
        for key in keys[record.pk]:
            found.records.setdefault(key, []).append(record)


def _add_records_apart(found: Found, service: Service, keys: Mapping[UUID, set[str]]) -> None:
    rows = ArchivedRecord.objects.filter(pk__in=keys, subject__service_slug=service.slug)
    for record in rows.select_related("subject"):
        for key in keys[record.pk]:
            found.records_apart.setdefault(key, []).append(record)


def rejoin_held(service: Service, rows: Sequence[Mapping[str, str]], *, today: date) -> set[int]:
    """Places of the rows that name somebody who left and may not join again yet (MIK-5.4a)."""
    if not RejoinDigest.objects.filter(service_slug=service.slug, due_on__gte=today).exists():
        return set()
    asked: dict[tuple[str, bytes], set[int]] = {}
    for place, values in enumerate(rows):
        for item in IDENTIFYING:
            if values.get(item):
                digest = digests.rejoin(service.slug, item, values[item])
                asked.setdefault((item, digest), set()).add(place)
    held = RejoinDigest.objects.filter(
        service_slug=service.slug, digest__in=[digest for _, digest in asked], due_on__gte=today
    )
    pairs = held.values_list("field", "digest")
    return {place for name, digest in pairs for place in asked.get((name, bytes(digest)), ())}

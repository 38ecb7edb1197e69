"""Destroy again, after a restore, what the tail says was destroyed: keys, index rows, rows in both places.

Every step may be stopped and repeated: what is gone already counts nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.db.models import Q

from compliance import bulk
from compliance.keyring import digests, keys
from compliance.keyring.models import BlindIndex
from compliance.restore.replays import Tally, Task
from members.actions import restriction
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Record, Restriction, Withdrawal
from members.rules.leaving import MOVED
from members.rules.replay import CORRECT, DUE, Doomed

BATCH = 1_000


def destroy_again(intents: Iterable[Doomed], tally: Tally, *, now: datetime) -> None:
    """Destroy every record that the intents name, at most 1,000 at a time; ``tally`` takes what went and what stays.

    A record of an uncertain intent stays while a hold of its person postpones destruction. Of people who are here
    a corrected record is counted as ``value_lost``: the right value was newer than the backup.
    """
    for ids, corrected, certain in _batches(intents):
        if not certain:
            bound = _bound(ids)
            _name(Counter(bound.values()), "held", tally, now)
            ids = [id for id in ids if id not in bound]
        if corrected:
            _name(_hold_lost_values(ids, now), "value_lost", tally, now)
        _destroy(ids, tally)


def _name(owners: Mapping[str, int], code: str, tally: Tally, now: datetime) -> None:
    """Leave one line for each person (by public id), with how many records."""
    keys_of = digests.subject_digests(list(owners))
    for owner, records in owners.items():
        tally.leave(Task(code, now, subject_key=keys_of[owner], count=records))


def count_unreadable(tally: Tally) -> None:
    """Count the records in both places that have no key in the keyring as it is now."""
    for code, model in (("default", Record), ("archive", ArchivedRecord)):
        ids = model._default_manager.order_by().values_list("pk", flat=True).iterator(BATCH)
        while part := list(islice(ids, BATCH)):
            tally[f"left:unreadable_{code}"] += len(part) - len(keys.existing(part))


def drop_empty_people(tally: Tally) -> None:
    """Drop leavers whose last kept record went: the stub on the living floor first, then the row apart."""
    empty = ArchivedSubject.objects.filter(why=ArchivedSubject.Why.WITHDRAWN, records=None)
    for part in _parts(empty.order_by("pk").values_list("pk", "public_id").iterator(BATCH)):
        stubs = DataSubject.objects.filter(
            public_id__in=[public_id for _, public_id in part],
            status=DataSubject.Status.WITHDRAWN,
            records=None,
        )
        tally["people_gone"] += stubs.count()
        stubs.delete()
        ArchivedSubject.objects.filter(pk__in=[pk for pk, _ in part]).delete()


def name_lost_apart(tally: Tally, now: datetime) -> None:
    """Name people of whom records should lie apart while the archive, older than them, knows nothing."""
    away = Q(status__in=(DataSubject.Status.WITHDRAWN, DataSubject.Status.DORMANT))
    moved = Q(withdrawal__step=Withdrawal.Step.DESTROYED)
    stubs = DataSubject.objects.filter(away | moved).order_by("pk")
    for part in _parts(stubs.values_list("pk", "public_id").iterator(BATCH)):
        here = ArchivedSubject.objects.filter(public_id__in=[public_id for _, public_id in part])
        known = set(here.values_list("public_id", flat=True))
        missing = {public_id: pk for pk, public_id in part if public_id not in known}
        keep_nothing = _nothing_to_keep(list(missing.values()))
        lost = {one: 1 for one, pk in missing.items() if pk not in keep_nothing}
        _name(lost, "people_lost_apart", tally, now)


def _nothing_to_keep(people: Sequence[int]) -> set[int]:
    exits = Withdrawal.objects.filter(subject__in=people)
    plans = exits.values_list("subject_id", "plan")
    return {pk for pk, plan in plans if all(part["outcome"] not in MOVED for part in plan)}


def _batches(intents: Iterable[Doomed]) -> Iterator[tuple[list[UUID], bool, bool]]:
    """Yield up to 1,000 ids of one sort: whether corrections, whether certain."""
    waiting: dict[tuple[bool, bool], list[UUID]] = {}
    for intent in intents:
        sort = (intent.kind in CORRECT, intent.certain or intent.kind != DUE)
        ids = waiting.setdefault(sort, [])
        ids += [UUID(text) for text in intent.records]
        while len(ids) >= BATCH:
            yield ids[:BATCH], *sort
            del ids[:BATCH]
    for sort, ids in waiting.items():
        if ids:
            yield ids, *sort


def _destroy(ids: Sequence[UUID], tally: Tally) -> None:
    found = list(dict.fromkeys(ids))
    tally["index_rows_destroyed"] += BlindIndex.objects.filter(key__in=found).count()
    tally["keys_destroyed"] += keys.destroy(found)
    tally["records_destroyed_archive"] += bulk.delete(ArchivedRecord, "id", found)
    tally["records_destroyed_default"] += bulk.delete(Record, "id", found)


def _bound(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the records of people with an open hold that postpones destruction, with whose they are."""
    live = dict(Record.objects.filter(pk__in=ids).values_list("pk", "subject__public_id"))
    apart = ArchivedRecord.objects.filter(pk__in=ids).values_list("pk", "subject__public_id")
    owners = live | dict(apart)
    holds = Restriction.objects.filter(
        subject__public_id__in=set(owners.values()), ended_at=None, blocks_destruction=True
    )
    people = set(holds.values_list("subject__public_id", flat=True))
    return {id: owner for id, owner in owners.items() if owner in people}


def _hold_lost_values(ids: Sequence[UUID], now: datetime) -> Counter[str]:
    """Put the items of corrected records on hold: their old value goes, the right one is lost. Whose, how many."""
    rows = Record.objects.filter(pk__in=ids).select_related("subject")
    here = rows.filter(subject__status__in=("active", "restricted")).defer("sealed")
    for row in (found := list(here)):
        dispute = Restriction.Ground.DISPUTE
        held = Restriction.objects.filter(
            subject=row.subject, ended_at=None, ground=dispute, items=row.item_codes
        )
        if not held.exists():
            restriction.place(
                row.subject,
                ground=dispute,
                items=row.item_codes,
                blocks_destruction=False,
                actor=None,
                now=now,
            )
    return Counter(row.subject.public_id for row in found)


def _parts(rows: Iterator[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    while part := list(islice(rows, BATCH)):
        yield part

"""Nobody is in two places after a restore: moves into and out of the archive are done again or their trace removed."""

from collections import Counter
from datetime import datetime
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet

from compliance import bulk
from members.actions import dormancy_move, password
from members.archive.models import ArchivedRecord, ArchivedSubject
from members.models import DataSubject, Dormancy, Record

BATCH = 1_000
Status = DataSubject.Status


def set_apart_again(subject: DataSubject, at: datetime, counts: Counter[str]) -> None:
    """ACTIVE -> DORMANT where the archive has every live record; else the sweep moves the person in its own time."""
    apart = set(_apart(subject).values_list("pk", flat=True))
    live = set(subject.records.values_list("pk", flat=True))
    if subject.status != Status.ACTIVE or not apart or not live <= apart:
        return
    with transaction.atomic():
        bulk.delete(Record, "id", sorted(live))
        DataSubject.objects.filter(pk=subject.pk).update(status=Status.DORMANT)
        password.forget_of([subject.pk])
        Dormancy.objects.filter(subject=subject).update(state=Dormancy.State.APART, apart_at=at)
    ArchivedSubject.objects.filter(public_id=subject.public_id).update(arrival=None)
    counts["people_set_apart"] += 1


def bring_back_again(subject: DataSubject, at: datetime, counts: Counter[str]) -> None:
    """DORMANT -> ACTIVE where the archive still has the records."""
    if subject.status == Status.DORMANT and _apart(subject).exists():
        dormancy_move.bring_back(subject, at, actor=None)
        subject.refresh_from_db()
        counts["people_brought_back"] += 1


def clear_stale(counts: Counter[str]) -> None:
    """Remove copies apart of people in daily use, each only if its record is there; keys live on with the record."""
    people = ArchivedSubject.objects.filter(why=ArchivedSubject.Why.DORMANT).order_by("pk")
    rows = iter(list(people.values_list("pk", "public_id")))
    while part := list(islice(rows, BATCH)):
        names = [public_id for _, public_id in part]
        here = set(
            DataSubject.objects.reachable()
            .filter(public_id__in=names)
            .values_list("public_id", flat=True)
        )
        _clear([pk for pk, public_id in part if public_id in here], counts)


def _clear(people: list[int], counts: Counter[str]) -> None:
    mine = ArchivedRecord.objects.filter(subject__in=people)
    ids = list(mine.values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        part = ids[start : start + BATCH]
        twins = list(Record.objects.filter(pk__in=part).values_list("pk", flat=True))
        counts["copies_removed_archive"] += bulk.delete(ArchivedRecord, "id", twins)
    counts["left:records_apart_of_people_here"] += mine.count()
    ArchivedSubject.objects.filter(pk__in=people, records=None).delete()


def _apart(subject: DataSubject) -> QuerySet[ArchivedRecord]:
    return ArchivedRecord.objects.filter(
        subject__public_id=subject.public_id, subject__why=ArchivedSubject.Why.DORMANT
    )

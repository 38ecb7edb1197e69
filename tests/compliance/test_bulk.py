"""Many rows at once are the same rows as one by one."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from compliance import bulk
from compliance.models import Slot

pytestmark = [pytest.mark.django_db, pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
NAMES = ("entry", "slot_at", "started_at", "done", "skipped")


def rows(*entries):
    return [(entry, NOW, NOW, 2, {"late": 1}) for entry in entries]


def test_values_come_back_as_they_went_in():
    bulk.insert(Slot, NAMES, rows("a", "b"))
    stored = Slot.objects.get(entry="a")
    assert (stored.slot_at, stored.done, stored.skipped, stored.finished_at) == (
        NOW,
        2,
        {"late": 1},
        None,
    )
    assert Slot.objects.count() == 2


def test_a_clash_is_an_error_unless_it_may_be_ignored():
    bulk.insert(Slot, NAMES, rows("a"))
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(Slot, NAMES, rows("b", "a"))
    bulk.insert(Slot, NAMES, rows("b", "a"), ignore_conflicts=True)
    assert Slot.objects.count() == 2


def test_nothing_is_nothing():
    bulk.insert(Slot, NAMES, [])
    bulk.insert_objects([])
    bulk.update(Slot, ("id", "done"), [])
    assert not Slot.objects.exists()


def test_each_row_gets_its_own_values_and_no_other_row_any():
    bulk.insert(Slot, NAMES, rows("a", "b", "c"))
    ids = dict(Slot.objects.values_list("entry", "pk"))
    new = [(ids["a"], 7, NOW, {"late": 3}), (ids["b"], 8, None, {})]
    bulk.update(Slot, ("id", "done", "finished_at", "skipped"), new)
    stored = Slot.objects.order_by("entry").values_list("done", "finished_at", "skipped")
    assert list(stored) == [(7, NOW, {"late": 3}), (8, None, {}), (2, None, {"late": 1})]

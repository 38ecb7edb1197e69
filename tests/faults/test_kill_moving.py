"""A move killed before any line of its code: everybody is in exactly one place for a reader, and the sweep ends it."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from compliance import effects, ledger
from compliance.keyring.models import DataKey
from compliance.models import LedgerEntry
from members import gate, selectors
from members.actions import archive_reading, dormancy_move
from members.archive.models import ArchivedRecord, ArchivedSubject, Arrival
from members.models import DataSubject, Record, Restriction
from members.tasks import move_dormant
from tests.tools import cast, sleepers
from tests.tools.killing import in_a_child

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
FILES = ("moving.py", "moving_rows.py", "dormancy_move.py")


def sleeper(name="minji", number=0):
    mikmik = cast.service()
    person = sleepers.member(mikmik, cast.officer("mina", mikmik), name, number)
    Restriction.objects.create(
        subject=person, ground="legal_request", items=[], blocks_use=False,
        blocks_destruction=True, began_at=NOW,
    )  # fmt: skip
    return person


def asleep_again(person):
    """Put somebody who came back to where the notice had been given."""
    DataSubject.objects.filter(pk=person.pk).update(last_used_at=sleepers.LAST_USED)
    person.dormancy.__class__.objects.filter(subject=person).update(state="told", apart_at=None)


def found_in(person):
    """Where the public functions find somebody, with everything held: ``live`` and ``apart``."""
    person = DataSubject.objects.select_related("service").get(pk=person.pk)
    service, places = person.service, []
    if person in selectors.find_subjects(service, "email", "minji@mail.example"):
        places.append(("live", len(gate.own_values(person))))
    row = ArchivedSubject.objects.filter(public_id=person.public_id).first()
    opened = archive_reading.grounds(row, gate.policy_for(service, NOW)) if row else {}
    if opened:
        assert person in selectors.find_dormant(service, "email", "minji@mail.example")
        assert gate.sleeper_values(person, ["email"], now=NOW).values == {
            "email": "minji@mail.example"
        }
        places.append(("apart", row.records.count()))
    return places


def settled(person, place, ids, keys):
    """After the sweep everything is in one place only, with the same ids and keys, and nothing is unfinished."""
    here, there = (Record, ArchivedRecord) if place == "live" else (ArchivedRecord, Record)
    assert set(here.objects.values_list("pk", flat=True)) == ids
    assert not there.objects.exists()
    assert ArchivedSubject.objects.exists() == (place == "apart")
    assert not Arrival.objects.exists()
    assert set(DataKey.objects.values_list("pk", flat=True)) == keys
    for kind in (dormancy_move.APART, dormancy_move.BACK):
        assert not effects.unfinished(kind).exists()
    assert found_in(person) == [(place, len(ids))]


def test_killed_at_any_line_on_the_way_and_back_the_move_is_completed_by_the_sweep():
    person = sleeper()
    ids = set(Record.objects.values_list("pk", flat=True))
    keys = set(DataKey.objects.values_list("pk", flat=True))
    away = in_a_child(lambda: move_dormant(NOW), FILES)
    settled(person, "apart", ids, keys)
    back = in_a_child(lambda: dormancy_move.bring_back(person, NOW, actor=None), FILES)
    settled(person, "live", ids, keys)
    assert away > 100 and back > 60, "a move has more lines than that"
    step = int(os.environ.get("KILL_STEP", "29"))
    for kill_before in range(0, away, step):
        asleep_again(person)
        assert in_a_child(lambda: move_dormant(NOW), FILES, kill_before=kill_before) is None
        assert found_in(person) in ([("live", len(ids))], [("apart", len(ids))]), kill_before
        move_dormant(LATER)
        settled(person, "apart", ids, keys)
        if kill_before < back:
            killed_on_the_way_back(person, kill_before, ids)
        dormancy_move.repair_unfinished(now=LATER)
        dormancy_move.bring_back(person, LATER, actor=None)
        settled(person, "live", ids, keys)
    assert ledger.verify().ok
    once_each()


def killed_on_the_way_back(person, kill_before, ids):
    work = lambda: dormancy_move.bring_back(person, NOW, actor=None)  # noqa: E731
    assert in_a_child(work, FILES, kill_before=kill_before) is None
    assert found_in(person) in ([("live", len(ids))], [("apart", len(ids))]), kill_before


def once_each():
    """As often as somebody was set apart, so often they came back: the ledger has one entry for each."""
    entries = LedgerEntry.objects
    assert (
        entries.filter(code="members.dormancy.set_apart").count()
        == entries.filter(code="members.dormancy.brought_back").count()
    )

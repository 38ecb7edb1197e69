"""Killed before any line while people are told of a destruction: nobody is missed, nobody is told twice."""

import os
from datetime import UTC, date, datetime, timedelta

import pytest

from compliance import ledger
from compliance.keyring.models import DataKey
from members.actions import destruction, destruction_told
from members.actions.delivery import contents_of
from members.models import Delivery, Record, UntoldDestruction
from tests.tools import cast
from tests.tools.killing import in_a_child

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
DUE = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
FILES = ("destruction_told.py", "delivery.py")
DAY = timedelta(days=1)


def due(person, record_class):
    rows = Record.objects.filter(subject=person, record_class=record_class)
    return rows.update(due_on=DUE)


@pytest.mark.promise("MIK-8.1c")
def test_killed_at_any_line_each_is_told_once():
    mikmik = cast.service()
    people = [
        cast.member(mikmik, name, mobile=f"010-7000-{len(name):04}") for name in ("minji", "juno-a")
    ]
    for person in people:
        cast.history(person)
        due(person, "payment_records")
    destruction.destroy_due(mikmik, now=NOW)
    rows = list(
        UntoldDestruction.objects.values("subject_id", "service_id", "destroyed_at", "lines")
    )
    assert len(rows) == 2
    lines = in_a_child(lambda: destruction_told.tell_due(NOW), FILES)
    told_once(people, NOW)
    assert lines > 60, "telling has more lines than that"
    step, at = int(os.environ.get("KILL_STEP", "13")), NOW
    for kill_before in range(0, lines, step):
        at += DAY
        for row in rows:
            UntoldDestruction.objects.create(**{**row, "destroyed_at": at})
        work = lambda: destruction_told.tell_due(at)  # noqa: B023, E731
        assert in_a_child(work, FILES, kill_before=kill_before) is None
        destruction_told.tell_due(at)
        told_once(people, at)
    assert ledger.verify().ok


def told_once(people, at):
    """Every person has one message of this moment that can be opened, and no key is left without its message."""
    mails = list(Delivery.objects.filter(event="records_destroyed", created_at=at))
    assert sorted(mail.subject_id for mail in mails) == sorted(person.pk for person in people)
    assert len(contents_of(mails)) == 2 and not UntoldDestruction.objects.exists()
    keyed = set(Delivery.objects.values_list("pk", flat=True)) | set(
        Record.objects.values_list("pk", flat=True)
    )
    assert set(DataKey.objects.values_list("pk", flat=True)) <= keyed

"""The end of separate storage killed before any line of its code: the sweeps end it, once, and nothing is left over."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from compliance import effects, ledger
from compliance.keyring.models import DataKey
from compliance.models import Certificate, Effect, LedgerEntry
from members.actions import dormancy_end, dormancy_move
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Record, Withdrawal
from members.tasks import carry_out_withdrawals, end_dormant
from tests.tools import cast, notices, sleepers
from tests.tools.killing import in_a_child

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
APART = datetime(2026, 11, 23, 3, tzinfo=UTC)
OVER = datetime(2029, 11, 23, 15, tzinfo=UTC)  # P3Y after the day of the move.
FILES = ("dormancy_end.py", "withdrawal.py")


@pytest.fixture(autouse=True)
def own_journal(tmp_path, settings):
    settings.JOURNAL_DIR = tmp_path / "journal"


@pytest.mark.promise("MIK-5.5b")
def test_killed_at_any_line_the_membership_ends_once_and_keeps_what_the_law_keeps(smtp_sink):
    mikmik = cast.service()
    mina = cast.officer("mina", mikmik)
    type(mikmik).objects.update(dormant_keep="P3Y")
    control = asleep(mikmik, mina, 0)
    lines = in_a_child(lambda: end_dormant(OVER), FILES)
    sweeps(OVER + timedelta(minutes=10))
    kept = kept_of(control)
    assert lines > 90 and {"payment_records", "contract_records"} <= {of for of, _ in kept}
    step = int(os.environ.get("KILL_STEP", "29"))
    for number, kill_before in enumerate(range(0, lines, step), start=1):
        person = asleep(mikmik, mina, number)
        ids = set(archived(person).values_list("pk", flat=True))
        assert in_a_child(lambda: end_dormant(OVER), FILES, kill_before=kill_before) is None
        assert in_one_place(person, ids), kill_before
        sweeps(OVER + timedelta(minutes=10))
        assert kept_of(person) == kept, kill_before
        assert len(smtp_sink.to(f"minji{number}@mail.example")) == 1, kill_before
    nothing_is_left_over(people=number + 1)


def asleep(service, officer, number):
    """Somebody with a history who is told and set apart."""
    person = sleepers.member(service, officer, f"minji{number}", number)
    assert dormancy_move.set_apart(APART, service).done == 1
    return person


def sweeps(now):
    """What the house does by itself: dormancy, the next steps of withdrawals, mail, and the last steps."""
    end_dormant(now)
    carry_out_withdrawals(now)
    notices.send(now)
    carry_out_withdrawals(now + timedelta(minutes=1))


def archived(person):
    return ArchivedRecord.objects.filter(subject__public_id=person.public_id)


def kept_of(person):
    """The classes kept of somebody who is gone, with their last days, each as often as it is there."""
    assert Withdrawal.objects.get(subject=person).step == Withdrawal.Step.COMPLETE
    assert not Record.objects.filter(subject=person).exists()
    return Counter(archived(person).values_list("record_class", "due_on"))


def in_one_place(person, ids):
    """Whole where the status says, until the withdrawal itself moves and destroys."""
    person.refresh_from_db()
    if Withdrawal.objects.filter(subject=person).exists():
        return True
    rows = archived(person)
    if person.status != DataSubject.Status.DORMANT:
        rows = Record.objects.filter(subject=person)
    return set(rows.values_list("pk", flat=True)) == ids


def nothing_is_left_over(people):
    """One withdrawal, one certificate and one entry a person; keys only of what is kept; every effect complete."""
    told = LedgerEntry.objects.filter(code="members.dormancy.storage_over")
    assert told.count() == Withdrawal.objects.count() == people
    assert Certificate.objects.count() == people
    assert set(DataKey.objects.values_list("pk", flat=True)) == set(
        ArchivedRecord.objects.values_list("pk", flat=True)
    )
    assert not Effect.objects.filter(state=Effect.State.INTENDED).exists()
    assert not effects.unfinished(dormancy_end.KIND).exists()
    assert ledger.verify().ok

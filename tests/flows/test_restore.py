"""The restore drill as a whole, on the databases of the tests: who was destroyed does not come back."""

import random
import re
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from compliance import tail
from compliance.restore import guard, reports
from members.actions import withdrawal
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Record
from tests.tools import backup, cast, worker

ALL = ("default", "archive", "keyring")
pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
NOW = datetime(2027, 1, 31, 3, tzinfo=UTC)
PEOPLE = 8


def test_none_of_fifty_comes_back_whichever_database_is_put_back(capsys):
    cast.service()
    before = [backup.take(alias) for alias in ALL]
    lines = len(list(tail.lines()))
    call_command("restore_drill", people=50)
    said = capsys.readouterr().out
    assert re.search(r"50 people left, (\d{2,}) records destroyed", said)
    assert said.count(" True ") == 4 * 3 and "kept every promise" in said
    assert [backup.take(alias) for alias in ALL] == before
    assert len(list(tail.lines())) == lines


def test_a_step_of_the_drill_refuses_to_run_on_anything_but_copies():
    with pytest.raises(CommandError, match="copies only"):
        call_command("restore_drill", step="leave")


def test_a_replay_that_is_killed_again_and_again_ends_where_one_run_ends(tmp_path, settings):
    mikmik, dice = cast.service(), random.Random(20261125)
    people = [cast.member(mikmik, f"p{n}", mobile=f"010-7000-{n:04}") for n in range(PEOPLE)]
    for one in people:
        cast.history(one)
    stays = cast.member(mikmik, "stays", mobile="010-7999-0000")
    tail.catch_up()
    backups = [backup.take(alias) for alias in ALL]
    for one in people:
        withdrawal.carry_out(withdrawal.request(one, channel="web", actor=None, now=NOW), now=NOW)
    tail.catch_up()
    kept = set(ArchivedRecord.objects.values_list("pk", "rule_code", "due_on"))
    for one in backups:
        backup.put_back(one)
    gone = DataSubject.objects.filter(status="withdrawn")
    for number in sorted(dice.sample(range(1, PEOPLE), 2)):
        with worker.command("restore", "replay", log=tmp_path / "log") as child:
            worker.wait_until(
                lambda n=number: gone.count() >= n or not child.running(), seconds=90, pause=0.005
            )
            child.kill()
        assert number <= gone.count() < PEOPLE, (tmp_path / "log").read_text()
    guard.look()
    reports.replay(now=NOW)
    assert gone.count() == PEOPLE
    assert set(ArchivedRecord.objects.values_list("pk", "rule_code", "due_on")) == kept
    assert set(Record.objects.values_list("subject", flat=True)) == {stays.pk}

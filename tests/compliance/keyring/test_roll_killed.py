"""A roll killed before any line of its code: nobody is lost meanwhile, and running it again ends it."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction

from compliance import ledger
from compliance.actions import certificate
from compliance.keyring import epochs, key_files, keys, recovery, rewriting
from compliance.keyring.models import Epoch
from compliance.models import LedgerEntry
from compliance.tasks import roll_keys
from tests.tools import cast, rolls

pytestmark = [
    pytest.mark.django_db(databases=["default", "keyring"], transaction=True),
    pytest.mark.servers,
]
FILES = ("rolling.py", "rewriting.py", "recovery.py", "key_files.py", "epochs.py", "certificate.py")
KILLED = 9


@pytest.fixture
def installation(tmp_path, settings, monkeypatch):
    """Small batches, and a recovery copy that every roll has to replace."""
    monkeypatch.setattr(rewriting, "BATCH", 2)
    folder = tmp_path / "safe"
    folder.mkdir()
    settings.RECOVERY_DIRS = [str(folder)]
    recovery.make_pair(tmp_path / "private.pem")
    yield folder
    recovery.public_key_file().unlink()


def in_a_child(now, kill_before):
    """Roll in a forked process that ends before its n-th new line; return how many lines it saw, None if killed."""
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        seen = set()

        def watch(frame, event, _):
            file, line = frame.f_code.co_filename, frame.f_lineno
            if Path(file).name not in FILES:
                return None
            if event == "line" and (file, line) not in seen:
                if len(seen) == kill_before:
                    os._exit(KILLED)
                seen.add((file, line))
            return watch

        try:
            sys.settrace(watch)
            roll_keys(now)
            sys.settrace(None)
            os.write(writing, str(len(seen)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as said:
        text = said.read()
    if os.waitstatus_to_exitcode(status) == KILLED:
        return None
    return int(text)


def test_a_roll_killed_at_any_line_loses_nobody_and_is_ended_by_the_next(now, installation):
    made, service = rolls.people(5), cast.service()
    gone = list(made)[-1]
    keys.destroy([gone])
    del made[gone]
    Epoch.objects.update(created_at=now - timedelta(days=1))
    lines = in_a_child(now, kill_before=None)
    assert lines > 150, "the roll has more lines than that"
    step = int(os.environ.get("KILL_STEP", "7"))
    rounds = 0
    for kill_before in range(0, lines, step):
        now += timedelta(days=1)
        with transaction.atomic():
            mine = certificate.issue_for_run(service, counts=[], run="run:1", now=now)
        assert in_a_child(now, kill_before) is None
        rolls.everybody_is_there(made)
        assert mine.final_at is None or not key_files.path(mine.epoch).exists()
        roll_keys(now)
        assert epochs.numbers() == rolls.numbers_in_use() == {mine.epoch + 1}
        assert key_files.epochs() == [mine.epoch + 1]
        rolls.everybody_is_there(made)
        assert keys.open_([gone]) == {}
        mine.refresh_from_db()
        assert mine.final_at == now
        assert saved(installation) == [mine.epoch + 1]
        rounds += 1
    entries = LedgerEntry.objects.filter(code="compliance.certificate.finalised")
    assert entries.count() == rounds and ledger.verify().ok


def saved(folder):
    """Return the epochs in the recovery copy; no draft of a killed process lies beside it."""
    assert [file.name for file in folder.iterdir()] == ["recovery.sealed"]
    private = (folder.parent / "private.pem").read_bytes()
    return sorted(recovery.open_copy((folder / "recovery.sealed").read_bytes(), private))

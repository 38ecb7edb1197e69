"""A roll killed before any line of its code: nobody is lost meanwhile, and running it again ends it."""

import os
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from compliance import ledger
from compliance.actions import certificate
from compliance.keyring import epochs, key_files, keys, recovery, rewriting
from compliance.keyring.models import Epoch
from compliance.models import LedgerEntry
from compliance.tasks import roll_keys
from tests.tools import cast, rolls
from tests.tools.killing import in_a_child

pytestmark = [
    pytest.mark.django_db(databases=["default", "keyring"], transaction=True),
    pytest.mark.servers,
]
FILES = ("rolling.py", "rewriting.py", "recovery.py", "key_files.py", "epochs.py", "certificate.py")


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


def test_a_roll_killed_at_any_line_loses_nobody_and_is_ended_by_the_next(now, installation):
    made, service = rolls.people(5), cast.service()
    gone = list(made)[-1]
    keys.destroy([gone])
    del made[gone]
    Epoch.objects.update(created_at=now - timedelta(days=1))
    lines = in_a_child(lambda: roll_keys(now), FILES)
    assert lines > 150, "the roll has more lines than that"
    step = int(os.environ.get("KILL_STEP", "7"))
    rounds = 0
    for kill_before in range(0, lines, step):
        now += timedelta(days=1)
        with transaction.atomic():
            mine = certificate.issue_for_run(service, counts=[], run="run:1", now=now)
        assert in_a_child(partial(roll_keys, now), FILES, kill_before=kill_before) is None
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

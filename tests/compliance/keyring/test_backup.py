"""Copies of the keyring: each opens before it counts, and none undoes a destruction after a roll."""

import contextlib
import os
import shutil
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from compliance.keyring import backup, checkpoint, key_files, keys, sealing
from compliance.keyring.backup import BackupRefused
from compliance.keyring.envelope import Unreadable, epoch_of, unwrap
from compliance.keyring.models import DataKey, SealedSecret
from compliance.tasks import wipe_deleted
from tests.tools import rolls, worker
from tests.tools.damage import last_bit_flipped

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.servers,
]
SQLITE = connections["keyring"].vendor == "sqlite"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def test_a_copy_holds_every_wrap_is_private_and_said_so(tmp_path):
    rolls.people(5)
    out = StringIO()
    call_command("keyring", "backup", str(tmp_path / "copy"), stdout=out)
    assert f"all {5 + 5 + SealedSecret.objects.count()} wrapped keys in it open" in out.getvalue()
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    with pytest.raises(CommandError, match="there already"):
        call_command("keyring", "backup", str(tmp_path / "copy"))


def test_a_copy_with_a_wrap_that_does_not_open_is_no_copy(tmp_path):
    id = next(iter(rolls.people(2)))
    wrapped = bytes(DataKey.objects.get(pk=id).wrapped)
    DataKey.objects.filter(pk=id).update(wrapped=last_bit_flipped(wrapped))
    with pytest.raises(BackupRefused, match="does not open"):
        backup.write(tmp_path / "copy", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_keeps_copies_for_a_week(tmp_path):
    old, young, other = (tmp_path / name for name in ("keyring-a", "keyring-b", "other"))
    for file, days in ((old, 8), (young, 6), (other, 30)):
        file.touch()
        at = (NOW - timedelta(days=days)).timestamp()
        os.utime(file, (at, at))
    file, _ = backup.write(tmp_path, now=NOW)
    assert file.name.startswith("keyring-20261123T030000Z.")
    assert not old.exists() and young.exists() and other.exists()


class Retained:
    """Everything that a thief of old backups has: copies of the keyring, and whatever key files there are now."""

    def __init__(self, file):
        self.file = file
        self.rows = backup._rows if SQLITE else backup._dumped_rows

    def wrapped(self):
        found = self.rows(self.file, DataKey._meta.db_table, ("wrapped", "id"))
        return {UUID(str(id)): wrapped for wrapped, id in found}

    def opens(self, document, sealed):
        """Try every key file there is on the wrap of a record, then the record."""
        wrapped = self.wrapped().get(document.id)
        for number in key_files.epochs() if wrapped else ():
            try:
                key = unwrap(
                    key_files.purpose_key(number, keys.PURPOSE), wrapped, aad=keys.aad(document.id)
                )
                where = {"kind": "record", "id": document.id, "subject": document.subject}
                return sealing.open_document(key, sealed, record_class="profile", **where)
            except Unreadable:
                continue
        return None


def documents(who, count=12):
    return [
        sealing.Document("record", uuid4(), who, "profile", values={"marker": f"{who}-{n:02}"})
        for n in range(count)
    ]


@pytest.mark.promise("MIK-9.1.2b")
@pytest.mark.promise("LEJ-DES-3")
def test_after_the_roll_no_retained_backup_opens_what_was_destroyed(tmp_path):
    """12 of 12 before the roll, because that is what backups are for; 0 of 12 after it; the other person 12 of 12."""
    gone, stays = documents("a" * 32), documents("b" * 32)
    sealed = dict(
        zip(
            [d.id for d in gone + stays],
            sealing.seal_many(gone) + sealing.seal_many(stays),
            strict=True,
        )
    )
    before = [Retained(backup.write(tmp_path / f"before{n}", now=NOW)[0]) for n in range(2)]
    keys.destroy([d.id for d in gone])
    assert not any(d.id in keys.open_([d.id]) for d in gone)
    assert _opened(before, gone, sealed) == 12, "the attack works while the old key is there"
    assert rolls.roll(NOW).skipped == {}
    after = Retained(backup.write(tmp_path / "after", now=NOW)[0])
    assert _opened([*before, after], gone, sealed) == 0
    assert _opened([after], stays, sealed) == 12
    assert len(keys.open_([d.id for d in stays])) == 12


def _opened(backups, wanted, sealed):
    return sum(any(copy.opens(d, sealed[d.id]) for copy in backups) for d in wanted)


@pytest.mark.skipif(not SQLITE, reason="a copied file is a backup of SQLite only")
def test_a_copied_file_put_back_beside_erased_keys_refuses_to_open(tmp_path):
    made = rolls.people(4)
    checkpoint.truncate_wal()
    name = connections["keyring"].settings_dict["NAME"]
    shutil.copy(name, tmp_path / "old.sqlite3")
    keys.destroy(list(made)[:2])
    rolls.roll(NOW)
    old = Retained(tmp_path / "old.sqlite3")
    assert len(old.wrapped()) == 4
    assert {epoch_of(wrapped) for wrapped in old.wrapped().values()} == {1}
    assert key_files.epochs() == [2]


@pytest.mark.promise("MIK-9.1.2b", "LEJ-DES-3")
def test_whatever_bytes_stay_in_the_pages_open_with_nothing_after_the_roll():
    """The promise holds for every wrap that ever lay there, so for any of them that a page still has."""
    made = rolls.people(60)
    gone = list(made)[:20]
    old = {id: bytes(wrapped) for id, wrapped in DataKey.objects.values_list("id", "wrapped")}
    keys.destroy(gone)
    assert _opening(old) == set(made), "the attack works while the old key is there"
    assert rolls.roll(NOW).skipped == {}
    assert _opening(old) == set()
    new = {id: bytes(wrapped) for id, wrapped in DataKey.objects.values_list("id", "wrapped")}
    assert _opening(new) == set(new) == set(made) - set(gone)
    stored = _stored_bytes()
    assert all(wrapped in stored for wrapped in new.values()), "the scan sees what is there"


def _opening(wraps):
    """The wraps that any key file there is opens."""
    found = set()
    for number in key_files.epochs():
        key = key_files.purpose_key(number, keys.PURPOSE)
        for id, wrapped in wraps.items():
            with contextlib.suppress(Unreadable):
                unwrap(key, wrapped, aad=keys.aad(id))
                found.add(id)
    return found


@pytest.mark.skipif(
    not SQLITE, reason="PostgreSQL keeps dead rows for readers of all its databases"
)
def test_wrapped_bytes_of_destroyed_keys_and_of_the_old_epoch_leave_the_files():
    made = rolls.people(300)
    gone = list(made)[:100]
    old = {id: bytes(w) for id, w in DataKey.objects.values_list("id", "wrapped")}
    keys.destroy(gone)
    assert wipe_deleted(NOW).skipped == {}
    stored = _stored_bytes()
    assert {id for id in old if old[id] in stored} == set(made) - set(gone)
    assert rolls.roll(NOW).skipped == {} and wipe_deleted(NOW).skipped == {}
    stored = _stored_bytes()
    assert not any(wrapped in stored for wrapped in old.values())
    assert bytes(DataKey.objects.first().wrapped) in stored


@pytest.mark.skipif(SQLITE, reason="SQLite overwrites in place")
@pytest.mark.parametrize(("largest", "rewritten"), [(checkpoint.LARGEST_REWRITE, True), (1, False)])
def test_a_small_table_that_changed_is_rewritten_and_a_large_one_is_not(
    monkeypatch, largest, rewritten
):
    monkeypatch.setattr(checkpoint, "LARGEST_REWRITE", largest)
    checkpoint._rewritten.clear()
    keys.destroy(list(rolls.people(30))[:10])
    before = _heap_file()
    worker.wait_until(lambda: wipe_deleted(NOW).skipped == {}, seconds=60)
    assert (_heap_file() != before) is rewritten


def _heap_file():
    with connections["keyring"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_relation_filepath(%s::regclass)",
            [DataKey._meta.db_table],
        )
        return cursor.fetchone()[0]


def _stored_bytes():
    """The file and log of SQLite; of PostgreSQL every page of the heap, as it lies on the disk."""
    connection = connections["keyring"]
    if SQLITE:
        name = connection.settings_dict["NAME"]
        files = [Path(f"{name}{end}") for end in ("", "-wal")]
        return b"".join(file.read_bytes() for file in files if file.exists())
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute(
            "SELECT pg_read_binary_file(pg_relation_filepath(%s::regclass))",
            [DataKey._meta.db_table],
        )
        return bytes(cursor.fetchone()[0])


@pytest.mark.skipif(not SQLITE, reason="PostgreSQL looks after its own files")
def test_an_interrupted_copy_is_not_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "_copy_file", lambda file: (_ for _ in ()).throw(sqlite3.Error()))
    with pytest.raises(sqlite3.Error):
        backup.write(tmp_path / "copy", now=NOW)
    assert list(tmp_path.iterdir()) == []

"""Database files are for their owner alone, logs included."""

import os
import sqlite3
import stat

import environ
import pytest

from compliance.databases import SQLITE_OPTIONS, database


@pytest.fixture
def open_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def modes(file):
    return {
        one.name.removeprefix(file.name): stat.S_IMODE(one.stat().st_mode)
        for one in file.parent.iterdir()
    }


def test_database_log_and_folder_are_private_whatever_the_umask(tmp_path, open_umask):
    file = tmp_path / "db" / "keyring.sqlite3"
    database(environ.Env(), "NOT_SET", file)
    connection = sqlite3.connect(file)
    connection.executescript(SQLITE_OPTIONS["init_command"])
    connection.execute("CREATE TABLE t (a)")
    connection.execute("INSERT INTO t VALUES (1)")
    connection.commit()
    assert modes(file) == {"": 0o600, "-wal": 0o600, "-shm": 0o600}
    connection.close()
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_files_that_others_could_read_are_closed(tmp_path):
    file = tmp_path / "keyring.sqlite3"
    for name in ("keyring.sqlite3", "keyring.sqlite3-wal", "keyring.sqlite3-shm"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    database(environ.Env(), "NOT_SET", file)
    assert modes(file) == {"": 0o600, "-wal": 0o600, "-shm": 0o600}

"""Backups of the databases of a test, and putting them back as an operator would."""

import shutil
import sqlite3
from pathlib import Path

from django.db import connection, connections

from compliance import ledger, marks, triggers

ALIASES = ("default", "archive", "keyring")


class Backup:
    """On SQLite copies of the files; on PostgreSQL the rows that tell of the past are taken away again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.head = folder, ledger.head()[0]
        self.marks = {alias: marks.read(alias) for alias in ALIASES[1:]}
        if connection.vendor == "sqlite":
            for alias in ALIASES:
                _copy(_file(alias), folder / alias)

    def put_back(self, *names: str) -> None:
        for name in names:
            if connection.vendor == "sqlite":
                _replace(name, self.folder / name)
            elif name == "default":
                cut_ledger(self.head)
            else:
                set_mark(name, self.marks[name])


def cut_ledger(seq: int) -> None:
    """Take away the entries and effects after a number."""
    with triggers.without_triggers("default"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM compliance_ledgerentry WHERE seq > %s", [seq])
        cursor.execute("DELETE FROM compliance_effect WHERE seq > %s", [seq])


def set_mark(alias: str, seq: int) -> None:
    """Set the mark of a database."""
    table = marks._models[alias]._meta.db_table
    with connections[alias].cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET seq = %s", [seq])


def _file(alias: str) -> Path:
    return Path(connections[alias].settings_dict["NAME"])


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as live, sqlite3.connect(target) as copy:
        live.backup(copy)
    live.close()
    copy.close()


def _replace(alias: str, copy: Path) -> None:
    connections[alias].close()
    file = _file(alias)
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    shutil.copyfile(copy, file)

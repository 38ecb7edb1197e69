"""Copies of the keyring database, each opened again before it counts as one.

A copy is worth nothing after the next roll, because the key it was wrapped under is erased then: take one after
every roll, keep none longer than a week, and none beside the key files.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from compliance.keyring import blind_index, key_files, keys
from compliance.keyring.envelope import Unreadable, context, epoch_of, unwrap
from compliance.keyring.epochs import DATABASE
from compliance.keyring.key_files import KeyringRefused
from compliance.keyring.models import BlindIndex, DataKey, SealedSecret

KEPT = timedelta(days=7)
PREFIX = "keyring-"
WRAPS: dict[str, tuple[str, tuple[str, ...]]] = {
    DataKey._meta.db_table: (keys.PURPOSE, ("wrapped", "id")),
    BlindIndex._meta.db_table: (blind_index.INNER, ("inner_sealed", "scope", "field", "key")),
    SealedSecret._meta.db_table: ("secret", ("wrapped", "name")),
}


class BackupRefused(Exception):
    """No copy was made, or it does not open; one sentence for the operator."""


def write(target: Path, *, now: datetime) -> tuple[Path, int]:
    """Copy the keyring to a new file, or into a folder, and return the file and how many wraps opened in it.

    In a folder the name has the moment (UTC), and copies of this software older than a week are deleted.
    """
    vendor = connections[DATABASE].vendor
    ending = ".sqlite3" if vendor == "sqlite" else ".sql"
    file = target / f"{PREFIX}{now:%Y%m%dT%H%M%SZ}{ending}" if target.is_dir() else target
    if file.exists():
        raise BackupRefused(f"{file} is there already; name another file.")
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise BackupRefused(f"{file} cannot be written ({error.strerror}).") from None
    try:
        copy, rows = (_copy_file, _rows) if vendor == "sqlite" else (_dump, _dumped_rows)
        copy(file)
        opened = _opened(file, rows)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    if target.is_dir():
        _forget_old(target, now)
    return file, opened


def _copy_file(file: Path) -> None:
    with connections[DATABASE].cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])


def _dump(file: Path) -> None:
    program, where = shutil.which("pg_dump"), connections[DATABASE].settings_dict
    if program is None:
        raise BackupRefused("pg_dump is not installed here; run this where it is.")
    options = [f"--host={where['HOST']}", f"--port={where['PORT'] or 5432}", f"--file={file}"]
    done = subprocess.run(  # nosec B603: a program found in PATH, arguments from the settings.
        [program, *options, f"--username={where['USER']}", "--no-password", where["NAME"]],
        env=os.environ | {"PGPASSWORD": where["PASSWORD"] or ""},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise BackupRefused(f"pg_dump ended with {done.returncode}; no copy was made.")


def _opened(file: Path, rows: Callable[[Path, str, tuple[str, ...]], Iterator[Any]]) -> int:
    """Open every wrap of a copy with the keys at hand and return how many there are."""
    count = 0
    known: dict[tuple[int, str], bytes] = {}
    for table, (purpose, names) in WRAPS.items():
        for wrapped, *parts in rows(file, table, names):
            try:
                number = epoch_of(wrapped)
                if (number, purpose) not in known:
                    known[number, purpose] = key_files.purpose_key(number, purpose)
                unwrap(known[number, purpose], wrapped, aad=_aad(purpose, parts))
            except (Unreadable, KeyringRefused):
                raise BackupRefused(
                    f"A row of {table} does not open in the copy, so it was deleted; a roll may have gone on "
                    "meanwhile. Try again; if it fails again, the keyring itself is damaged."
                ) from None
            count += 1
    return count


def _aad(purpose: str, parts: list[str]) -> bytes:
    if purpose == keys.PURPOSE:
        return keys.aad(UUID(parts[0]))
    if purpose == blind_index.INNER:
        return blind_index.aad(parts[0], parts[1], UUID(parts[2]))
    return context(purpose, *parts)


def _rows(file: Path, table: str, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    copy = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        # Table and columns are names of this module, never input.
        yield from copy.execute(f"SELECT {', '.join(names)} FROM {table}")  # nosec B608
    finally:
        copy.close()


def _dumped_rows(file: Path, table: str, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table from a plain dump: a COPY line with its columns, then a line for each row."""
    places: list[int] = []
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith(f"COPY public.{table} ("):
                columns = line[line.index("(") + 1 : line.index(")")].replace('"', "").split(", ")
                places = [columns.index(name) for name in names]
            elif line == "\\.\n":
                places = []
            elif places:
                values = line.rstrip("\n").split("\t")
                wrapped, *parts = (values[place] for place in places)
                yield (bytes.fromhex(wrapped.removeprefix("\\\\x")), *parts)


def _forget_old(folder: Path, now: datetime) -> None:
    for file in folder.glob(f"{PREFIX}*"):
        if file.stat().st_mtime < (now - KEPT).timestamp():
            file.unlink()

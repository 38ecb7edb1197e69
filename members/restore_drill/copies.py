"""Scratch copies of the databases of this installation: taken, saved under a label, put back, dropped.

The live databases are only read. SQLite: files in a folder that only its owner can read; PostgreSQL: databases on
the same server whose names begin with ``drill_``.
"""

import os
import secrets
import shutil
import subprocess  # nosec B404 - pg_dump and psql with fixed arguments
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections

URLS = {
    "default": "DATABASE_URL",
    "archive": "ARCHIVE_DATABASE_URL",
    "keyring": "KEYRING_DATABASE_URL",
}
PREFIX = "drill_"
NOW = "now"  # Label of the copy that the drill works on.
FOLDER = "RESTORE_DRILL"  # Variable that tells a child where its copies lie.
MAIL_NOWHERE = "smtp://127.0.0.1:9"


class CopyFailed(RuntimeError):
    """A database could not be copied; the text names it and the tool."""


class Copies:
    """The copies of one drill. Drop them in a ``finally``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.run = folder, secrets.token_hex(4)
        self.made: list[tuple[str, str]] = []

    def take(self) -> None:
        """Copy the tail and the three databases of this installation."""
        _copy_folder(Path(settings.TAIL_DIR), self._tail(NOW))
        for alias in ("keyring", "archive", "default"):
            if _is_sqlite(alias):
                _vacuum_into(alias, self._file(alias, NOW))
            else:
                self._dump(alias)

    def save(self, label: str) -> None:
        """Keep what the copies are now under a label, with their tail."""
        _copy_folder(self._tail(NOW), self._tail(label))
        for alias in URLS:
            self._copy(alias, NOW, label)

    def put_back(self, alias: str, label: str) -> None:
        """Make one copy what it was when it was saved."""
        self._copy(alias, label, NOW)

    def put_tail_back(self, label: str) -> None:
        """Make the tail what it was; only to begin the next part of the drill, never part of a restore."""
        shutil.rmtree(self._tail(NOW), ignore_errors=True)
        _copy_folder(self._tail(label), self._tail(NOW))

    def drop(self) -> None:
        """Drop every database that was made; the folder is its owner's."""
        for alias, name in self.made:
            _admin(alias, f'DROP DATABASE IF EXISTS "{name}"')

    def environment(self) -> dict[str, str]:
        """Return the environment of a child that sees the copies and nothing of this installation but its keys."""
        own = {variable: self._url(alias) for alias, variable in URLS.items()}
        kept = {k: v for k, v in os.environ.items() if k.removesuffix("_FILE") not in own}
        return (
            kept
            | own
            | {
                FOLDER: str(self.folder),
                "DJANGO_SETTINGS_MODULE": "compliance.settings",
                "VAR_DIR": str(self.folder / "var"),
                "TAIL_DIR": str(self._tail(NOW)),
                "JOURNAL_DIR": str(self.folder / "journal"),
                "KEK_DIR": str(settings.KEK_DIR),
                "KEK_HEX": settings.KEK_HEX,
                "SECRET_KEY": settings.SECRET_KEY,
                "EMAIL_URL": MAIL_NOWHERE,
                "ALLOWED_HOSTS": "127.0.0.1",
                "REDIS_URL": "",
                "CHECKPOINT_DIRS": "",
                "RECOVERY_DIRS": "",
            }
        )

    def _tail(self, label: str) -> Path:
        return self.folder / f"tail-{label}"

    def _file(self, alias: str, label: str) -> Path:
        return self.folder / f"{alias}-{label}.sqlite3"

    def _name(self, alias: str, label: str) -> str:
        return f"{PREFIX}{self.run}_{alias}_{label}"

    def _url(self, alias: str) -> str:
        if _is_sqlite(alias):
            return f"sqlite:///{self._file(alias, NOW)}"
        own = connections[alias].settings_dict
        password = f":{own['PASSWORD']}" if own["PASSWORD"] else ""
        host = f"{own['HOST']}:{own['PORT'] or 5432}"
        return f"postgresql://{own['USER']}{password}@{host}/{self._name(alias, NOW)}"

    def _copy(self, alias: str, source: str, target: str) -> None:
        if _is_sqlite(alias):
            _copy_file(self._file(alias, source), self._file(alias, target))
            return
        name = self._name(alias, target)
        _admin(alias, f'DROP DATABASE IF EXISTS "{name}"')
        self.made.append((alias, name))
        _admin(alias, f'CREATE DATABASE "{name}" TEMPLATE "{self._name(alias, source)}"')

    def _dump(self, alias: str) -> None:
        name = self._name(alias, NOW)
        self.made.append((alias, name))
        _admin(alias, f'CREATE DATABASE "{name}"')
        own = connections[alias].settings_dict
        variables = _variables(own)
        with subprocess.Popen(  # nosec B603 B607 - our own name, no shell
            ["pg_dump", "--no-owner", "--no-privileges", "--dbname", str(own["NAME"])],
            env=variables,
            stdout=subprocess.PIPE,
        ) as dump:
            load = subprocess.run(  # nosec B603 B607
                ["psql", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "--dbname", name],
                env=variables,
                stdin=dump.stdout,
                check=False,
            )
        if dump.returncode or load.returncode:
            raise CopyFailed(f"{alias}: pg_dump or psql")


def _is_sqlite(alias: str) -> bool:
    return connections[alias].vendor == "sqlite"


def _vacuum_into(alias: str, file: Path) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])
    file.chmod(0o600)


def _copy_file(source: Path, target: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        old = target.with_name(target.name + ending)
        old.unlink(missing_ok=True)
    shutil.copy2(source, target)
    log = source.with_name(source.name + "-wal")
    if log.exists():
        shutil.copy2(log, target.with_name(target.name + "-wal"))


def _copy_folder(source: Path, target: Path) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    for file in source.iterdir() if source.is_dir() else ():
        shutil.copy2(file, target / file.name)


def _admin(alias: str, statement: str) -> None:
    """Run a statement about whole databases; names are made here, never input."""
    with connections[alias].cursor() as cursor:
        cursor.execute(statement)


def _variables(own: dict[str, Any]) -> dict[str, str]:
    """Return what the PostgreSQL tools read from their environment; a password never stands in an argument."""
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    given = {variable: str(own[key]) for variable, key in names.items() if own[key]}
    return {**os.environ, **given}

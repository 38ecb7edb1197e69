"""Every place on disk where a value could lie, as an intruder with the machine and its backups would look.

A place is a name with the files behind it: database files with their logs, on PostgreSQL the pages and the
write-ahead log of the cluster, the queue, the folders of the house, and whatever else is under ``var/``.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection, connections

from compliance.keyring import backup
from tests.tools.marker_scan import Hit, Scanner

ALIASES = ("default", "archive", "keyring")
PIECE, OVERLAP = 2**19, 2**12


def files_by_place(since: str = "") -> dict[str, list[Path]]:
    """Return the files of every place of the living system; of PostgreSQL's log those since a file of it."""
    sqlite = connection.vendor == "sqlite"
    return {
        **(_sqlite_files() if sqlite else _cluster_files(since)),
        "queue": _under(settings.BROKER_DIR),
        "journal": _under(Path(settings.JOURNAL_DIR)),
        "tail": _under(Path(settings.TAIL_DIR)),
        "checkpoint": _under(Path(settings.CHECKPOINT_KEY_FILE).parent),
        "keys": _under(Path(settings.KEK_DIR)),
        "uploads": _under(settings.VAR_DIR / "files"),
        "var": _under(settings.VAR_DIR),
    }


def scan(scanner: Scanner, places: dict[str, list[Path]]) -> dict[str, list[Hit]]:
    """Look through every file, its name too, in pieces; return what was found by place."""
    found = {
        place: [hit for file in files for hit in _file(scanner, file)]
        for place, files in places.items()
    }
    found["columns"] = scanner.databases()
    found["redis"] = [
        hit for key, value in _redis() for hit in scanner.content(key + value, "redis")
    ]
    return {place: hits for place, hits in found.items() if hits}


def back_up(folder: Path, since: str = "") -> None:
    """Copy the three databases as an operator would; on PostgreSQL the files of the cluster as well."""
    folder.mkdir()
    for alias in ALIASES:
        copy = _vacuum_into if connection.vendor == "sqlite" else _dump
        copy(alias, folder / alias)
    if connection.vendor != "sqlite":
        for place, files in _cluster_files(since).items():
            for number, file in enumerate(files):
                target = folder / "cluster" / f"{place}-{number}"
                target.parent.mkdir(exist_ok=True)
                shutil.copyfile(file, target)


def rows(folder: Path, alias: str, table: str, *names: str) -> list[tuple]:
    """Return columns of a table in a backup, the first of them binary."""
    read = backup._rows if connection.vendor == "sqlite" else backup._dumped_rows
    return list(read(folder / alias, table, names))


def _sqlite_files() -> dict[str, list[Path]]:
    mains = [Path(connections[alias].settings_dict["NAME"]) for alias in ALIASES]
    logs = [main.with_name(main.name + end) for main in mains for end in ("-wal", "-shm")]
    return {"database files": mains, "write-ahead log": [log for log in logs if log.exists()]}


def newest_log() -> str:
    """Return the file of the write-ahead log that PostgreSQL writes to now; empty on SQLite."""
    if connection.vendor == "sqlite":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_walfile_name(pg_current_wal_lsn())")
        return str(cursor.fetchone()[0])


def _cluster_files(since: str) -> dict[str, list[Path]]:
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SHOW data_directory")
        data = Path(cursor.fetchone()[0])
        names = [connections[alias].settings_dict["NAME"] for alias in ALIASES]
        cursor.execute("SELECT oid FROM pg_database WHERE datname = ANY(%s)", [names])
        folders = [data / "base" / str(oid) for (oid,) in cursor.fetchall()]
    newest = newest_log()
    return {
        "database files": [file for folder in folders for file in _under(folder)],
        "write-ahead log": [f for f in _under(data / "pg_wal") if since <= f.name <= newest],
        "database log": [*_under(data / "log"), *data.parent.glob("log")],
    }


def _under(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


def _file(scanner: Scanner, file: Path) -> Iterator[Hit]:
    try:
        content = str(file).encode() + b"\0" + file.read_bytes()
    except FileNotFoundError:  # Recycled or rewritten by the server meanwhile.
        return
    for start in range(0, len(content), PIECE):
        piece = content[start : start + PIECE + OVERLAP]
        if piece.strip(b"\0"):
            yield from scanner.content(piece, str(file))


def _redis() -> Iterator[tuple[bytes, bytes]]:
    if settings.REDIS_URL:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            for key in client.scan_iter():
                yield key, client.dump(key) or b""


def _vacuum_into(alias: str, file: Path) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(file)])


def _dump(alias: str, file: Path) -> None:
    where = connections[alias].settings_dict
    server = [f"--host={where['HOST']}", f"--port={where['PORT']}", f"--username={where['USER']}"]
    subprocess.run(
        ["pg_dump", *server, f"--file={file}", "--no-password", where["NAME"]], check=True
    )

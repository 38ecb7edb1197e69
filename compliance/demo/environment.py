"""The environment of a demo: embedded databases, folder broker, secrets of its own under ``var/``."""

import contextlib
import errno
import os
import secrets
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path

HOST = "127.0.0.1"
EMBEDDED = ("DATABASE_URL", "ARCHIVE_DATABASE_URL", "KEYRING_DATABASE_URL", "REDIS_URL")


class PortTaken(RuntimeError):
    """Another program listens on the port."""


def prepare(var: Path, *, port: int, mail_port: int) -> dict[str, str]:
    """Make the folders and secrets of a demo and return the environment of its processes.

    Servers named in the environment or in ``.env`` are left alone: a demo only uses what lies under ``var``.
    """
    var.mkdir(parents=True, exist_ok=True)
    var.chmod(0o700)
    for name in ("secrets", "mail", "log", "static"):
        (var / name).mkdir(mode=0o700, exist_ok=True)
    own = {
        **dict.fromkeys(EMBEDDED, ""),
        "DJANGO_SETTINGS_MODULE": "compliance.settings",
        "DEMO": "true",
        "DEBUG": "false",
        "VAR_DIR": str(var),
        "KEK_DIR": str(var / "keys"),
        "KEK_HEX": "",
        "TAIL_DIR": str(var / "tail"),
        "CHECKPOINT_KEY_FILE": str(var / "checkpoint" / "key.pem"),
        "CHECKPOINT_DIRS": "",
        "JOURNAL_DIR": str(var / "journal"),
        "SECRET_KEY_FILE": str(secret_file(var / "secrets" / "secret_key")),
        "SECURE_COOKIES": "false",
        "SECURE_SSL_REDIRECT": "false",
        "SITE_URL": f"http://{HOST}:{port}",
        "EMAIL_URL": f"smtp://{HOST}:{mail_port}",
        "PYTHONUNBUFFERED": "1",
    }
    (var / "demo.env").write_text(_for_a_shell(own))
    return {**os.environ, **own}


def _for_a_shell(environ: Mapping[str, str]) -> str:
    """Return lines for a shell to read, so that commands work beside a running demo; secrets stand in files."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environ.items())


def secret_file(file: Path) -> Path:
    """Write a random secret that only its owner can read, unless the file is there; return the file."""
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as output:
            output.write(secrets.token_urlsafe(50))
    return file


def demo_password(var: Path) -> str:
    """Return the password of all demo accounts: random, made once, kept in a file for the next start."""
    file = secret_file(var / "secrets" / "password")
    plain = "".join(sign for sign in file.read_text() if sign.isalnum()).lower()
    return "-".join(plain[start : start + 5] for start in (0, 5, 10, 15))


def require_free(port: int) -> None:
    """Raise ``PortTaken`` when another program listens on the port."""
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((HOST, port))
        except OSError as problem:
            if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            raise PortTaken(str(port)) from problem


def free_port() -> int:
    """Return a port of the loopback that nobody uses at this moment."""
    with socket.socket() as line:
        line.bind((HOST, 0))
        return int(line.getsockname()[1])

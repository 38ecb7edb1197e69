"""Real processes of the house, to be started, stopped and killed: Celery workers, sweeps, commands."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connections

ROOT = Path(__file__).resolve().parents[2]
URL_OF_ALIAS = {
    "default": "DATABASE_URL",
    "archive": "ARCHIVE_DATABASE_URL",
    "keyring": "KEYRING_DATABASE_URL",
}


class Process:
    """One child in a process group of its own, so that killing it takes its pool with it."""

    def __init__(self, child: subprocess.Popen[bytes], log: Path) -> None:
        self.child, self.log = child, log

    @property
    def pid(self) -> int:
        return self.child.pid

    def running(self) -> bool:
        return self.child.poll() is None

    def kill(self) -> None:
        """``kill -9`` of the child and of everything it started; nothing gets a chance to tidy up."""
        self._signal(signal.SIGKILL)
        self.child.wait()

    def stop(self, seconds: float = 60) -> int:
        """Ask the child to end and return its exit code; kill the group if it does not."""
        if self.running():
            self.child.terminate()
        try:
            return self.child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def wait(self, seconds: float = 60) -> int:
        """Wait until the child ends by itself and return its exit code."""
        return self.child.wait(timeout=seconds)

    def said(self) -> str:
        """Return what the child printed so far."""
        return self.log.read_text(errors="replace")

    def _signal(self, number: int) -> None:
        try:
            os.killpg(self.child.pid, number)
        except ProcessLookupError:
            return


@contextmanager
def command(*arguments: str, log: Path, **environ: str) -> Iterator[Process]:
    """Run ``manage.py ARGUMENTS`` on the databases of this test; whatever is left is killed at the end."""
    yield from _run([sys.executable, "manage.py", *arguments], log, environ)


@contextmanager
def sweep(entry: str, *, at: str, log: Path, **environ: str) -> Iterator[Process]:
    """Run one timetable entry by hand in a process of its own."""
    with command("sweep", entry, "--at", at, log=log, **environ) as process:
        yield process


@contextmanager
def celery_worker(
    *,
    log: Path,
    beat: bool = False,
    queues: str = "notices,requests,retention,disclosures",
    **environ: str,
) -> Iterator[Process]:
    """Run a real Celery worker on the broker of the settings."""
    program = [sys.executable, "-m", "celery", "-A", "compliance", "worker", "--loglevel=INFO"]
    options = [f"--queues={queues}", "--concurrency=1", *(["--beat"] if beat else [])]
    yield from _run([*program, *options], log, environ)


def _run(program: list[str], log: Path, extra: dict[str, str]) -> Iterator[Process]:
    with log.open("ab") as output:
        child = subprocess.Popen(
            program,
            cwd=ROOT,
            env=child_environment() | extra,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process = Process(child, log)
    try:
        yield process
    finally:
        process.kill()


def child_environment() -> dict[str, str]:
    """Return the environment in which a child sees the databases, mail server and keys of this test."""
    own = {
        "DJANGO_SETTINGS_MODULE": "compliance.settings",
        "EMAIL_URL": f"smtp://{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
        "KEK_DIR": str(settings.KEK_DIR),
    }
    return {
        **os.environ,
        **own,
        **{URL_OF_ALIAS[alias]: database_url(alias) for alias in URL_OF_ALIAS},
    }


def database_url(alias: str) -> str:
    """Return the URL of a test database; test workers have names of their own."""
    now = connections[alias].settings_dict
    if "sqlite3" in now["ENGINE"]:
        return f"sqlite:///{now['NAME']}"
    password = f":{now['PASSWORD']}" if now["PASSWORD"] else ""
    return f"postgresql://{now['USER']}{password}@{now['HOST']}:{now['PORT']}/{now['NAME']}"


def wait_until(true: Callable[[], bool], *, seconds: float = 30, pause: float = 0.05) -> None:
    """Return as soon as ``true()`` holds; fail with ``TimeoutError`` if it never does."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not true after {seconds:.0f} s")
        time.sleep(pause)

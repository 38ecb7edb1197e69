"""Find PostgreSQL and Redis for the tests, or start them, and run a command against them.

``python -m tests.tools.servers COMMAND ...`` looks, for each server, at the environment, then at the usual
local port, then at binaries it can start itself as an unprivileged user. Where nothing is found the part is
skipped and said so; with ``CI=true`` that is a failure. Nothing that was running before is touched: databases
get names of this run, Redis an empty database number.
"""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psycopg
import redis

from tests.tools.embedded_postgres import running_postgres
from tests.tools.ports import free_port

DATABASES = {
    "DATABASE_URL": "office",
    "ARCHIVE_DATABASE_URL": "archive",
    "KEYRING_DATABASE_URL": "keyring",
}
REDIS_NUMBERS = 16
LOCAL_USERS = ("postgres", os.environ.get("USER", "root"))


class ServerMissing(RuntimeError):
    """A server that the tests need is neither running nor startable."""


def main(command: list[str]) -> int:
    """Run the command with the servers in its environment and return its exit code."""
    with contextlib.ExitStack() as stack:
        try:
            found = {**stack.enter_context(postgres()), **stack.enter_context(redis_server())}
        except ServerMissing as problem:
            return _skipped(str(problem))
        environ = {**os.environ, **found, "TEST_SERVERS": "1"}
        print(f"Servers: {describe(environ)}", flush=True)
        return subprocess.call(command, env=environ)


def _skipped(reason: str) -> int:
    print(f"SKIPPED: the part on PostgreSQL and Redis did not run: {reason}", file=sys.stderr)
    return int(os.environ.get("CI") == "true")


def describe(environ: Mapping[str, str]) -> str:
    """Say in a few words which servers a run uses, without passwords."""
    if not environ.get("TEST_SERVERS"):
        return "SQLite, no Redis"
    hosts = (environ.get(name, "").rpartition("@")[2] for name in ("DATABASE_URL", "REDIS_URL"))
    return " and ".join(host for host in hosts if host)


@contextlib.contextmanager
def postgres() -> Iterator[dict[str, str]]:
    """Yield the three database URLs."""
    if all(os.environ.get(name) for name in DATABASES):
        yield {name: os.environ[name] for name in DATABASES}
        return
    with contextlib.ExitStack() as stack:
        base = _local_postgres() or _started(stack, running_postgres, "PostgreSQL")
        run = secrets.token_hex(4)
        yield {name: f"{base}/{purpose}_{run}" for name, purpose in DATABASES.items()}


def _local_postgres() -> str:
    for user in LOCAL_USERS:
        base = f"postgresql://{user}@127.0.0.1:5432"
        with contextlib.suppress(psycopg.Error):
            psycopg.connect(f"{base}/postgres", connect_timeout=2).close()
            return base
    return ""


@contextlib.contextmanager
def redis_server() -> Iterator[dict[str, str]]:
    """Yield the Redis URL."""
    if os.environ.get("REDIS_URL"):
        yield {"REDIS_URL": os.environ["REDIS_URL"]}
        return
    with contextlib.ExitStack() as stack:
        yield {"REDIS_URL": _local_redis() or _started(stack, running_redis, "Redis")}


def _local_redis(base: str = "redis://127.0.0.1:6379") -> str:
    """Return the URL of the last of some empty databases of a Redis on the usual port, empty if there are none.

    Test workers count down from it, so there is one for each core.
    """
    wanted, found = min(os.cpu_count() or 1, REDIS_NUMBERS - 1), 0
    with contextlib.suppress(redis.RedisError):
        for number in range(1, REDIS_NUMBERS):
            with redis.Redis.from_url(f"{base}/{number}", socket_timeout=2) as client:
                found = found + 1 if client.dbsize() == 0 else 0
            if found == wanted:
                return f"{base}/{number}"
    return ""


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    """Start a Redis of our own with append-only file and yield its URL."""
    binary = shutil.which("redis-server")
    if not binary:
        raise ServerMissing("no Redis runs here and redis-server is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        options = [
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--dir",
            folder,
            "--appendonly",
            "yes",
        ]
        process = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        try:
            url = f"redis://127.0.0.1:{port}/{REDIS_NUMBERS - 1}"
            wait_for(lambda: _answers(url), "Redis")
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


def _answers(url: str) -> bool:
    with contextlib.suppress(redis.RedisError), redis.Redis.from_url(url) as client:
        return bool(client.ping())
    return False


def wait_for(ready: Callable[[], bool], what: str, seconds: float = 30) -> None:
    """Return as soon as ``ready()`` is true; raise ``ServerMissing`` if it never is."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise ServerMissing(f"{what} did not become ready in {seconds:.0f} s")
        time.sleep(0.05)


def _started(
    stack: contextlib.ExitStack,
    start: Callable[[], contextlib.AbstractContextManager[str]],
    what: str,
) -> str:
    try:
        return stack.enter_context(start())
    except (OSError, subprocess.SubprocessError) as problem:
        raise ServerMissing(f"{what} could not be started: {problem}") from problem


def scratch_folder() -> Path:
    """Return the folder that this run uses in place of ``var/``."""
    return Path(os.environ["VAR_DIR"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

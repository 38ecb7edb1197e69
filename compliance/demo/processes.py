"""The processes of a demo: start them, watch them, end them together."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from compliance.celery import QUEUES

PATIENCE = 20.0


class Child:
    """One process in a group of its own: Ctrl-C reaches only the demo, which then ends it in order.

    It inherits the lock of the demo, so that a process left behind keeps the folder taken.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, environ: dict[str, str], log: Path, lock: int
    ) -> None:
        self.name, self.log = name, log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock,),
            )  # nosec B603  # a fixed command of our own, no shell

    def ending(self) -> str:
        """Say how the process ended, empty while it runs."""
        code = self.process.poll()
        if code is None:
            return ""
        return f"killed by signal {-code}" if code < 0 else f"exit code {code}"

    def signal(self, number: int) -> None:
        """Send a signal to the process and everything it started."""
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            return


def web_server(port: int, *, host: str, environ: dict[str, str], log: Path, lock: int) -> Child:
    """Start granian."""
    options = ["--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"]
    threads = ["--workers", "1", "--blocking-threads", "4"]
    command = ["-m", "granian", *options, *threads, "compliance.wsgi:application"]
    return Child("web server", command, environ=environ, log=log, lock=lock)


def worker(*, environ: dict[str, str], log: Path, lock: int) -> Child:
    """Start the one worker, with beat inside: the folder broker has no locks, so nobody else may publish."""
    command = ["-m", "celery", "-A", "compliance", "worker", "--beat", "--concurrency", "1"]
    options = [
        "--queues",
        ",".join(QUEUES),
        "--loglevel",
        "INFO",
        "--without-mingle",
        "--without-gossip",
    ]
    return Child("worker", [*command, *options], environ=environ, log=log, lock=lock)


def wait_for_answer(address: str, children: Sequence[Child], *, seconds: float = 40) -> bool:
    """Return ``True`` as soon as the address answers, ``False`` if a child ends first or time runs out."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not any(child.ending() for child in children):
        if _answers(address):
            return True
        time.sleep(0.1)
    return False


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):  # nosec B310  # the loopback address of our own server
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wait_for_ending(children: Sequence[Child]) -> Child:
    """Return the first child that ends by itself; a signal to the demo breaks the wait."""
    while True:
        for child in children:
            if child.ending():
                return child
        time.sleep(0.2)


def stop(children: Sequence[Child]) -> None:
    """Ask all children to end, wait, and kill what is left."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    for child in children:
        try:
            child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.signal(signal.SIGKILL)
            child.process.wait()

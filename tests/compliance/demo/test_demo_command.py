"""``manage.py demo`` from nothing to an answering house, as a person would run it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from compliance.demo.environment import HOST, free_port
from tests.tools import source


class Demo:
    """A running ``manage.py demo`` and what it says."""

    def __init__(self, child: subprocess.Popen[str], log) -> None:
        self.child, self.log = child, log

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, words: str, seconds: float = 300) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert self.child.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def end(self, seconds: float = 120) -> int:
        self.child.send_signal(signal.SIGINT)
        return self.child.wait(timeout=seconds)


@contextmanager
def demo(folder, port: int):
    environ = os.environ | {
        "VAR_DIR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "compliance.settings",
    }
    command = [sys.executable, "manage.py", "demo", "--port", str(port), "--members", "4"]
    log = folder / f"said-{time.monotonic_ns()}.txt"
    with log.open("w") as output:
        child = subprocess.Popen(
            command, cwd=source.ROOT, env=environ, stdout=output, stderr=output
        )
    try:
        yield Demo(child, log)
    finally:
        child.terminate()
        child.wait(timeout=120)


def worker_pid(folder) -> int:
    return int((folder / "var" / "demo.lock").read_text().split()[1])


def beside(running) -> str:
    """Type the command that the demo names for use beside it, in a shell that knows nothing else."""
    command = re.search(r"Commands beside it: (.+)", running.said())
    assert command
    done = subprocess.run(
        ["sh", "-c", command[1]], cwd=source.ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def status(address: str) -> int:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status


def test_a_taken_port_is_refused_with_the_way_out(tmp_path):
    with socket.socket() as line:
        line.bind((HOST, 0))
        line.listen()
        port = line.getsockname()[1]
        with demo(tmp_path, port) as refused:
            assert refused.child.wait(timeout=120) == 1
        assert f"make demo PORT={port + 1}" in refused.said()


def test_the_demo_starts_stops_and_goes_on_with_its_data(tmp_path):
    port = free_port()
    with demo(tmp_path, port) as first:
        first.wait_for("Ctrl-C stops everything.")
        assert status(f"http://{HOST}:{port}/demo/mail/") == 200
        assert status(f"http://{HOST}:{port}/office/login/") == 200
        assert "is whole" in beside(first)
        password = re.search(r"password of all: (\S+)\)", first.said())
        assert first.end() == 0
        assert "has stopped" in first.said()
    with demo(tmp_path, port) as second:
        second.wait_for("Ctrl-C stops everything.")
        assert password
        assert password[1] in second.said()
        os.kill(worker_pid(tmp_path), signal.SIGKILL)
        assert second.child.wait(timeout=120) == 1
        assert "The worker stopped by itself (killed by signal 9)" in second.said()


@pytest.mark.parametrize("option", ["--help"])
def test_the_demo_explains_itself(option):
    command = [sys.executable, "manage.py", "demo", option]
    done = subprocess.run(command, cwd=source.ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert "--port" in done.stdout

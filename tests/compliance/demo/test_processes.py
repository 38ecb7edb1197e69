"""The demo ends all its processes together, however they behave."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest

from compliance.demo import environment, lock, processes

STUBBORN = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
PARENT = "import subprocess,sys,time; c=subprocess.Popen(['sleep','60']); print(c.pid, flush=True); time.sleep(60)"


@pytest.fixture
def start(tmp_path):
    held = lock.take(tmp_path / "demo.lock")
    started = []

    def run(code: str) -> processes.Child:
        log = tmp_path / f"{len(started)}.log"
        child = processes.Child(
            "part", ["-c", code], environ=dict(os.environ), log=log, lock=held.fileno()
        )
        started.append(child)
        return child

    with held:
        yield run
        processes.stop(started)


def said(child: processes.Child) -> str:
    for _ in range(200):
        if words := child.log.read_text().strip():
            return words
        time.sleep(0.02)
    raise AssertionError("the child said nothing")


def alive(pid: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE, text=True, check=False
    )
    return bool(state.stdout.strip()) and not state.stdout.startswith("Z")


def test_a_child_that_was_killed_is_noticed_and_named(start):
    quiet, killed = start("import time; time.sleep(60)"), start("import time; time.sleep(60)")
    killed.signal(signal.SIGKILL)
    assert processes.wait_for_ending([quiet, killed]) is killed
    assert killed.ending() == "killed by signal 9"


def test_a_child_that_fails_says_its_exit_code(start):
    assert processes.wait_for_ending([start("raise SystemExit(3)")]).ending() == "exit code 3"


def test_stopping_takes_the_whole_group_and_kills_who_does_not_listen(start, monkeypatch):
    monkeypatch.setattr(processes, "PATIENCE", 0.5)
    stubborn, parent = start(STUBBORN), start(PARENT)
    said(stubborn)
    grandchild = int(said(parent))
    processes.stop([stubborn, parent])
    assert stubborn.ending() == "killed by signal 9"
    time.sleep(0.1)
    assert not alive(grandchild)


def test_a_second_demo_is_refused_while_a_process_of_the_first_lives(tmp_path):
    file = tmp_path / "demo.lock"
    held = lock.take(file)
    left_behind = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(held.fileno(),)
    )
    lock.name_holders(held, [left_behind.pid])
    held.close()
    with pytest.raises(lock.AlreadyRunning, match=str(left_behind.pid)):
        lock.take(file)
    left_behind.communicate(b"\n")
    lock.take(file).close()


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    first = environment.prepare(tmp_path / "var", port=8000, mail_port=1025)
    file = tmp_path / "var" / "secrets" / "secret_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700
    before = file.read_text()
    assert len(before) >= 50
    environment.prepare(tmp_path / "var", port=8000, mail_port=1025)
    assert file.read_text() == before
    assert before not in first.values()


def test_a_demo_never_uses_the_servers_of_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://office@db.example.com/office")
    assert environment.prepare(tmp_path, port=8000, mail_port=1025)["DATABASE_URL"] == ""


def test_a_taken_port_is_noticed():
    with socket.socket() as line:
        line.bind((environment.HOST, 0))
        line.listen()
        with pytest.raises(environment.PortTaken):
            environment.require_free(line.getsockname()[1])

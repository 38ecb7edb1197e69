"""``manage.py demo``: the whole back office on this machine, with sample people."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.demo import environment, lock, mailbox, processes, steps
from compliance.demo.accounts import SAMPLES
from compliance.roles import ROLE_NAMES


class Command(BaseCommand):
    """Prepares ``var/``, starts web server, worker and mailbox, and stops them all on Ctrl-C."""

    help = "Run the back office with sample people on this machine (Ctrl-C stops it)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--port", type=int, default=8000, help="port of the web server")
        parser.add_argument("--members", type=int, default=60, help="sample people, made once")
        parser.add_argument(
            "--prepare", action="store_true", help="only take the steps before the start"
        )

    def handle(self, *, port: int, members: int, prepare: bool, **options: Any) -> None:
        """Run until a signal comes or a part fails."""
        if prepare:
            steps.run(self._say, members=members, now=timezone.now())
            return
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)
        try:
            self._run(settings.VAR_DIR, port, members)
        except KeyboardInterrupt:
            self._say(
                "\nThe demo has stopped. Its data stays under var/; make demo continues with it."
            )

    def _run(self, var: Path, port: int, members: int) -> None:
        self._require_port(port)
        mail_port = environment.free_port()
        environ = environment.prepare(var, port=port, mail_port=mail_port)
        with self._lock(var / "demo.lock") as held:
            box = mailbox.controller(var / "mail", host=environment.HOST, port=mail_port)
            box.start()
            try:
                self._prepare(environ, members)
                self._serve(var, port, environ, held)
            finally:
                box.stop()

    def _require_port(self, port: int) -> None:
        try:
            environment.require_free(port)
        except environment.PortTaken as problem:
            raise CommandError(
                f"Port {port} is used by another program. Choose another one: make demo PORT={port + 1}"
            ) from problem

    @contextlib.contextmanager
    def _lock(self, file: Path) -> Iterator[Any]:
        try:
            held = lock.take(file)
        except lock.AlreadyRunning as problem:
            raise CommandError(
                f"A demo already uses this folder (processes {problem}). Stop it first: kill {problem}"
            ) from problem
        with held:
            yield held

    def _prepare(self, environ: dict[str, str], members: int) -> None:
        self._say("Preparing the demo under var/")
        command = [sys.executable, sys.argv[0], "demo", "--prepare", "--members", str(members)]
        done = subprocess.run(command, env=environ, check=False)  # nosec B603  # our own command, no shell
        if done.returncode:
            raise CommandError("The demo could not be prepared; the reason stands above.")

    def _serve(self, var: Path, port: int, environ: dict[str, str], held: Any) -> None:
        logs = var / "log"
        children = [
            processes.web_server(
                port,
                host=environment.HOST,
                environ=environ,
                log=logs / "web.log",
                lock=held.fileno(),
            ),
            processes.worker(environ=environ, log=logs / "worker.log", lock=held.fileno()),
        ]
        try:
            lock.name_holders(held, [child.process.pid for child in children])
            address = f"http://{environment.HOST}:{port}/"
            if not processes.wait_for_answer(f"{address}livez", children):
                raise CommandError(self._failure(children, var))
            self._announce(address, var)
            processes.wait_for_ending(children)
            raise CommandError(self._failure(children, var))
        finally:
            processes.stop(children)

    def _failure(self, children: list[processes.Child], var: Path) -> str:
        for child in children:
            if child.ending():
                return (
                    f"The {child.name} stopped by itself ({child.ending()}), so the demo stops too. "
                    f"The reason is at the end of {child.log}. make demo starts it again."
                )
        return f"The web server did not answer in time. See {var / 'log' / 'web.log'}."

    def _announce(self, address: str, var: Path) -> None:
        password = environment.demo_password(var)
        self._say(f"\nPrivacy Back Office runs at {address}")
        self._say(f"  For officers    {address}office/")
        self._say(f"  For members     {address}en/")
        self._say(f"  Mail sent       {address}demo/mail/")
        self._say(f"\nAccounts for {address}office/ (password of all: {password})")
        for sample in SAMPLES:
            self._say(f"  {sample.email:<24}{ROLE_NAMES[sample.role]}")
        self._say(
            f"\nCommands beside it: . {var / 'demo.env'}; {sys.executable} manage.py verify_ledger"
        )
        self._say("\nCtrl-C stops everything.")

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _interrupt(number: int, frame: Any) -> None:
    raise KeyboardInterrupt

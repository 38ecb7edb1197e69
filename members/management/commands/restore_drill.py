"""``manage.py restore_drill``: prove on scratch copies that a restore brings nobody back who was destroyed."""

import json
import os
import shutil
import subprocess  # nosec B404 - this program itself
import sys
import tempfile
from argparse import SUPPRESS
from pathlib import Path
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from compliance.restore import by_hand
from compliance.restore.words import words_of
from members.restore_drill import steps
from members.restore_drill.copies import FOLDER, PREFIX, URLS, Copies, CopyFailed

PARTS = (("default",), ("archive",), ("keyring",), ("default", "archive", "keyring"))
BACKUP, LATER = "backup", "later"
ZERO = ("readable", "mailable", "unreadable", "not_in_force")
COLUMNS = ("found", "closed", "came_back", *ZERO, "opened", "seconds")


class Command(BaseCommand):
    """Exit status: 0 all parts kept the promise, 1 one did not. The live databases are only read."""

    help = "Back up copies of this installation, let people leave, put each backup back, and look."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many people, and whether the copies stay."""
        parser.add_argument("--people", type=int, default=50, help="who leaves (default 50)")
        parser.add_argument("--keep", action="store_true", help="leave the copies where they are")
        parser.add_argument("--step", choices=["prepare", "leave", "check"], help=SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the drill, or one step of it in a child."""
        if options["step"]:
            self.stdout.write(json.dumps(_step(options["step"], options["people"])))
            return
        os.umask(0o077)
        folder = Path(tempfile.mkdtemp(prefix="restore-drill-"))
        copies = Copies(folder)
        try:
            failed = self._drill(copies, options["people"])
        except CopyFailed as error:
            raise CommandError(_("A copy failed: %(what)s") % {"what": error}) from error
        finally:
            if options["keep"]:
                self.stdout.write(_("The copies are in %(folder)s") % {"folder": folder})
            else:
                copies.drop()
                shutil.rmtree(folder, ignore_errors=True)
        if failed:
            raise CommandError(_("The drill failed: %(parts)s") % {"parts": ", ".join(failed)})
        self.stdout.write(_("The drill kept every promise."))

    def _drill(self, copies: Copies, people: int) -> list[str]:
        copies.take()
        ready = _child(copies, "prepare", people)
        if ready["found"]:
            names = ", ".join(ready["found"])
            raise CommandError(
                _(
                    "The copies do not agree (%(names)s). Run the drill when nobody works; if it says so "
                    "again, see: manage.py restore status"
                )
                % {"names": names}
            )
        copies.save(BACKUP)
        left = _child(copies, "leave", people)
        copies.save(LATER)
        self.stdout.write(
            _("%(people)d people left, %(records)d records destroyed.")
            % {"people": ready["people"], "records": left["destroyed"]}
        )
        self._row("", COLUMNS)
        return [name for name in map("+".join, PARTS) if not self._part(copies, name, people)]

    def _part(self, copies: Copies, name: str, people: int) -> bool:
        """Put some backups back, look, and say whether the promise was kept."""
        start = monotonic()
        copies.put_tail_back(LATER)
        for alias in URLS:
            copies.put_back(alias, BACKUP if alias in name.split("+") else LATER)
        result = _child(copies, "check", people)
        result["found"] = set(result["found"]) == set(name.split("+"))
        result["seconds"] = round(monotonic() - start, 1)
        self._row(name, [str(result[column]) for column in COLUMNS])
        self._explain(result)
        kept = result["found"] and result["closed"] and result["opened"]
        return kept and not any(result[column] for column in ZERO)

    def _explain(self, result: dict[str, Any]) -> None:
        """Say under a row in words what was repeated and what a person would have to do."""
        for code, count in sorted(result["counts"].items()):
            self.stdout.write(f"    {count} × {words_of(code)}")
        for code, count in sorted(result["left"].items()):
            left = _("left for a person, as expected of an older copy")
            self.stdout.write(f"    {count} × {code}, {left}: {by_hand.words(code)}")

    def _row(self, name: str, cells: Any) -> None:
        self.stdout.write((f"{name:<25}" + "".join(f"{cell:<13}" for cell in cells)).rstrip())


def _step(step: str, people: int) -> dict[str, Any]:
    folder = Path(_scratch())
    now = timezone.now()
    if step == "prepare":
        return steps.prepare(folder, people, now=now)
    return steps.leave(folder, now=now) if step == "leave" else steps.check(folder, now=now)


def _scratch() -> str:
    """Return the folder of the drill; refuse to take a step on anything but scratch copies."""
    folder = os.environ.get(FOLDER, "")
    names = [str(connections[alias].settings_dict["NAME"]) for alias in URLS]
    if not folder or not all(n.startswith((PREFIX, f"{folder}/")) for n in names):
        raise CommandError(_("A step of the drill runs on its copies only."))
    return folder


def _child(copies: Copies, step: str, people: int) -> dict[str, Any]:
    done = subprocess.run(  # nosec B603 - this program itself
        [sys.executable, "manage.py", "restore_drill", "--step", step, "--people", str(people)],
        cwd=settings.BASE_DIR,
        env=copies.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["-"])[-1]
        raise CommandError(
            _("Step %(step)s of the drill failed: %(error)s") % {"step": step, "error": last}
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))

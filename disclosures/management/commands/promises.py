"""``manage.py promises``: the promise board on the command line, every promise with its verdict and evidence."""

import json
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from compliance import obligations, promise_board
from compliance.actions import promise_check
from compliance.models import Service
from compliance.restore.commands import OpenCommand
from compliance.rules.promises import Verdict

ORDER = tuple(verdict.value for verdict in reversed(Verdict))


class Command(OpenCommand):
    """Looks now; with ``--check`` the verdicts are written down as well."""

    help = "Show every promise with its verdict: " + ", ".join(ORDER)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare service, format, writing down, and what makes the exit status 1."""
        parser.add_argument("--service", default="", help="only this service")
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument(
            "--check", action="store_true", help="write the verdicts down, as every night"
        )
        parser.add_argument(
            "--fail-on", choices=ORDER, default="", help="exit with 1 if there is one of these"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, print, and end with 1 only where it was asked for."""
        slug = options["service"]
        if slug and not promise_board.known(slug):
            raise CommandError(f"There is no service {slug!r}.")
        now = timezone.now()
        if options["check"]:
            for service in (
                Service.objects.filter(slug=slug) if slug else Service.objects.order_by("slug")
            ):
                promise_check.check_service(service, now=now)
        rows = promise_board.rows(service=slug, now=now)
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            self._print(rows)
        if any(row["verdict"] == options["fail_on"] for row in rows):
            raise SystemExit(1)

    def _print(self, rows: list[dict[str, Any]]) -> None:
        for slug in dict.fromkeys(row["service"] for row in rows):
            mine = [row for row in rows if row["service"] == slug]
            counts = Counter(row["verdict"] for row in mine)
            told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in ORDER if counts[verdict])
            self.stdout.write(f"\n{slug}: {len(mine)} promises, {told}")
            for verdict in ORDER:
                self._print_verdict(verdict, [row for row in mine if row["verdict"] == verdict])

    def _print_verdict(self, verdict: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.stdout.write(f"  {verdict}")
        for row in rows:
            entry = obligations.get(row["code"])
            self.stdout.write(
                f"    {row['code']:14} {row['clause']:10} {entry.title if entry else ''}"
            )
            for reason in dict.fromkeys(_reasons(row, verdict)):
                self.stdout.write(f"{'':19}{reason}")


def _reasons(row: dict[str, Any], verdict: str) -> list[str]:
    """What speaks for the verdict, for everything that is not kept. Example: ``retention_rule_met overdue=1``."""
    if verdict == Verdict.KEPT:
        return []
    lines = [line for line in row["evidence"] if line.get("verdict", verdict) == verdict]
    return [_short(line) for line in lines]


def _short(line: dict[str, Any]) -> str:
    hidden = ("check", "clause", "verdict", "page")
    told = {name: value for name, value in line.items() if value and name not in hidden}
    facts = " ".join(f"{name}={value}" for name, value in told.items())
    return f"{line['check']} {facts}".strip()

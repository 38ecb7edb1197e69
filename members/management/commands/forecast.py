"""``manage.py forecast --service mikmik``: what will be destroyed, released and set apart, day by day."""

import csv
import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from compliance.models import Service
from compliance.restore.commands import OpenCommand
from members import forecast
from members.forecast import Forecast
from members.rules import forecast as rules

COLUMNS = ("day", "act", "clause", "rule", "record_class", "count", "held")


class Command(OpenCommand):
    """Reads only; numbers and days, nothing about a person."""

    help = "Say what will be destroyed, released and set apart on each day if nothing changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the service, the number of months and the format."""
        parser.add_argument("--service", required=True, help="short name, such as mikmik")
        parser.add_argument("--months", type=int, default=forecast.MONTHS)
        parser.add_argument("--format", choices=["text", "json", "csv"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the forecast."""
        service = Service.objects.filter(slug=options["service"]).first()
        if service is None:
            raise CommandError(f"There is no service {options['service']!r}.")
        found = forecast.of_service(service, now=timezone.now(), months=options["months"])
        {"text": self._text, "json": self._json, "csv": self._csv}[options["format"]](found)

    def _text(self, found: Forecast) -> None:
        self.stdout.write(f"{found.service.slug}, {found.today} to {found.last}")
        for day in rules.by_day(found.lines):
            held = f", {day.held} under a hold" if day.held else ""
            parts = [f"{act} {n} ({clause or '-'})" for (act, clause), n in day.by_series.items()]
            self.stdout.write(f"{day.first}  {', '.join(parts)}{held}")

    def _json(self, found: Forecast) -> None:
        lines = [asdict(line) | {"day": line.day.isoformat()} for line in found.lines]
        head = {"service": found.service.slug, "today": str(found.today), "last": str(found.last)}
        self.stdout.write(json.dumps(head | {"lines": lines}))

    def _csv(self, found: Forecast) -> None:
        writer = csv.DictWriter(self.stdout, COLUMNS)
        writer.writeheader()
        writer.writerows(asdict(line) for line in found.lines)

"""``manage.py sample_dormancy``: sample members who stopped coming, for the pages about dormancy in a demo."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext

from compliance.models import Service
from compliance.restore.commands import OpenCommand
from members.imports import sample_dormancy

EXIT_USAGE = 2


class Command(OpenCommand):
    """Exit status: 0 done, 2 where this is no demo, because messages are sent. The second time adds nobody."""

    help = "Make sample members who have not come for a year, in the services of a demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the seed."""
        parser.add_argument(
            "--seed", type=int, default=7, help="the same seed makes the same people"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Put them in, service by service."""
        if not settings.DEMO:
            text = gettext("Only a demo may have months that never were: set DEMO.")
            raise CommandError(text, returncode=EXIT_USAGE)
        now = timezone.now()
        for service in Service.objects.live().filter(is_demo=True).order_by("slug"):
            sample_dormancy.put_in(service, seed=options["seed"], now=now)

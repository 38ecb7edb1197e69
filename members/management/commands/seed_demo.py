"""``manage.py seed_demo --members N --seed S``: sample people in three languages, for trying things out."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import Progress

from compliance.models import Service
from compliance.restore.commands import OpenCommand
from members.imports import samples

EXIT_USAGE = 2


class Command(OpenCommand):
    """Exit status: 0 done, 2 wrong call or real people there. The same seed again adds nobody."""

    help = "Make sample people, orders and histories. Marks the services as samples."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare how many, which seed and which services."""
        parser.add_argument("--members", type=int, default=200, help="members in all (default 200)")
        parser.add_argument(
            "--seed", type=int, default=7, help="the same seed makes the same people"
        )
        parser.add_argument(
            "--service", action="append", default=[], help="only this one; repeatable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Open the services with sample answers, then put people in."""
        services = self._services(options["service"])
        if options["members"] < 1:
            raise CommandError(gettext("At least one member, please."), returncode=EXIT_USAGE)
        now = timezone.now()
        for service in services:
            samples.open_service(service, now=now)
        shares = _shares(options["members"], len(services))
        console = Console(file=self.stdout, force_terminal=None, highlight=False)
        with Progress(
            console=console, transient=True, disable=not self.stdout.isatty()
        ) as progress:
            for service, members in zip(services, shares, strict=True):
                task = progress.add_task(service.name, total=members)
                made = 0
                for count in samples.put_in(service, members, seed=options["seed"], now=now):
                    made += count
                    progress.advance(task, count)
                self.stdout.write(
                    f"{service.slug}: " + gettext("%(count)s people") % {"count": made}
                )

    def _services(self, slugs: list[str]) -> list[Service]:
        known = Service.objects.filter(versions__state="in_effect").distinct().order_by("slug")
        found = list(known.filter(slug__in=slugs) if slugs else known)
        missing = set(slugs) - {service.slug for service in found}
        if missing or not found:
            names = ", ".join(sorted(missing)) or "-"
            text = gettext("No service with a policy in force: %(names)s") % {"names": names}
            raise CommandError(text, returncode=EXIT_USAGE)
        real = [service.slug for service in found if samples.has_real_people(service)]
        if real:
            text = gettext("These services hold real people: %(names)s") % {
                "names": ", ".join(real)
            }
            raise CommandError(text, returncode=EXIT_USAGE)
        return found


def _shares(members: int, services: int) -> list[int]:
    """Spread people over services, the first ones get the remainder."""
    each, rest = divmod(members, services)
    return [each + (place < rest) for place in range(services)]

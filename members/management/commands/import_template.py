"""``manage.py import_template --service mikmik --kind member``: an empty file with the right columns."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from compliance.selectors import policy_in_force, policy_values
from members.imports.command import EXIT_USAGE, service_named
from members.imports.formats import extension_of
from members.imports.template import template_file
from members.rules.import_columns import kinds_of


class Command(BaseCommand):
    """Exit status: 0 written, 2 wrong call."""

    help = "Write the header of an import file, by the items of the policy; without passwords."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare service, kind and place."""
        parser.add_argument("--service", required=True, help="short name of the service")
        parser.add_argument("--kind", default="member", help="kind of person, or: events")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="CSV, or XLSX where the name ends so; without it: CSV to standard output",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the template of one kind."""
        version = policy_in_force(service_named(options["service"]))
        if version is None:
            text = gettext("This service has no policy in force.")
            raise CommandError(text, returncode=EXIT_USAGE)
        policy, output = policy_values(version), options["output"]
        try:
            extension = extension_of(output.name) if output else "csv"
            data = template_file(policy, options["kind"], extension=extension)
        except KeyError:
            words = gettext("The policy knows no such kind. Known: %(known)s")
            known = ", ".join([*kinds_of(policy), "events"])
            raise CommandError(words % {"known": known}, returncode=EXIT_USAGE) from None
        if output:
            output.write_bytes(data)
        else:
            self.stdout.write(data.decode("utf-8-sig"), ending="")

"""Check the database roles in use, or print the SQL that makes them."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from compliance import database_roles
from compliance.database_roles import Names


class Command(BaseCommand):
    """Without options it checks; ``--sql`` prints what a superuser and the owner have to run."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Names of databases and roles."""
        parser.add_argument("--sql", action="store_true", help="print the SQL")
        for name, default in vars(Names()).items():
            parser.add_argument(f"--{name.replace('_', '-')}", default=default)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the SQL in three parts, or what is wrong; exit code 1 if something is."""
        if options["sql"]:
            self._print(Names(**{name: options[name] for name in vars(Names())}))
            return
        if connections["default"].vendor != "postgresql":
            self.stdout.write("SQLite has no roles; the modes of the files stand for them.")
            return
        found = list(database_roles.problems())
        for code, words in found:
            self.stdout.write(f"{code}: {words}")
        if found:
            raise CommandError(f"{len(found)} problems with the database roles")
        self.stdout.write("The three roles are apart; the app can only read and append the ledger.")

    def _print(self, names: Names) -> None:
        parts = (
            ("1. As a superuser, once per server", database_roles.server_sql(names)),
            (
                f"2. As a superuser in {names.default}, before the first migration",
                database_roles.before_migrate_sql(names),
            ),
            (
                f"3. As {names.owner_role} in {names.default}, after each migration",
                database_roles.after_migrate_sql(names),
            ),
        )
        for title, statements in parts:
            self.stdout.write(f"-- {title}")
            for statement in statements:
                self.stdout.write(f"{statement};")
            self.stdout.write("")

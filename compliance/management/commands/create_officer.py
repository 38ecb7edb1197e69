"""`manage.py create_officer --email a@b.c --name "Kim Mina" --service mikmik --role chief_officer`."""

from __future__ import annotations

import secrets
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from compliance.actions import account as account_actions
from compliance.models import Account, Service
from compliance.restore.commands import OpenCommand
from compliance.roles import ROLES
from compliance.rules.calendar import local_day


class Command(OpenCommand):
    """Makes the first officers; later ones are appointed in the office. Safe to repeat."""

    help = "Open a staff account if it does not exist and appoint it to one service or more."

    def add_arguments(self, parser: CommandParser) -> None:
        """E-mail, name, services, role, and where the password comes from."""
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="name that colleagues see")
        parser.add_argument(
            "--service", action="append", required=True, help="slug; may be repeated"
        )
        parser.add_argument("--role", choices=list(ROLES), default="chief_officer")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Open, appoint, and print a new password once."""
        now = timezone.now()
        services = [_service(slug) for slug in options["service"]]
        account = Account.objects.filter(email=options["email"].lower(), is_staff=True).first()
        if account is None:
            account = self._open(options, now)
        for service in services:
            account_actions.appoint(
                account,
                service,
                options["role"],
                appointed_on=local_day(now, service.timezone),
                actor=None,
                now=now,
            )
        slugs = ", ".join(service.slug for service in services)
        self.stdout.write(f"{options['role']} of {slugs}: {account.full_name} <{account.email}>")

    def _open(self, options: dict[str, Any], now: Any) -> Account:
        email = _email(options["email"])
        given = _password_from_stdin(email) if options["password_stdin"] else ""
        password = given or secrets.token_urlsafe(15)
        account = account_actions.open_staff(email, options["name"], password, actor=None, now=now)
        if not given:
            self.stdout.write(f"Password, shown only now: {password}")
        return account


def _service(slug: str) -> Service:
    service = Service.objects.filter(slug=slug).first()
    if service is None:
        known = (
            ", ".join(Service.objects.values_list("slug", flat=True))
            or "none yet; load a policy first"
        )
        raise CommandError(f"There is no service {slug}. Known: {known}.")
    return service


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise CommandError("The e-mail address is not valid.") from error
    return text


def _password_from_stdin(email: str) -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    try:
        validate_password(password, Account(email=email, is_staff=True))
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    return password

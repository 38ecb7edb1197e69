"""`manage.py reset_totp --email a@b.c`: the way back for an officer who lost the telephone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from compliance.actions import account as account_actions
from compliance.models import Account


class Command(BaseCommand):
    """Removes the second step; the password stays, and the next sign-in sets a new one up."""

    help = "Remove the second step of one staff account. The ledger keeps that it was done."

    def add_arguments(self, parser: CommandParser) -> None:
        """The account."""
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset, or say that there is no such account."""
        account = Account.objects.filter(email=options["email"].lower(), is_staff=True).first()
        if account is None:
            raise CommandError("There is no staff account with this e-mail.")
        account_actions.reset_second_factor(account, actor=None, now=timezone.now())
        self.stdout.write("The next sign-in of this officer sets up a new second step.")

"""Commands that wait while the application is closed after a restore."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.restore import guard


class OpenCommand(BaseCommand):
    """A command that changes or sends something: refused with one sentence while closed."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run if open."""
        try:
            guard.require_open()
        except guard.Closed as refusal:
            raise CommandError(str(refusal)) from None
        return super().execute(*args, **options)

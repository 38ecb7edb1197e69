"""Which commands wait while the application is closed after a restore, and which do not."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from compliance.restore import guard

# Besides these only Django's own commands run while closed, such as check and migrate. Each of them is needed to
# find out what happened and to open again, or touches no data of people.
RUN_WHILE_CLOSED = frozenset(
    {
        "restore",
        "verify_ledger",
        "verify_receipt",
        "keyring",
        "init_keys",
        "checkpoint_key",
        "database_roles",
        "reset_totp",
        "restore_drill",  # On copies; it says itself that they do not agree.
        "demo",
        "import_template",
        "compile_translations",
    }
)


class OpenCommand(BaseCommand):
    """A command that changes, sends or tells something about people: refused with one sentence while closed."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run if open."""
        try:
            guard.require_open()
        except guard.Closed as refusal:
            raise CommandError(str(refusal)) from None
        return super().execute(*args, **options)

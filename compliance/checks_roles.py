"""Start-up check: the role of the app can neither change the ledger nor open the archive or the keyring."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from compliance import database_roles


@register(Tags.database, deploy=True)
def roles_are_apart(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Only with ``check --deploy --database default``, on PostgreSQL, outside the demo."""
    if "default" not in (databases or ()) or settings.DEMO:
        return []
    hint = "Run 'manage.py database_roles --sql' and see docs/databases.md."
    return [
        Error(f"{words} ({code})", hint=hint, id="house.E011")
        for code, words in database_roles.problems()
    ]

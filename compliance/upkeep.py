"""What has to be put back after every migration: role groups and triggers."""

from typing import Any

from django.db import connections

from compliance import triggers
from compliance.roles import sync_groups


def before_migrate(*, app_config: Any, using: str, plan: Any = (), **_: Any) -> None:
    """Lift the triggers of SQLite: it cannot remake a table that the triggers of another table read."""
    if app_config.label != "compliance" or using != "default" or not plan:
        return
    if connections[using].vendor == "sqlite":
        triggers.remove(using)


def after_migrate(*, app_config: Any, using: str, **_: Any) -> None:
    """Sync role groups and (re)create triggers; SQLite drops triggers silently when it remakes a table."""
    if app_config.label != "compliance" or using != "default":
        return
    sync_groups()
    triggers.install(using)

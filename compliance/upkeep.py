"""What has to be put back after every migration: role groups and triggers."""

from typing import Any

from compliance import triggers
from compliance.roles import sync_groups


def after_migrate(*, app_config: Any, using: str, **_: Any) -> None:
    """Sync role groups and (re)create triggers; SQLite drops triggers silently when it remakes a table."""
    if app_config.label != "compliance" or using != "default":
        return
    sync_groups()
    triggers.install(using)

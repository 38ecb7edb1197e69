"""What has to be right before the house opens."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def secret_key_is_configured(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A key made at start ends every session at every restart and differs between processes."""
    if settings.SECRET_KEY_CONFIGURED:
        return []
    return [
        Error("SECRET_KEY is not set.", hint="Set SECRET_KEY or SECRET_KEY_FILE.", id="house.E001")
    ]


@register(Tags.security, deploy=True)
def demo_is_off(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The demo signs staff in without a second factor and shows all mail."""
    if not settings.DEMO:
        return []
    return [
        Warning(
            "DEMO is on: no second factor, all mail is shown.", hint="Unset DEMO.", id="house.W001"
        )
    ]

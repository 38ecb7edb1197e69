"""How cookies are refused in the browsers of today, with the day on which it was written (LEJ-CK-4)."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

WRITTEN_ON = date(2026, 11, 25)
BROWSERS: Sequence[tuple[str, Any]] = (
    (
        "Chrome",
        _(
            "Settings, Privacy and security: Third-party cookies for those of others. "
            "For all cookies: Site settings, Additional content settings, On-device site data."
        ),
    ),
    (
        "Edge",
        _("Settings, Privacy, search, and services, Cookies."),
    ),
    (
        "Firefox",
        _("Settings, Privacy & Security, Enhanced Tracking Protection: Custom, Cookies."),
    ),
    (
        "Safari (Mac)",
        _("Settings, Advanced: Block all cookies."),
    ),
    (
        "Safari (iPhone, iPad)",
        _("Settings, Apps, Safari, Advanced: Block All Cookies."),
    ),
)

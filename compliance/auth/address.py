"""The network address of a caller, also behind proxies that the installation names."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """REMOTE_ADDR; or, if that is one of `TRUSTED_PROXIES`, the last address no proxy of ours wrote.

    Example: with TRUSTED_PROXIES=10.0.0.1 and `X-Forwarded-For: 6.6.6.6, 192.0.2.7` from 10.0.0.1
    the caller is 192.0.2.7; what a caller claims further left is not believed.
    """
    direct = str(request.META.get("REMOTE_ADDR", ""))
    trusted = set(settings.TRUSTED_PROXIES)
    if direct not in trusted:
        return direct
    claimed = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    hops = [hop.strip() for hop in claimed if hop.strip()]
    return next((hop for hop in reversed(hops) if hop not in trusted), direct)

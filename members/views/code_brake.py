"""How many codes one network address may ask for: sixty an hour, whoever they are for."""

from datetime import datetime

from django.http import HttpRequest

from compliance.auth import throttle
from compliance.auth.address import client_address
from compliance.keyring import digests


def blocked_until(request: HttpRequest, *, now: datetime) -> datetime | None:
    """Count one more code asked for from this network address; return the end of its block, or None."""
    keys = {"code_ip": digests.throttle("code_ip", client_address(request))}
    blocked = throttle.blocked_until(keys, now=now)
    if blocked is None:
        throttle.failed(keys, now=now)
    return blocked

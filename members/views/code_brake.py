"""How many codes one network address may ask for: sixty an hour, whoever they are for."""

from datetime import datetime

from django.http import HttpRequest

from compliance.auth import throttle
from compliance.auth.address import client_address
from compliance.keyring import digests


def blocked_until(
    request: HttpRequest, *, now: datetime, representative: str = ""
) -> datetime | None:
    """Count one more code asked for from this network address; return the end of its block, or None.

    ``representative``: the address that is asked about a child, by ten children an hour at most.
    """
    keys = {"code_ip": digests.throttle("code_ip", client_address(request))}
    if representative:
        keys["child_address"] = digests.throttle("child_address", representative)
    blocked = throttle.blocked_until(keys, now=now)
    if blocked is None:
        throttle.failed(keys, now=now)
    return blocked

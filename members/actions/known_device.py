"""Devices from which somebody signed in before: known without a cookie, which would outlive the browser (MIK-15.4).

A device is a network and a kind of browser, kept as a digest under a secret key and the number of the person. It
opens nothing: it only spares a person the brakes that others cause by guessing at their account from elsewhere.
"""

import ipaddress
import re
from datetime import datetime, timedelta

from compliance.keyring import digests
from members.models import DataSubject, KnownDevice

LIFE = timedelta(days=90)
MOST = 10
KIND = "known_device"
NOBODY = ""


def remember(subject: DataSubject, *, address: str, browser: str, now: datetime) -> None:
    """Note that a person signed in from here; of more than ten devices the longest unseen is forgotten."""
    KnownDevice.objects.update_or_create(
        subject=subject,
        digest=_digest(subject.public_id, address, browser),
        defaults={"seen_at": now},
    )
    kept = KnownDevice.objects.filter(subject=subject).order_by("-seen_at", "-pk")
    surplus = list(kept.values_list("pk", flat=True)[MOST : MOST * 2])
    if surplus:
        KnownDevice.objects.filter(pk__in=surplus).delete()


def is_known(subject: DataSubject | None, *, address: str, browser: str, now: datetime) -> bool:
    """Whether this person signed in from here within 90 days; nobody costs the same query as somebody."""
    digest = _digest(subject.public_id if subject else NOBODY, address, browser)
    rows = KnownDevice.objects.filter(digest=digest, seen_at__gt=now - LIFE)
    return rows.filter(subject=subject.pk if subject else 0).exists()


def forget_old(*, now: datetime) -> int:
    """Delete devices unseen for 90 days; return how many."""
    return KnownDevice.objects.filter(seen_at__lte=now - LIFE).delete()[0]


def destroy_of(subject: DataSubject, now: datetime) -> int:
    """Destroy what is remembered about the devices of a person."""
    return KnownDevice.objects.filter(subject=subject).delete()[0]


def _digest(public_id: str, address: str, browser: str) -> str:
    return digests.throttle(KIND, "\x1f".join((public_id, _network(address), _kind(browser))))


def _network(address: str) -> str:
    """The network of a caller: an address of version 4, the first 64 bits of one of version 6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64 if found.version == 6 else 32), strict=False))


def _kind(browser: str) -> str:
    """What a browser calls itself, without version numbers, which change every month."""
    return re.sub(r"[\d._]+", "", browser[:400])

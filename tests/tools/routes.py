"""Every address of the people's pages, filled with real things of one person or with things that do not exist."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.urls import reverse

from members import one_click, urls, urls_public
from members.actions import delivery, rights_request
from members.models import DataSubject, Record, Restriction, RightsRequest

PUBLIC_NUMBERS = ("policy_version", "policy_changes", "notice")


@dataclass(frozen=True)
class Things:
    """What the addresses of a person's own pages may name."""

    record: Any
    item: str
    reference: str
    hold: int
    token: str


def own(subject: DataSubject, *, now: datetime) -> Things:
    """Give a person one of everything that has an address, and return it."""
    open_one = _request(subject, RightsRequest.Kind.ACCESS, [], now)
    _request(subject, RightsRequest.Kind.RESTRICTION, ["name"], now)
    held = Record.objects.filter(subject=subject)
    record = next(one for one in held if "email" in one.item_codes)
    hold = Restriction.objects.filter(subject=subject).order_by("-pk").first()
    assert hold is not None
    mail = delivery.plan_receipt(
        subject, "copy_ready", "one", language="en", figures={"until": now.isoformat()}, now=now
    )
    return Things(record.pk, "email", open_one.reference, hold.pk, one_click.token(mail.pk))


def nothing() -> Things:
    """Return things of the same shape that nobody has."""
    return Things(uuid4(), "email", "ZZZZZZZZZZZZ", 2**31 - 1, f"{uuid4().hex}-{'0' * 32}")


def addresses(slug: str, things: Things, *, number: int = 1) -> dict[str, str]:
    """Return every address by its name; ``number`` is that of a version or a notice."""
    known = {"service": slug, "number": number, **vars(things)}
    found = {}
    for pattern in urls.urlpatterns:
        wanted = pattern.pattern.converters
        found[str(pattern.name)] = reverse(
            f"members:{pattern.name}", kwargs={name: known[name] for name in wanted}
        )
    public = {str(pattern.name): reverse(str(pattern.name)) for pattern in urls_public.urlpatterns}
    return found | public


def _request(subject: DataSubject, kind: str, items: list[str], now: datetime) -> RightsRequest:
    return rights_request.receive(
        subject, kind, channel="web", items=items, text="A sentence", actor=None, now=now
    )

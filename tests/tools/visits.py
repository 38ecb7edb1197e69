"""A visitor of the people's pages: knows the addresses, and the codes that leave by mail."""

from typing import Any

from django.test import Client
from django.urls import reverse

from compliance.models import Service
from compliance.selectors import policy_values
from members.actions import delivery, record, subject
from members.models import DataSubject, Delivery
from tests.tools import cast


def live(slug: str = "mikmik") -> Service:
    """Return a service with its preset in effect that is open to the public."""
    service = cast.service(slug)
    Service.objects.filter(pk=service.pk).update(state="live", went_live_at=cast.JOINED)
    service.refresh_from_db()
    return service


def at(name: str, service: Service | str = "mikmik", *args: Any) -> str:
    """Return the address of a page of a service in the language that is active."""
    return reverse(f"members:{name}", args=[getattr(service, "slug", service), *args])


def code_sent() -> str:
    """Return the digits of the newest code message in the outbox."""
    newest = Delivery.objects.filter(event="sign_in_code").order_by("-created_at").first()
    assert newest is not None
    return str(delivery.contents_of([newest])[newest.pk]["code"])


def ask(client: Client, identifier: str, service: Service | str = "mikmik", **more: Any) -> Any:
    """Type an e-mail address or a login ID into the sign-in page."""
    return client.post(at("sign_in", service), {"identifier": identifier, **more})


def sign_in(client: Client, identifier: str, service: Service | str = "mikmik") -> Any:
    """Sign in a member by the code of the outbox."""
    ask(client, identifier, service)
    return client.post(at("code", service), {"code": code_sent()})


def is_signed_in(client: Client, service: Service | str = "mikmik") -> bool:
    """Tell whether the account page opens."""
    return client.get(at("account", service)).status_code == 200


def wrong(digits: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(digits) + 1) % 1_000_000:06d}"


def many_orders(of: DataSubject, how_many: int) -> None:
    """Give somebody orders of a shirt, all of one day."""
    order = record.NewValues(
        of,
        {"contract_records": "Order of a shirt"},
        cast.JOINED,
        "orders",
        anchors={"contract": "2025-05-02"},
    )
    policy = policy_values(cast.version(of.service))
    record.keep_many([order] * how_many, policy=policy, actor=None, now=cast.JOINED)


def purchaser(of: Service, order: str, name: str = "guest") -> DataSubject:
    """Return a purchaser without account with one order."""
    found = person(of, "nonmember", name)
    record.keep(
        found,
        {"contract_records": "Order of a shirt"},
        occurred_at=cast.JOINED,
        anchors={"contract": "2024-03-02"},
        source="orders",
        policy=policy_values(cast.version(of)),
        external_ref=order,
        actor=None,
        now=cast.JOINED,
    )
    return found


def person(of: Service, kind: str = "member", name: str = "sora") -> DataSubject:
    """Return somebody with what every service knows: a name and an e-mail address."""
    return subject.register(
        of,
        kind,
        language="en",
        values={"name": name.title(), "email": f"{name}@mail.example"},
        source="registration",
        version=cast.version(of),
        joined_at=cast.JOINED,
        actor=None,
        now=cast.JOINED,
    )

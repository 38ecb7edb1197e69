"""Somebody who joins: what they type, which answers they give, and the codes that reach them."""

from typing import Any

from django.test import Client

from compliance.models import Service
from members.actions import delivery
from members.models import AccessCode, Delivery
from members.rules.choices import REQUIRED_TO_JOIN
from tests.tools import visits

REQUIRED = f"{REQUIRED_TO_JOIN}::"
PASSWORD = "a calm sentence about rivers"
TYPED = {
    "name": "Haneul",
    "login_id": "haneul-id",
    "mobile": "010-2222-3333",
    "email": "haneul@mail.example",
    "password": PASSWORD,
    "old_enough": "yes",
    REQUIRED: "agree",
    "decision": "agree",
}


def post(client: Client, service: Service | str = "mikmik", **more: Any) -> Any:
    """Send the form of joining with what is typed usually, changed by ``more``; None leaves a field out."""
    sent = {name: value for name, value in {**TYPED, **more}.items() if value is not None}
    return client.post(visits.at("join", service), sent)


def letter(event: str) -> dict[str, Any]:
    """Return the figures of the newest message of an event, with its address; of codes that of the last attempt."""
    tokens = AccessCode.objects.order_by("-pk").values_list("token", flat=True)
    ids = [delivery.delivery_id(event, token) for token in tokens]
    sent = {one.pk: one for one in Delivery.objects.filter(event=event).order_by("created_at")}
    assert sent, event
    newest = next((sent[pk] for pk in ids if pk in sent), list(sent.values())[-1])
    return delivery.contents_of([newest])[newest.pk]


def enter(client: Client, service: Service | str = "mikmik") -> Any:
    """Type the code that came by mail."""
    return client.post(visits.at("join_code", service), {"code": letter("join_code")["code"]})


def join(client: Client, service: Service | str = "mikmik", **more: Any) -> Any:
    """Join from the form to the account page."""
    post(client, service, **more)
    return enter(client, service)

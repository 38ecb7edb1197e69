"""Officers for tests: a service, staff with a role, and signed-in clients."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from django.test import Client

from compliance.auth import session
from compliance.models import Account, OfficerAppointment, Service

PASSWORD = "a long enough password for staff"


def service(slug: str = "mikmik", prefix: str = "MIK", **fields: Any) -> Service:
    """A live service."""
    values = {
        "name": slug.title(),
        "obligation_prefix": prefix,
        "operator_country": "KR",
        "market_country": "KR",
        "timezone": "Asia/Seoul",
        "state": Service.State.LIVE,
        "went_live_at": datetime(2026, 1, 1, tzinfo=UTC),
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
    }
    return Service.objects.create(slug=slug, **(values | fields))


def officer(role: str, *services: Service, name: str = "", password: str = "") -> Account:
    """Staff with one role in some services; hashing a password takes time, so only on request."""
    account = Account.objects.create_staff(
        f"{name or role}@office.example",
        password or None,
        full_name=name or role.replace("_", " ").title(),
    )
    for one in services:
        OfficerAppointment.objects.create(
            account=account, service=one, role=role, appointed_on=date(2026, 1, 1)
        )
    return account


def sign_in(account: Account, client: Client | None = None) -> Client:
    """A client signed in as staff, past the second step."""
    client = client or Client()
    client.force_login(account, backend=session.BACKEND)
    store = client.session
    store[session.VERIFIED] = 1
    store.save()
    return client


def approve(client: Client, address: str) -> Any:
    """Open a review page as a person does and approve exactly what it shows."""
    shown = re.search(r'name="shown" value="(\w+)"', client.get(address).content.decode())
    assert shown
    return client.post(address, {"step": "approve", "shown": shown[1]})

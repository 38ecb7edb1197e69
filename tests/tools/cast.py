"""The people and services that tests speak of by name."""

import tomllib
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from compliance.actions import policy_loading
from compliance.models import Account, OfficerAppointment, PolicyVersion, Service
from compliance.selectors import policy_in_force, policy_values
from members.actions import record, subject
from members.models import DataSubject

JOINED = datetime(2024, 3, 2, 1, 0, tzinfo=UTC)
PRESETS = settings.BASE_DIR / "compliance" / "presets"


def service(slug: str = "mikmik", *, now: datetime = JOINED) -> Service:
    """Return a service with its preset in effect."""
    data = tomllib.loads((PRESETS / f"{slug}.toml").read_text(encoding="utf-8"))
    result = policy_loading.load(data, file=f"{slug}.toml", actor=None, now=now)
    assert result.version is not None, result.problems
    return result.version.service


def version(of: Service) -> PolicyVersion:
    """Return the version in effect of a service."""
    found = policy_in_force(of)
    assert found is not None
    return found


def officer(name: str, *services: Service, role: str = "officer") -> Account:
    """Return a staff account appointed to services."""
    account = Account.objects.create_staff(
        f"{name}@office.example", "correct horse battery", full_name=name.title()
    )
    for of in services:
        OfficerAppointment.objects.create(
            account=account, service=of, role=role, appointed_on=JOINED.date()
        )
    return account


def member(of: Service, name: str = "minji", *, language: str = "ko", **values: Any) -> DataSubject:
    """Return a member of MIKMIK's kind with the required items and a sign-in account."""
    items = {
        "name": name.title(),
        "login_id": f"{name}-id",
        "mobile": "010-2345-6789",
        "email": f"{name}@mail.example",
    }
    return subject.register(
        of,
        "member",
        language=language,
        values={**items, **values},
        source="registration",
        account=Account.objects.create_member(),
        version=version(of),
        joined_at=JOINED,
        actor=None,
        now=JOINED,
    )


def history(of: DataSubject, *, now: datetime = JOINED) -> None:
    """Give a member of MIKMIK a log-in, an order, a payment and a closed complaint."""
    policy = policy_values(version(of.service))
    events = (
        (
            {"login_records": "2025-05-01 10:00", "ip_address": "203.0.113.9"},
            {},
            datetime(2025, 5, 1, 1, tzinfo=UTC),
        ),
        (
            {"contract_records": "Order of a shirt"},
            {"contract": "2025-05-02"},
            datetime(2025, 5, 2, 1, tzinfo=UTC),
        ),
        (
            {"payment_records": "Shirt 29,000 KRW"},
            {"payment": "2025-05-02", "supply": "2025-05-06"},
            datetime(2025, 5, 2, 2, tzinfo=UTC),
        ),
        (
            {"complaint_records": "Wrong size"},
            {"case_closed": "2025-06-10"},
            datetime(2025, 6, 1, 2, tzinfo=UTC),
        ),
    )
    for values, anchors, at in events:
        record.keep(
            of,
            values,
            occurred_at=at,
            source="orders",
            policy=policy,
            anchors=anchors,
            actor=None,
            now=now,
        )

"""Four browsers finish joining with one address at the same moment: one member, and nothing left of the others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from compliance.models import Account
from members.actions import joining, pending_join
from members.actions.pending_join import Filled, Given
from members.models import ConsentEvent, DataSubject, Record
from members.rules.choices import REQUIRED_TO_JOIN
from tests.tools import cast

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
pytestmark = [
    pytest.mark.servers,
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite lets one writer in at a time"),
]


def form(service, number):
    values = {"name": "Haneul", "login_id": f"haneul-{number}", "mobile": "01022223333"}
    filled = Filled(
        {**values, "email": "haneul@mail.example"},
        (Given(REQUIRED_TO_JOIN, "", "", "agreed", "a" * 64),),
        "haneul@mail.example",
    )
    version = cast.version(service)
    found = pending_join.hold(service, version, "member", filled, language="en", now=NOW)
    pending_join.prove(found, now=NOW)
    return found


def finish(pending):
    try:
        return joining.complete(pending, now=NOW).pk
    except joining.NotPossible as problem:
        return problem.obstacle.item
    finally:
        for one in connections.all():
            one.close()


def test_four_at_once_make_one_member():
    service = cast.service()
    forms = [form(service, number) for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(finish, forms))
    assert sorted(map(str, results))[1:] == ["email"] * 3
    assert DataSubject.objects.get().status == "active"
    assert Account.objects.count() == ConsentEvent.objects.count() == 1
    assert {record.subject_id for record in Record.objects.all()} == {DataSubject.objects.get().pk}

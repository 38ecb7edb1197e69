"""The first page: what is due for this officer, what comes, and whether the worker is heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from compliance import duties, ledger
from compliance.admin import dashboard
from compliance.duties import Duty
from compliance.models import Slot
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")
PLACE = "admin:compliance_ledgerentry_changelist"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def sample() -> Iterator[list[Any]]:
    """A source of duties; the services it was asked about are kept."""
    asked: list[Any] = []

    def source(services: Any, now: datetime) -> list[Duty]:
        asked.append(sorted(services.values_list("slug", flat=True)))
        return [
            Duty("later", now + timedelta(days=40), PLACE, 1, "open", query={"by": "system"}),
            Duty("late", now - timedelta(days=2), PLACE, 2, "overdue"),
            Duty("far", now + timedelta(days=61), PLACE, 1, "note"),
            Duty("secret", now, PLACE, 1, "soon", permission="accounts.manage"),
        ]

    known = dict(duties._sources)
    duties._sources.clear()
    duties.register("sample", source)
    yield asked
    duties._sources.clear()
    duties._sources.update(known)


def test_duties_come_overdue_first_and_for_the_right_role(sample: list[Any]) -> None:
    chief = office.officer("chief_officer", office.service())
    found = dashboard.overview(chief, now=NOW)
    assert [item.title for item in found["queue"]] == ["late", "later"]
    assert [item.title for item in found["coming"]] == ["later"]
    assert [tile["count"] for tile in found["tiles"]] == [2, 0, 1]
    assert found["queue"][1].url.endswith("/ledgerentry/?by=system")
    assert [tile["url"] for tile in found["tiles"]] == [
        found["queue"][0].url,
        "#queue",
        found["queue"][1].url,
    ]
    assert sample == [["mikmik"]]


def test_the_worker_counts_as_silent_after_five_minutes() -> None:
    assert dashboard.worker_silent_since(now=NOW) is True
    Slot.objects.create(entry="deliveries.send", slot_at=NOW, started_at=NOW)
    assert dashboard.worker_silent_since(now=NOW + timedelta(minutes=5)) is None
    assert dashboard.worker_silent_since(now=NOW + timedelta(minutes=6)) == NOW


def test_the_page_shows_tiles_as_links_and_recent_activity_of_own_services(
    sample: list[Any],
) -> None:
    mikmik, engoo = office.service(), office.service("engoo", "ENG")
    chief = office.officer("chief_officer", mikmik)
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        for one in (mikmik, engoo):
            ledger.record(
                "compliance.account.signed_in", actor=chief, now=NOW, service=one, clause=one.slug
            )
    with time_machine.travel(NOW, tick=False):
        page = office.sign_in(chief).get(reverse("admin:index")).content.decode()
    assert page.count('class="tile') >= 3
    assert "mikmik · mikmik" in page
    assert "engoo · engoo" not in page


def test_an_officer_without_a_role_is_told_so() -> None:
    answer = office.sign_in(office.officer("handler")).get(reverse("admin:index"))
    assert answer.status_code == 403

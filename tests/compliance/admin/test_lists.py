"""Lists without counting: next and previous pages, by place."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from compliance import ledger
from compliance.models import OfficerAppointment
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")
TRAIL = "admin:compliance_ledgerentry_changelist"


@pytest.fixture
def trail(now: Any) -> Any:
    """A client that may see the ledger, with 120 entries in it."""
    from django.db import transaction

    mikmik = office.service()
    client = office.sign_in(office.officer("auditor", mikmik))
    with transaction.atomic():
        for _turn in range(120):
            ledger.record("compliance.account.signed_in", actor=None, now=now, service=mikmik)
    return client


def numbers(answer: Any) -> list[int]:
    return [row.seq for row in answer.context["cl"].result_list]


def test_pages_follow_each_other_without_gaps_and_back_again(trail: Any) -> None:
    first = trail.get(reverse(TRAIL))
    assert numbers(first)[:1] == [120] and len(numbers(first)) == 50
    assert not first.context["cl"].previous_url
    second = trail.get(reverse(TRAIL) + first.context["cl"].next_url)
    assert numbers(second) == list(range(70, 20, -1))
    third = trail.get(reverse(TRAIL) + second.context["cl"].next_url)
    assert numbers(third) == list(range(20, 0, -1))
    assert not third.context["cl"].next_url
    back = trail.get(reverse(TRAIL) + third.context["cl"].previous_url)
    assert numbers(back) == numbers(second)
    start = trail.get(reverse(TRAIL) + back.context["cl"].previous_url)
    assert numbers(start) == numbers(first)
    assert not start.context["cl"].previous_url


def test_a_list_never_counts(trail: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12) as queries:
        trail.get(reverse(TRAIL))
    assert not [query for query in queries.captured_queries if "COUNT(" in query["sql"]]


def test_filters_keep_and_restart_paging(trail: Any) -> None:
    answer = trail.get(reverse(TRAIL), {"by": "system"})
    assert "by=system" in answer.context["cl"].next_url
    second = trail.get(reverse(TRAIL) + answer.context["cl"].next_url)
    assert len(numbers(second)) == 50
    assert "after" not in second.context["cl"].get_query_string({"by": "people"})


@pytest.mark.parametrize("place", ["x", "e30", "WyJhIl0", "WzEsMl0", "\x00"])
def test_a_forged_place_leads_back_to_the_list(trail: Any, place: str) -> None:
    answer = trail.get(reverse(TRAIL), {"after": place})
    assert answer.status_code == 302


def test_lists_ordered_by_two_columns_page_by_place_too() -> None:
    mikmik = office.service()
    client = office.sign_in(office.officer("chief_officer", mikmik))
    for number in range(60):
        staff = office.officer("handler", name=f"h{number}")
        OfficerAppointment.objects.create(
            account=staff,
            service=mikmik,
            role="handler",
            appointed_on=date(2026, 1, 1 + number % 3),
        )
    url = reverse("admin:compliance_officerappointment_changelist")
    first = client.get(url)
    second = client.get(url + first.context["cl"].next_url)
    seen = [row.pk for answer in (first, second) for row in answer.context["cl"].result_list]
    assert "after=" in first.context["cl"].next_url
    assert len(seen) == len(set(seen)) == 61


def test_cells_carry_their_column_for_narrow_screens(trail: Any) -> None:
    page = trail.get(reverse(TRAIL)).content.decode()
    assert 'data-label="What"' in page


@pytest.mark.parametrize(
    "place",
    [
        [None, 1],
        ["0001-01-01", None],
        ["9999-12-31T23:59:59-23:59", 1],
        [{}, 1],
        ["2026-01-01", 10**40],
        1,
    ],
)
@pytest.mark.parametrize("cursor", ["after", "before"])
def test_a_place_that_is_none_is_answered_and_never_an_error(place: Any, cursor: str) -> None:
    client = office.sign_in(office.officer("chief_officer", office.service()))
    text = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    for name in ("compliance_officerappointment", "compliance_certificate", "members_member"):
        answer = client.get(reverse(f"admin:{name}_changelist"), {cursor: text})
        assert answer.status_code in (200, 302), name


def test_pages_by_number_end_somewhere() -> None:
    client = office.sign_in(office.officer("chief_officer", office.service()))
    url = reverse("admin:members_rightsrequest_changelist")
    assert client.get(url, {"p": "9" * 30}).status_code == 302
    nested = base64.urlsafe_b64encode(b"[" * 100_000).decode()
    url = reverse("admin:compliance_ledgerentry_changelist")
    assert client.get(url, {"after": nested}).status_code == 302

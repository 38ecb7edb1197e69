"""The page of the promise board: what it shows, who may check and attest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from compliance.actions import promise_check
from compliance.models import Attestation, PromiseCheck
from tests.tools import cast, office

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
BOARD = "admin:promises"


@pytest.fixture
def leje() -> Any:
    return cast.service("leje")


def client_of(role: str, service: Any) -> Any:
    return office.sign_in(office.officer(role, service))


def attest_url(code: str = "LEJ-DES-1") -> str:
    return reverse("admin:promises_attest", args=["leje", code])


def test_before_the_first_check_the_board_says_what_to_do(leje: Any) -> None:
    answer = client_of("officer", leje).get(reverse(BOARD))
    assert answer.status_code == 200
    assert "Nothing has been checked yet" in answer.content.decode()


def test_check_now_fills_the_board_clause_by_clause(leje: Any) -> None:
    client = client_of("officer", leje)
    answer = client.post(reverse("admin:promises_check", args=["leje"]), follow=True)
    page = answer.content.decode()
    assert PromiseCheck.objects.count() == 34
    assert page.index("LEJ-0") < page.index("LEJ-RET-2") < page.index("LEJ-CK-1")
    assert '<span class="status status-good">Kept</span>' in page
    assert "payment_5y" in page and "Next check" in page
    assert "style=" not in page


def test_the_filter_shows_one_verdict(leje: Any) -> None:
    promise_check.check_service(leje, now=NOW)
    client = client_of("auditor", leje)
    page = client.get(
        reverse(BOARD), {"service": "leje", "verdict": "waiting_for_person"}
    ).content.decode()
    assert "status-wait" in page and "LEJ-DES-1" in page and 'id="LEJ-RET-2"' not in page
    assert client.get(reverse(BOARD), {"service": "nobody", "verdict": "all"}).status_code == 200


def test_an_officer_attests_and_the_board_follows(leje: Any) -> None:
    promise_check.check_service(leje, now=NOW)
    client = client_of("officer", leje)
    assert attest_url() in client.get(reverse(BOARD)).content.decode()
    values = {"control": "separate_database", "attested_on": "2024-03-02", "evidence_ref": "File 7"}
    assert client.post(attest_url(), values).status_code == 302
    made = Attestation.objects.get()
    assert (made.control, made.obligation, made.evidence_ref) == (
        "separate_database",
        "LEJ-DES-1",
        "File 7",
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"attested_on": "2999-01-01"},
        {"evidence_ref": "jin@office.example"},
        {"evidence_ref": ""},
        {"control": "none_of_these"},
    ],
)
def test_a_faulty_attestation_is_explained_and_not_kept(leje: Any, wrong: dict[str, str]) -> None:
    values = {"control": "separate_database", "attested_on": "2024-03-02", "evidence_ref": "File 7"}
    answer = client_of("officer", leje).post(attest_url(), values | wrong)
    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()
    assert not Attestation.objects.exists()


def test_who_may_not_gets_nothing(leje: Any) -> None:
    assert client_of("auditor", leje).get(attest_url()).status_code == 403
    assert client_of("marketing", leje).get(reverse(BOARD)).status_code == 403
    stranger = client_of("chief_officer", office.service("other", "OTH"))
    assert stranger.get(attest_url()).status_code == 403
    assert stranger.post(reverse("admin:promises_check", args=["leje"])).status_code == 403
    assert "LEJ-0" not in stranger.get(reverse(BOARD), {"service": "leje"}).content.decode()
    assert not PromiseCheck.objects.exists()


def test_what_no_person_can_attest_has_no_form(leje: Any) -> None:
    client = client_of("officer", leje)
    assert client.get(attest_url("LEJ-RET-2")).status_code == 404
    assert client.get(reverse("admin:promises_check", args=["leje"])).status_code == 405


def test_the_first_page_counts_what_waits_for_a_person(leje: Any) -> None:
    promise_check.check_service(leje, now=NOW)
    waiting = PromiseCheck.objects.filter(verdict="waiting_for_person").count()
    page = client_of("officer", leje).get(reverse("admin:index")).content.decode()
    assert "Promises that wait for a person" in page and f">{waiting}<" in page
    assert "service=leje&amp;verdict=waiting_for_person" in page

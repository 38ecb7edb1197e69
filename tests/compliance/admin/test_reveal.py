"""Revealing one value: a purpose, the right service, the ledger by the source, sixty seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from compliance.admin import reveal
from compliance.admin.labels import masked, status
from compliance.admin.reveal import Purpose, Refused, Subject
from compliance.models import Account
from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")


class Source:
    """A source with one value, in mikmik."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, str]] = []

    def describe(self, object_id: str, field: str) -> Subject | None:
        if object_id != "7f3a":
            return None
        purposes = [Purpose("complaint", "Answer a complaint", "MIKMIK 17.3")]
        return Subject("Member p_7f3a", "E-mail", "mikmik", reverse("admin:index"), purposes)

    def unseal(self, object_id: str, field: str, *, purpose: str, actor: Account, now: Any) -> str:
        self.asked.append((object_id, field, purpose, actor.full_name))
        if field == "held":
            raise Refused("This value is under restriction")
        return "sora@example.com"


@pytest.fixture
def source() -> Iterator[Source]:
    made = Source()
    reveal.register("test", made)
    yield made
    del reveal._sources["test"]


@pytest.fixture
def mikmik() -> Any:
    return office.service()


def url(field: str = "email", object_id: str = "7f3a", name: str = "test") -> str:
    return reverse("admin:reveal", args=[name, object_id, field])


def test_a_value_is_shown_after_a_purpose_is_chosen(source: Source, mikmik: Any) -> None:
    client = office.sign_in(office.officer("officer", mikmik, name="mina"))
    page = client.get(url()).content.decode()
    assert "sora@" not in page and "MIKMIK 17.3" in page and "checked" not in page
    answer = client.post(url(), {"purpose": "complaint"})
    assert "sora@example.com" in answer.content.decode()
    assert answer["Refresh"].startswith("60;")
    assert "no-store" in answer["Cache-Control"]
    assert source.asked == [("7f3a", "email", "complaint", "mina")]


@pytest.mark.parametrize("purpose", ["", "curiosity"])
def test_without_a_purpose_of_the_policy_nothing_is_unsealed(
    source: Source, mikmik: Any, purpose: str
) -> None:
    client = office.sign_in(office.officer("officer", mikmik))
    assert "sora@" not in client.post(url(), {"purpose": purpose}).content.decode()
    assert source.asked == []


def test_a_refusal_of_the_gate_is_shown_with_its_reason(source: Source, mikmik: Any) -> None:
    client = office.sign_in(office.officer("officer", mikmik))
    answer = client.post(url("held"), {"purpose": "complaint"})
    assert answer.status_code == 409
    assert "under restriction" in answer.content.decode()


@pytest.mark.parametrize("role", ["handler", "marketing", "auditor", "administrator"])
def test_other_roles_cannot_reveal(source: Source, mikmik: Any, role: str) -> None:
    client = office.sign_in(office.officer(role, mikmik))
    assert client.post(url(), {"purpose": "complaint"}).status_code == 403
    assert source.asked == []


def test_an_officer_of_another_service_finds_nothing(source: Source, mikmik: Any) -> None:
    client = office.sign_in(office.officer("officer", office.service("engoo", "ENG")))
    here = client.get(url())
    missing = client.get(url(object_id="none"))
    unknown = client.get(url(name="nothing"))
    assert {here.status_code, missing.status_code, unknown.status_code} == {404}
    assert source.asked == []


def test_a_masked_value_leads_to_its_reveal_page_and_escapes(source: Source) -> None:
    shown = masked("ab***@<x>", source="test", object_id="7f3a", field="email", label="E-mail")
    assert "ab***@&lt;x&gt;" in shown and url() in shown
    assert "<a" not in masked("", source="test", object_id="7f3a", field="email")


def test_a_status_label_has_a_known_kind() -> None:
    assert 'class="status status-good"' in status("good", "Kept")
    with pytest.raises(ValueError, match="purple"):
        status("purple", "x")

"""Headers of every answer, and no store for whoever is signed in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.tools import office

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def signed_in() -> Client:
    return office.sign_in(office.officer("handler", office.service()))


def answers(client: Client) -> list[Any]:
    """200, 302, 400, 403, 404."""
    trail = reverse("admin:compliance_officerappointment_changelist")
    return [
        client.get(reverse("admin:index")),
        client.get(reverse("admin:login")),
        client.get(trail, {"_popup": "1"}),
        client.get(trail),
        client.get(reverse("admin:index") + "no/such/page/"),
        Client().get(reverse("admin:index")),
        Client().get(reverse("admin:login")),
    ]


def test_every_answer_has_a_strict_policy(signed_in: Client) -> None:
    for answer in answers(signed_in):
        policy = answer["Content-Security-Policy"]
        for directive in ("script-src 'self'", "style-src 'self'", "object-src 'none'"):
            assert directive in policy
        for directive in ("base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
            assert directive in policy
        assert "unsafe" not in policy


def test_every_answer_has_the_other_headers(signed_in: Client) -> None:
    for answer in answers(signed_in):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer["Referrer-Policy"] == "same-origin"
        assert "camera=()" in answer["Permissions-Policy"]


def test_signed_in_answers_are_not_stored(signed_in: Client) -> None:
    for answer in answers(signed_in)[:5]:
        assert "no-store" in answer["Cache-Control"]


def test_files_and_refused_hosts_have_the_headers_too(signed_in: Client) -> None:
    found = [
        signed_in.get("/static/office/mark.svg"),
        Client().get("/en/", headers={"host": "evil.example"}),
        Client().get("/static/office/mark.svg", headers={"host": "evil.example"}),
    ]
    for answer in found:
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        answer.close()
    assert [answer.status_code for answer in found] == [200, 400, 200]
    assert "no-store" not in found[0]["Cache-Control"]


def test_the_redirect_to_https_has_the_headers_and_never_a_foreign_host(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    ours, foreign = Client().get("/en/"), Client().get("/en/", headers={"host": "evil.example"})
    assert ours.status_code == 301
    assert "script-src 'self'" in ours["Content-Security-Policy"]
    assert foreign.status_code == 400
    assert "evil.example" not in foreign.content.decode()

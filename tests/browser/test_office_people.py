"""People, requests and evidence in a real browser: clean, readable and usable at every width."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Browser, Page

from disclosures.models import Recipient
from members.actions import consent, restriction, withdrawal
from members.models import DataSubject, RightsRequest
from tests.tools import cast, looks, office, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TABS = ("overview", "data", "consents", "requests", "retention", "messages", "timeline")


@pytest.fixture
def scene(settings: Any) -> Iterator[dict[str, Any]]:
    """A service with people of every state, a signed-in officer, and the addresses of the pages."""
    with translation.override("en"):
        mikmik = visits.live("mikmik")
        officer = office.officer("chief_officer", mikmik, name="mina", password=office.PASSWORD)
        minji = cast.member(mikmik, "minji")
        cast.history(minji)
        furnish(mikmik, minji)
        cookie = office.sign_in(officer).cookies[settings.SESSION_COOKIE_NAME].value
        yield {"cookie": cookie, "minji": minji, "pages": pages(minji)}


def furnish(mikmik: Any, minji: DataSubject) -> None:
    """Requests, holds, answers, a leaver, a purchaser and a recipient."""
    for number in range(8):
        visits.person(mikmik, name=f"person{number}")
    visits.purchaser(mikmik, "ORD-1")
    for answer, purpose in (("agreed", "advertising"), ("disagreed", "surveys")):
        consent.answer(
            minji, purpose=purpose, answer=answer, version=cast.version(mikmik), channel="email",
            asked_by="web", language="ko", text_hash="a" * 64, actor=None, now=NOW,
        )  # fmt: skip
    for number, days in enumerate((-2, 1, 9)):
        RightsRequest.objects.create(
            reference=f"REF{number}23456789", subject=minji, service=mikmik, kind="access", channel="phone",
            received_at=NOW, due_at=NOW + timedelta(days=days),
        )  # fmt: skip
    restriction.place(minji, ground="open_dispute", items=["email"], actor=None, now=NOW)
    leaver = cast.member(mikmik, "leaver")
    cast.history(leaver)
    opened = withdrawal.request(leaver, channel="email", actor=None, now=NOW)
    withdrawal.attempt(opened, now=NOW)
    Recipient.objects.create(
        service=mikmik, policy_code="sellers", name="Seller A", kind="third_party", items=["name"],
        purposes=["seller_fulfilment"], since_on="2026-11-01", agreement_reference="A-1",
    )  # fmt: skip


def pages(minji: DataSubject) -> dict[str, str]:
    """Name and address of every page to look at."""
    person = reverse("admin:members_member_change", args=[minji.pk])
    hold = minji.restrictions.get()
    asked = RightsRequest.objects.filter(subject=minji).first()
    lists = (
        "members_member", "members_purchaser", "members_rightsrequest", "members_withdrawal", "members_consentevent",
        "members_delivery", "members_restriction", "archive_archivedsubject", "archive_archivedrecord",
        "disclosures_recipient", "compliance_certificate", "compliance_job", "compliance_slot",
        "compliance_ledgerentry",
    )  # fmt: skip
    return {
        **{name: reverse(f"admin:{name}_changelist") for name in lists},
        **{f"person {tab}": f"{person}?tab={tab}" for tab in TABS},
        "withdraw": reverse("admin:members_member_withdraw", args=[minji.pk]),
        "hold": reverse("admin:members_member_hold", args=[minji.pk]),
        "lift": reverse("admin:members_restriction_lift", args=[hold.pk]),
        "request": reverse("admin:members_rightsrequest_change", args=[asked.pk]),
        "restriction": reverse("admin:members_restriction_change", args=[hold.pk]),
        "recipient": reverse(
            "admin:disclosures_recipient_change", args=[Recipient.objects.get().pk]
        ),
        "new recipient": reverse("admin:disclosures_recipient_add"),
        "end recipient": reverse(
            "admin:disclosures_recipient_end", args=[Recipient.objects.get().pk]
        ),
        "digests": reverse("admin:rejoin_digests"),
        "check": reverse("admin:verify_ledger"),
    }


def opened(browser: Browser, settings: Any, scene: Any, url: str, **options: Any) -> Page:
    context = browser.new_context(**options)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": scene["cookie"], "url": url}]
    )
    return context.new_page()


@pytest.mark.parametrize(("width", "scheme"), looks.CASES)
def test_pages_are_clean_at_every_width(
    browser: Browser, live_server: Any, scene: Any, settings: Any, width: int, scheme: str
) -> None:
    faults: list[str] = []
    viewport = {"width": width, "height": 900}
    page = opened(browser, settings, scene, live_server.url, viewport=viewport, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name, path in scene["pages"].items():
        said.clear()
        answer = page.goto(live_server.url + path)
        if answer is None or answer.status != 200:
            faults.append(f"{name}: does not open")
        faults += [f"{name}: {text}" for text in said]
        faults += [f"{name}: {fault}" for fault in looks.faults(page)]
    page.context.close()
    assert faults == []


def test_an_officer_finds_a_person_and_ends_the_membership_without_script(
    browser: Browser, live_server: Any, scene: Any, settings: Any
) -> None:
    page = opened(browser, settings, scene, live_server.url, java_script_enabled=False)
    page.goto(live_server.url + scene["pages"]["members_member"])
    page.get_by_label("Find a person").fill("minji@mail.example")
    page.get_by_role("button", name="Search").click()
    assert "minji" not in page.url
    page.get_by_role("link", name="Withdraw membership for this person").click()
    page.get_by_label("Telephone").check()
    page.get_by_label("Your password").fill(office.PASSWORD)
    page.get_by_role("button", name="Withdraw membership").click()
    assert "is leaving" in page.locator(".messagelist").inner_text()
    page.context.close()
    scene["minji"].refresh_from_db()
    # Her address is on hold, so no confirmation may use it, and nothing else has to wait.
    assert scene["minji"].status == DataSubject.Status.WITHDRAWN

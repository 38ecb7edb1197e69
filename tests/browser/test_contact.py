"""Asking without an account and being answered, in a real browser: from the contact page to the office and the mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import Browser

from members.models import Delivery, RightsRequest
from tests.browser.test_member_journey import Visit
from tests.tools import looks, office, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
WORDS = "Why do you hold my number?\n\nAnd until when?"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


def write(visit: Visit, language: str, slug: str = "mikmik") -> None:
    """Fill the form and send it."""
    visit.open(f"/{language}/{slug}/contact/")
    visit.page.check("input[name=kind][value=enquiry]")
    visit.page.fill("textarea[name=text]", WORDS)
    visit.page.fill("input[name=email]", "haeun@mail.example")
    with visit.page.expect_navigation():
        visit.page.click("#contact .primary")


def click(visit: Visit, selector: str) -> None:
    """Click and wait for the page that comes."""
    with visit.page.expect_navigation():
        visit.page.click(selector)


def look(visit: Visit) -> None:
    """Note what is wrong with the page; what the axe itself says on the console of an office page is not ours."""
    before = list(visit.faults)
    found = looks.faults(visit.page)
    visit.faults[:] = before + found


@pytest.mark.promise("MIK-17.2", "LEJ-8", "ENG-5")
@pytest.mark.parametrize(
    ("slug", "language", "width", "scheme", "script"),
    [
        ("mikmik", "en", 1280, "light", True),
        ("leje", "ko", 320, "dark", True),
        ("engoo", "id", 320, "light", False),
    ],
)
def test_a_visitor_writes_in_every_language_and_width_and_without_javascript(
    browser: Browser,
    live_server: Any,
    slug: str,
    language: str,
    width: int,
    scheme: str,
    script: bool,
) -> None:
    visits.live(slug)
    visit = Visit(
        browser, live_server.url, width=width, color_scheme=scheme, java_script_enabled=script
    )
    visit.open(f"/{language}/{slug}/contact/")
    assert not visit.page.locator("input[type=radio]:checked").count()
    if script:
        visit.check()
    visit.page.click("#contact .primary")
    assert visit.page.locator(".error-summary a").count() == 3
    if script:
        visit.check()
    write(visit, language, slug)
    assert visit.page.url.endswith(f"/{language}/{slug}/contact/sent/")
    case = RightsRequest.objects.get()
    assert case.language == language
    assert case.reference in visit.page.content()
    if script:
        visit.check()
    assert visit.faults == []
    visit.close()


def test_the_field_for_programs_is_neither_seen_nor_reached(
    browser: Browser, live_server: Any
) -> None:
    visits.live()
    visit = Visit(browser, live_server.url, width=1280)
    visit.open("/en/mikmik/contact/")
    box = visit.page.locator(".left-empty").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (1, 1)
    for _ in range(60):
        visit.page.keyboard.press("Tab")
        name = visit.page.evaluate("document.activeElement.getAttribute('name')")
        assert name != "website"
    visit.close()


@pytest.mark.promise("MIK-17.1")
def test_an_officer_reads_previews_and_sends_in_four_clicks(
    browser: Browser, live_server: Any, settings: Any
) -> None:
    service = visits.live()
    visitor = Visit(browser, live_server.url, width=390)
    write(visitor, "en")
    visitor.close()
    client = office.sign_in(office.officer("handler", service))
    cookie = {"name": settings.SESSION_COOKIE_NAME, "url": live_server.url}
    visit = Visit(browser, live_server.url, width=1280)
    visit.page.context.add_cookies(
        [{**cookie, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}]  # type: ignore[list-item]
    )
    case = RightsRequest.objects.get()
    visit.open("/office/members/enquiry/")
    look(visit)
    click(visit, f"text={case.reference}")
    look(visit)
    click(visit, "main button:has-text('Read and answer')")
    assert "And until when?" in visit.page.content()
    look(visit)
    visit.page.fill("textarea", "Because of your order.\n\nUntil 2031.")
    click(visit, "button[value=preview]")
    look(visit)
    send, change = (visit.page.locator(f"button[value={step}]") for step in ("send", "back"))
    assert send.bounding_box()["height"] == change.bounding_box()["height"]  # type: ignore[index]
    click(visit, "button[value=send]")
    case.refresh_from_db()
    assert case.state == "done"
    assert Delivery.objects.filter(event="enquiry_answered").count() == 1
    visit.open("/office/members/enquiry/register/mikmik/")
    look(visit)
    assert not visit.faults, "\n".join(visit.faults)
    visit.close()

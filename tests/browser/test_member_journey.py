"""A member's journey in a real browser: three languages, by keyboard, without JavaScript, at 320 px."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import Browser, Page

from compliance.models import Notice
from members.models import DataSubject
from tests.tools import cast, looks, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
PUBLIC = (
    "",
    "mikmik/",
    "mikmik/policy/",
    "mikmik/notices/",
    "mikmik/sign-in/",
    "mikmik/order-access/",
)
OWN = (
    "mikmik/",
    "mikmik/account/",
    "mikmik/account/data/",
    "mikmik/account/choices/",
    "mikmik/account/password/",
    "mikmik/account/withdraw/",
)
LOOK = "el => { const s = getComputedStyle(el); return [s.color, s.backgroundColor, s.borderColor, s.fontSize] }"


@pytest.fixture
def minji() -> DataSubject:
    service = visits.live()
    found = cast.member(service)
    cast.history(found)
    now = timezone.now()
    Notice.objects.create(
        service=service,
        version=cast.version(service),
        event="policy_revision_important",
        effective_on=now.date() + timedelta(days=31),
        published_at=now - timedelta(minutes=1),
        places=["homepage_notice", "first_page"],
    )
    return found


class Visit:
    """One browser window that notes whatever goes wrong on the way."""

    def __init__(self, browser: Browser, address: str, *, width: int, **options: Any) -> None:
        self.address, self.faults = address, []
        context = browser.new_context(viewport={"width": width, "height": 800}, **options)
        self.page: Page = context.new_page()
        self.page.on("console", lambda said: self.faults.append(f"{self.page.url}: {said.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def open(self, path: str) -> None:
        self.page.goto(self.address + path)

    def check(self) -> None:
        self.faults += [f"{self.page.url}: {fault}" for fault in looks.faults(self.page)]

    def reach(self, selector: str) -> None:
        """Press Tab until the focus is where a selector points."""
        for _ in range(400):  # A policy has a long list of contents before its language links.
            self.page.keyboard.press("Tab")
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab on {self.page.url}")

    def press(self, selector: str) -> None:
        """Go to something by Tab and press Enter; wait for the page that comes."""
        self.reach(selector)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type(self, selector: str, words: str) -> None:
        self.reach(selector)
        self.page.keyboard.type(words)

    def close(self) -> None:
        self.page.context.close()


def sign_in(visit: Visit, language: str) -> None:
    visit.open(f"/{language}/mikmik/sign-in/")
    visit.type("#id_identifier", "minji@mail.example")
    visit.press("#sign-in .button")
    visit.type("#id_code", visits.code_sent())
    visit.press("#enter-code .button")


@pytest.mark.promise("MIK-8.1a")
@pytest.mark.promise("MIK-8.2")
@pytest.mark.parametrize(
    ("language", "script"),
    [("en", True), ("ko", False), ("id", False)],
    ids=["en", "ko-nojs", "id-nojs"],
)
def test_from_sign_in_to_the_end_by_keyboard_at_320_pixels(
    browser: Browser, live_server: Any, minji: DataSubject, language: str, script: bool
) -> None:
    visit = Visit(browser, live_server.url, width=320, java_script_enabled=script)
    sign_in(visit, language)
    assert visit.page.url.endswith(f"/{language}/mikmik/account/")
    visit.press("a.card-link[href$='/account/data/']")
    assert "minji@mail.example" in visit.page.inner_text("main")
    visit.press("a[href$='/account/']")
    visit.press("a.card-link[href$='/account/withdraw/']")
    assert visit.page.get_attribute("html", "lang") == language
    visit.press(".choices-row button")
    assert visit.page.url.endswith(f"/{language}/mikmik/withdrawn/")
    minji.refresh_from_db()
    assert minji.status == DataSubject.Status.LEAVING
    assert visit.faults == []
    visit.close()


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", 1440, "light"), ("ko", 320, "light"), ("id", 320, "dark"), ("en", 390, "dark")],
)
def test_every_page_is_clean(
    browser: Browser, live_server: Any, minji: DataSubject, language: str, width: int, scheme: str
) -> None:
    visit = Visit(browser, live_server.url, width=width, color_scheme=scheme)
    notice = f"mikmik/notices/{Notice.objects.get().pk}/"
    for path in (*PUBLIC, notice):
        visit.open(f"/{language}/{path}")
        visit.check()
    visit.open(f"/{language}/mikmik/sign-in/")
    visit.press("#sign-in .button")
    visit.check()
    visit.type("#id_identifier", "minji-id")
    visit.press("#sign-in .button")
    visit.check()
    visit.type("#id_code", visits.code_sent())
    visit.press("#enter-code .button")
    for path in OWN:
        visit.open(f"/{language}/{path}")
        visit.check()
    visit.press(".choices-row button")
    visit.check()
    assert visit.faults == []
    visit.close()


@pytest.mark.parametrize("width", [320, 1440])
def test_yes_and_no_look_the_same(
    browser: Browser, live_server: Any, minji: DataSubject, width: int
) -> None:
    visit = Visit(browser, live_server.url, width=width)
    sign_in(visit, "en")
    visit.open("/en/mikmik/account/withdraw/")
    leave, stay = visit.page.locator(".choices-row .button").all()
    one, other = leave.bounding_box(), stay.bounding_box()
    assert one is not None
    assert other is not None
    assert (one["width"], one["height"]) == (other["width"], other["height"])
    assert leave.evaluate(LOOK) == stay.evaluate(LOOK)
    visit.close()


def test_the_language_changes_on_a_form_and_keeps_what_was_typed(
    browser: Browser, live_server: Any, minji: DataSubject
) -> None:
    visit = Visit(browser, live_server.url, width=390, java_script_enabled=False)
    visit.open("/en/mikmik/sign-in/")
    visit.type("#id_identifier", "minji@mail")
    visit.press("button[value='ko']")
    assert visit.page.url.endswith("/ko/mikmik/sign-in/")
    assert visit.page.input_value("#id_identifier") == "minji@mail"
    visit.open("/en/mikmik/policy/")
    visit.press("a[hreflang='id']")
    assert visit.page.url.endswith("/id/mikmik/policy/")
    visit.close()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield

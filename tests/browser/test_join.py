"""Joining in a real browser: nothing chosen, equal answers, large key lines; with and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from members.models import ConsentState, DataSubject, JoinRefusal
from tests.browser.test_member_journey import LOOK, Visit
from tests.tools import joiners, looks, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
TYPED = {
    "name": "Haneul",
    "login_id": "haneul-id",
    "mobile": "010-2222-3333",
    "email": "haneul@mail.example",
    "password": joiners.PASSWORD,
}


def fill(page: Page) -> None:
    for name, value in TYPED.items():
        page.fill(f"[name='{name}']", value)
    page.check("[name='old_enough'][value='yes']")


def agree(page: Page) -> None:
    page.check(f"[name='{joiners.REQUIRED}'][value='agree']")


def press(page: Page, value: str) -> None:
    with page.expect_navigation():
        page.click(f"#join [name='decision'][value='{value}']")


@pytest.mark.promise("KRN-3.1")
@pytest.mark.promise("MIK-1.1")
@pytest.mark.parametrize(
    ("language", "script", "width"),
    [("en", True, 1280), ("ko", False, 320), ("id", False, 320)],
    ids=["en", "ko-nojs", "id-nojs"],
)
def test_from_the_form_to_the_account(
    browser: Browser, live_server: Any, language: str, script: bool, width: int
) -> None:
    visits.live()
    visit = Visit(browser, live_server.url, width=width, java_script_enabled=script)
    page = visit.page
    visit.open(f"/{language}/mikmik/join/")
    assert page.locator("input[type=radio]:checked").count() == 0
    assert page.is_visible("#join-helpers") == script
    fill(page)
    agree(page)
    press(page, "agree")
    assert page.url.endswith(f"/{language}/mikmik/join/code/")
    page.fill("#id_code", joiners.letter("join_code")["code"])
    with page.expect_navigation():
        page.click("#enter-code .button")
    assert page.url.endswith(f"/{language}/mikmik/account/")
    assert DataSubject.objects.get().language == language
    assert ConsentState.objects.count() == 1
    assert visit.faults == []
    visit.close()


@pytest.mark.promise("KRN-3.1")
def test_a_no_takes_as_many_clicks_as_a_yes_and_leads_to_a_page_that_says_so(
    browser: Browser, live_server: Any
) -> None:
    visits.live()
    visit = Visit(browser, live_server.url, width=390, java_script_enabled=False)
    visit.open("/en/mikmik/join/")
    fill(visit.page)
    press(visit.page, "disagree")
    assert "You said no" in visit.page.inner_text("h1")
    assert not DataSubject.objects.exists()
    assert JoinRefusal.objects.get().count == 1
    visit.close()


def test_helpers_set_the_answers_for_all_to_see_and_send_nothing(
    browser: Browser, live_server: Any
) -> None:
    visits.live()
    visit = Visit(browser, live_server.url, width=1280)
    page = visit.page
    visit.open("/en/mikmik/join/")
    page.evaluate("window.notReloaded = true")
    items = page.locator("[data-required]").count()
    page.click("[data-answer-all]")
    assert page.locator("[data-required] input[value=agree]:checked").count() == items
    page.click("[data-answer-required]")
    assert page.locator("[data-required] input[value=agree]:checked").count() == 1
    assert page.locator("[data-required] input[value=disagree]:checked").count() == items - 1
    assert page.evaluate("window.notReloaded")
    assert visit.faults == []
    visit.close()


@pytest.mark.promise("KRN-3.1")
@pytest.mark.parametrize("width", [320, 1280])
def test_yes_and_no_look_the_same_and_key_lines_are_large(
    browser: Browser, live_server: Any, width: int
) -> None:
    visits.live()
    visit = Visit(browser, live_server.url, width=width)
    page = visit.page
    visit.open("/en/mikmik/join/")
    for pair in ("#join [name=decision]", "#join-helpers .button"):
        yes, no = page.locator(pair).all()
        one, other = yes.bounding_box(), no.bounding_box()
        assert one is not None
        assert other is not None
        assert (one["width"], one["height"]) == (other["width"], other["height"])
        assert yes.evaluate(LOOK) == no.evaluate(LOOK)
    sizes = page.evaluate(
        "['body', '.consent-key dd', '.consent-key dt']"
        ".map(s => parseFloat(getComputedStyle(document.querySelector(s)).fontSize))"
    )
    assert min(sizes[1:]) >= 1.2 * sizes[0]
    visit.close()


@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    [("en", 1440, "light"), ("ko", 320, "dark"), ("id", 320, "light")],
)
def test_every_page_of_joining_is_clean(
    browser: Browser, live_server: Any, language: str, width: int, scheme: str
) -> None:
    visits.live("leje")
    visit = Visit(browser, live_server.url, width=width, color_scheme=scheme)
    page = visit.page
    visit.open(f"/{language}/leje/join/")
    visit.check()
    press(page, "agree")
    assert page.locator(".error-summary").is_visible()
    visit.check()
    page.check("[name='old_enough'][value='no']")
    page.fill("[name='representative_email']", "mother@mail.example")
    press(page, "agree")
    visit.check()
    visit.open(f"/{language}/leje/represent/")
    visit.check()
    page.fill("#id_email", "mother@mail.example")
    with page.expect_navigation():
        page.click("#represent .button")
    visit.check()
    page.fill("#id_code", joiners.letter("represent_code")["code"])
    with page.expect_navigation():
        page.click("#enter-code .button")
    visit.check()
    with page.expect_navigation():
        page.click("button[name=for]")
    visit.check()
    for name, value in TYPED.items():
        page.fill(f"[name='{name}']", value)
    agree(page)
    press(page, "agree")
    visit.check()
    page.fill("#id_code", joiners.letter("join_code")["code"])
    with page.expect_navigation():
        page.click("#enter-code .button")
    for path in ("account/choices/receipt/", "join/refused/"):
        visit.open(f"/{language}/leje/{path}")
        visit.check()
    assert visit.faults == []
    visit.close()


@pytest.mark.parametrize("slug", ["mikmik", "krainpop", "engoo", "letsmasak"])
def test_the_form_of_every_service_is_clean(browser: Browser, live_server: Any, slug: str) -> None:
    visits.live(slug)
    visit = Visit(browser, live_server.url, width=320)
    visit.open(f"/en/{slug}/join/")
    assert looks.faults(visit.page) == []
    assert visit.faults == []
    visit.close()

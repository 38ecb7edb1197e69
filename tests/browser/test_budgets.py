"""Click budgets, counted in a real browser: taking an answer back never costs more than giving it (MIK-8.2)."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from members.models import ConsentState
from tests.tools import cast, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
ADS = "advertising:email:"
MOST_TO_CHANGE, MOST_TO_LEAVE = 3, 3


class Counted:
    """A window whose clicks and typed fields are counted."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.page: Page = browser.new_context(java_script_enabled=False).new_page()
        self.address, self.clicks, self.fields = address, 0, 0

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.clicks += 1

    def fill(self, selector: str, words: str) -> None:
        self.page.fill(selector, words)
        self.fields += 1

    def sign_in(self) -> None:
        self.page.goto(f"{self.address}/en/mikmik/sign-in/")
        self.page.fill("#id_identifier", "minji@mail.example")
        self.page.click("#sign-in .button")
        self.page.fill("#id_code", visits.code_sent())
        self.page.click("#enter-code .button")

    def close(self) -> None:
        self.page.context.close()


@pytest.fixture
def window(browser: Browser, live_server: Any) -> Any:
    """A member who has just signed in and stands on the account page; nothing is counted yet."""
    cast.member(visits.live())
    window = Counted(browser, live_server.url)
    window.sign_in()
    yield window
    window.close()


def answered(window: Counted, answer: str) -> int:
    """Go from the account page to the changed answer and return how many clicks that took."""
    window.page.goto(f"{window.address}/en/mikmik/account/")
    before = window.clicks
    window.click("a.card-link[href$='/account/choices/']")
    window.click(f"label.choice:has(input[name='{ADS}'][value='{answer}'])")
    window.click("#choices button.primary")
    return window.clicks - before


@pytest.mark.promise("MIK-8.2")
def test_taking_consent_back_costs_as_many_clicks_as_giving_it_and_no_field(
    window: Counted,
) -> None:
    gave = answered(window, "agree")
    assert ConsentState.objects.get().answer == "agreed"
    took = answered(window, "disagree")
    assert ConsentState.objects.get().answer == "withdrawn"
    assert took <= gave <= MOST_TO_CHANGE
    assert window.fields == 0


@pytest.mark.promise("MIK-8.2")
def test_taking_everything_back_costs_one_click_on_the_page(window: Counted) -> None:
    window.page.goto(f"{window.address}/en/mikmik/account/choices/")
    for answer, state in (("agree", "agreed"), ("disagree", "withdrawn")):
        before = window.clicks
        window.click(f"button[name='all'][value='{answer}']")
        assert window.clicks - before == 1
        assert set(ConsentState.objects.values_list("answer", flat=True)) == {state}


@pytest.mark.promise("MIK-8.1b")
def test_leaving_costs_three_clicks_from_any_page_and_no_field(window: Counted) -> None:
    window.page.goto(f"{window.address}/en/mikmik/")
    window.click("a[href$='/mikmik/account/']")
    window.click("a.card-link[href$='/account/withdraw/']")
    window.click(".choices-row button")
    assert window.page.url.endswith("/withdrawn/")
    assert window.clicks <= MOST_TO_LEAVE
    assert window.fields == 0

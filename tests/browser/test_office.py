"""The office in a real browser: no violation of the policy, no message, no fault axe can find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from playwright.sync_api import Browser, Page

from compliance import duties, ledger
from compliance.auth import session
from compliance.duties import Duty
from compliance.models import Account
from tests.tools import looks, office

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PAGES = {
    "sign-in": ("nobody", "/office/login/"),
    "second step": ("half", "/office/enrol/"),
    "first page": ("chief", "/office/"),
    "list": ("chief", "/office/compliance/ledgerentry/"),
    "list of people": ("chief", "/office/compliance/officerappointment/"),
    "empty list": ("chief", "/office/compliance/ledgerentry/?service_slug__exact=x"),
    "form": ("chief", "/office/compliance/officerappointment/add/"),
    "object": ("chief", "/office/compliance/ledgerentry/1/change/"),
    "history": ("chief", "/office/compliance/officerappointment/{}/history/"),
    "preferences": ("chief", "/office/preferences/"),
    "password": ("chief", "/office/password/"),
}


@pytest.fixture
def cookies(settings: Any) -> Iterator[dict[str, str]]:
    """Session keys of a chief officer and of one without a second step; an appointment."""
    mikmik = office.service()
    chief = office.officer("chief_officer", mikmik, name="mina")
    half = office.officer("handler", mikmik, name="half")
    with transaction.atomic():
        for turn in range(60):
            ledger.record(
                "compliance.account.signed_in",
                actor=chief if turn % 2 else None,
                now=NOW,
                service=mikmik,
            )
    duties.register("browser", sample_duties)
    client = Client()
    client.force_login(half, backend=session.BACKEND)
    name = settings.SESSION_COOKIE_NAME
    yield {
        "chief": office.sign_in(chief).cookies[name].value,
        "half": client.cookies[name].value,
        "appointment": str(chief.appointments.get().pk),
    }
    duties.unregister("browser")


def sample_duties(services: Any, now: datetime) -> list[Duty]:
    place = "admin:compliance_ledgerentry_changelist"
    return [
        Duty("Copy of data", now - timedelta(days=1), place, 2, "overdue", service="mikmik"),
        Duty("Correction", now + timedelta(days=2), place, 3, "soon", service="mikmik"),
        Duty("Destruction plan", now + timedelta(days=9), place, 1, "open", service="mikmik"),
    ]


def opened(browser: Browser, cookie: tuple[str, str] | None, url: str, **options: Any) -> Page:
    context = browser.new_context(**options)
    if cookie:
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": url}])
    return context.new_page()


@pytest.mark.parametrize(("width", "scheme"), looks.CASES)
def test_pages_are_clean_at_every_width_and_in_both_themes(
    browser: Browser, live_server: Any, cookies: Any, settings: Any, width: int, scheme: str
) -> None:
    faults: list[str] = []
    for name, (who, path) in PAGES.items():
        key = cookies.get(who)
        cookie = (settings.SESSION_COOKIE_NAME, key) if key else None
        page = opened(
            browser,
            cookie,
            live_server.url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
        )
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(live_server.url + path.format(cookies["appointment"]))
        faults += [f"{name}: {text}" for text in said]
        faults += [f"{name}: {fault}" for fault in looks.faults(page)]
        page.context.close()
    assert faults == []


def test_an_officer_signs_in_and_out_by_keyboard(
    browser: Browser, live_server: Any, cookies: Any, settings: Any
) -> None:
    settings.DEMO = True
    account = Account.objects.get(email="mina@office.example")
    account.set_password(office.PASSWORD)
    account.save()
    page = opened(browser, None, live_server.url)
    page.goto(live_server.url + "/office/")
    page.keyboard.type("mina@office.example")
    page.keyboard.press("Tab")
    page.keyboard.type(office.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(live_server.url + "/office/")
    assert page.locator("h1").inner_text() == "Today"
    page.get_by_role("button", name="Sign out").press("Enter")
    page.wait_for_url("**/login/")
    page.context.close()


def test_filters_and_pages_work_without_script(
    browser: Browser, live_server: Any, cookies: Any, settings: Any
) -> None:
    cookie = (settings.SESSION_COOKIE_NAME, cookies["chief"])
    page = opened(browser, cookie, live_server.url, java_script_enabled=False)
    page.goto(live_server.url + "/office/compliance/ledgerentry/")
    page.get_by_role("link", name="Next").click()
    assert page.locator("#result_list tbody tr").count() == 10
    page.locator("summary", has_text="Who").click()
    page.locator(".filter li a", has_text="System").click()
    assert page.locator("#result_list tbody tr").count() == 30
    page.context.close()


def test_the_warning_comes_before_the_session_ends(
    browser: Browser, live_server: Any, cookies: Any, settings: Any
) -> None:
    cookie = (settings.SESSION_COOKIE_NAME, cookies["chief"])
    page = opened(browser, cookie, live_server.url)
    page.clock.install()
    page.goto(live_server.url + "/office/preferences/")
    assert page.locator("#session-warning").is_hidden()
    page.clock.fast_forward("28:01")
    assert page.locator("#session-warning").is_visible()
    page.get_by_role("button", name="Stay signed in").click()
    page.locator("#session-warning").wait_for(state="hidden")
    page.context.close()

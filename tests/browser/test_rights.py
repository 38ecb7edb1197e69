"""See, change, dispute, stop and ask in a real browser, also without JavaScript; the officer corrects in 3 clicks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from playwright.sync_api import Browser, Page

from members import gate
from members.actions import rights_request
from members.models import DataSubject, Restriction, RightsRequest
from tests.tools import cast, looks, office, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
SHOTS = os.environ.get("SHOTS", "")
LOOK = "el => { const s = getComputedStyle(el); return [s.color, s.backgroundColor, s.borderColor, s.fontSize] }"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def minji() -> DataSubject:
    found = cast.member(visits.live())
    cast.history(found)
    return found


class Visit:
    """A window that notes what goes wrong and looks at every page it is told to."""

    def __init__(self, browser: Browser, address: str, language: str, **options: Any) -> None:
        self.home, self.faults = f"{address}/{language}/mikmik/", []
        self.page: Page = browser.new_context(**options).new_page()
        self.page.on("console", lambda said: self.faults.append(f"{self.page.url}: {said.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))

    def open(self, path: str) -> None:
        self.page.goto(self.home + path)

    def send(self, selector: str) -> None:
        with self.page.expect_navigation():
            self.page.click(selector)

    def check(self, name: str = "") -> None:
        self.faults += [f"{self.page.url}: {fault}" for fault in looks.faults(self.page)]
        shoot(self.page, name)


def shoot(page: Page, name: str) -> None:
    if SHOTS and name:
        Path(SHOTS).mkdir(exist_ok=True, parents=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def sign_in(visit: Visit) -> None:
    visit.open("sign-in/")
    visit.page.fill("#id_identifier", "minji@mail.example")
    visit.send("#sign-in button[value='code']")
    visit.page.fill("#id_code", visits.code_sent())
    visit.send("#enter-code .primary")


@pytest.mark.promise("MIK-7.1a", "MIK-7.2")
@pytest.mark.parametrize(
    ("language", "width", "scheme", "script"),
    [("en", 1280, "light", True), ("ko", 320, "dark", False), ("id", 320, "light", True)],
)
def test_change_dispute_stop_and_comment(
    browser: Browser,
    live_server: Any,
    minji: DataSubject,
    language: str,
    width: int,
    scheme: str,
    script: bool,
) -> None:
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    visit = Visit(browser, live_server.url, language, java_script_enabled=script, **options)
    look = visit.check if script else (lambda name="": shoot(visit.page, name))
    sign_in(visit)
    visit.open("account/data/")
    look(f"data-{language}")
    visit.send("a[href$='/mobile/change/']")
    look(f"change-{language}")
    visit.page.fill("#id_value", "none")
    visit.send("#change button:not([name])")
    look(f"change-error-{language}")
    visit.page.fill("#id_value", "010-9876-5432")
    visit.send("#change button:not([name])")
    assert "01098765432" in visit.page.inner_text("main")
    visit.send("a[href$='/name/wrong/']")
    look(f"dispute-{language}")
    visit.page.fill("#id_text", "It is Minseo")
    visit.send("#dispute button:not([name])")
    look(f"request-{language}")
    visit.page.fill("#id_text", "As in my passport")
    visit.send("#comment .primary")
    assert "As in my passport" in visit.page.inner_text("main")
    visit.open("account/stop/")
    visit.page.check("input[value='mobile']")
    visit.send("form:has(input[name='items']) button:not([name])")
    visit.open("account/stop/")
    look(f"stop-{language}")
    visit.open("account/requests/")
    look(f"requests-{language}")
    visit.open("account/data/")
    look(f"data-stopped-{language}")
    visit.open("account/erase/")
    look(f"erase-{language}")
    assert RightsRequest.objects.count() == 3
    assert Restriction.objects.filter(ended_at=None).count() == 2
    assert visit.faults == []
    visit.page.context.close()


@pytest.mark.parametrize("path", ["change", "wrong", "stop"])
def test_yes_and_no_are_alike(
    browser: Browser, live_server: Any, minji: DataSubject, path: str
) -> None:
    visit = Visit(browser, live_server.url, "en", viewport={"width": 1280, "height": 900})
    sign_in(visit)
    visit.open("account/stop/" if path == "stop" else "account/data/")
    if path != "stop":
        visit.send(f"a[href$='/mobile/{path}/']")
    one, other = visit.page.locator(".choices-row .button").all()
    boxes = [one.bounding_box(), other.bounding_box()]
    assert boxes[0] and boxes[1]
    assert boxes[0]["width"] == boxes[1]["width"]
    assert boxes[0]["height"] == boxes[1]["height"]
    assert one.evaluate(LOOK) == other.evaluate(LOOK)
    visit.page.context.close()


@pytest.mark.parametrize(("width", "scheme"), looks.CASES)
def test_the_officer_corrects_in_three_clicks_and_every_step_is_clean(
    browser: Browser, live_server: Any, minji: DataSubject, settings: Any, width: int, scheme: str
) -> None:
    asked = rights_request.receive(
        minji,
        "rectification",
        channel="web",
        items=["mobile"],
        text="An old number",
        more={"proposed": {"mobile": "010-9876-5432"}},
        identity="signed_in",
        actor=None,
        now=timezone.now(),
    )
    officer = office.officer("chief_officer", minji.service, name="mina", password=office.PASSWORD)
    cookie = office.sign_in(officer).cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page, judge, faults = context.new_page(), context.new_page(), []
    page.on("console", lambda said: faults.append(said.text))

    def look() -> None:
        """In a window of its own: axe loads the office's style sheets anew, and the console says so."""
        judge.goto(page.url)
        faults.extend(f"{page.url}: {fault}" for fault in looks.faults(judge))

    for name in ("ask", "extend", "refuse", "assign", "identity", "note"):
        page.goto(live_server.url + reverse(f"admin:members_rightsrequest_{name}", args=[asked.pk]))
        look()
    page.goto(live_server.url + reverse("admin:members_member_request", args=[minji.pk]))
    look()
    shoot(page, f"office-start-{width}")
    page.goto(live_server.url + reverse("admin:members_rightsrequest_changelist"))
    shoot(page, f"office-list-{width}")
    page.click(f"a:text-is('{asked.reference}')")
    look()
    shoot(page, f"office-request-{width}")
    page.click("a[href$='/correct/']")
    look()
    shoot(page, f"office-correct-{width}")
    with page.expect_navigation():
        page.click("form.card button[type=submit]")
    asked.refresh_from_db()
    assert asked.state == "done"
    now = timezone.now()
    assert gate.values(minji, "contract_contact", ["mobile"], actor=None, now=now) == {
        "mobile": "01098765432"
    }
    assert faults == []
    context.close()

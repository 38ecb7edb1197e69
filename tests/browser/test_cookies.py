"""No undeclared cookie in a real browser: before an answer, after each answer, signed in and signed out.

Every response of a walk over the people's pages is looked at, and so is the browser's own store of cookies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import translation
from playwright.sync_api import Browser, Page

from compliance import own_cookies
from compliance.rules.cookies import undeclared
from tests.browser.test_member_journey import LOOK, Visit, sign_in
from tests.tools import cast, looks, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
PUBLIC = ("", "policy/", "notices/", "sign-in/", "order-access/", "cookies/")
OWN = ("", "account/", "account/data/", "account/choices/", "account/withdraw/", "cookies/")


class Walk(Visit):
    """A browser that keeps account of every cookie and of every host it was sent to."""

    def __init__(self, browser: Browser, address: str, slug: str, **options: Any) -> None:
        super().__init__(browser, address, **options)
        self.slug, self.hosts = slug, set[str]()
        self.page.on("request", lambda sent: self.hosts.add(sent.url.split("/")[2]))

    def over(self, language: str, paths: tuple[str, ...]) -> None:
        for path in paths:
            self.open(f"/{language}/{self.slug}/{path}")
            self.look()

    def look(self) -> None:
        seen = self.page.context.cookies()
        names = undeclared(
            (one["name"] for one in seen), (own.name for own in own_cookies.of_people(self.slug))
        )
        lasting = [one["name"] for one in seen if one["expires"] != -1]
        if names or lasting:
            self.faults.append(f"{self.page.url}: undeclared {names}, lasting {lasting}")

    def answer(self, language: str, value: str) -> None:
        self.open(f"/{language}/{self.slug}/cookies/")
        self.page.check(f"input[value='{value}']")
        with self.page.expect_navigation():
            self.page.click("#cookies .primary")
        assert self.page.locator(".strip-success").count() == 1
        assert self.page.is_checked(f"input[value='{value}']")
        self.look()

    def is_asked(self) -> bool:
        return self.page.locator(".cookie-strip").count() == 1


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.mark.promise("LEJ-CK-1", "LEJ-CK-2", "MIK-15.1", "MIK-15.2")
@pytest.mark.parametrize(
    ("language", "width", "script", "answers"),
    [
        ("en", 1280, True, ("yes", "ask", "no")),
        ("ko", 320, True, ("ask",)),
        ("id", 320, False, ("no",)),
    ],
)
def test_a_visitor_gets_declared_cookies_only_before_and_after_each_answer(
    browser: Browser,
    live_server: Any,
    language: str,
    width: int,
    script: bool,
    answers: tuple[str, ...],
) -> None:
    visits.live("leje")
    walk = Walk(browser, live_server.url, "leje", width=width, java_script_enabled=script)
    walk.over(language, PUBLIC[::-1])
    assert walk.is_asked()
    for value in answers:
        walk.answer(language, value)
        walk.over(language, PUBLIC)
    assert walk.hosts == {live_server.url.split("/")[2]}
    assert walk.faults == []
    walk.close()


@pytest.mark.promise("MIK-15.3", "MIK-15.4")
def test_a_member_gets_declared_cookies_only_and_none_is_left_after_signing_out(
    browser: Browser, live_server: Any
) -> None:
    minji = cast.member(visits.live())
    walk = Walk(browser, live_server.url, "mikmik", width=390)
    sign_in(walk, "en")
    walk.over("en", OWN)
    for value in ("yes", "no"):
        walk.answer("en", value)
        assert "choice-mikmik" not in {one["name"] for one in walk.page.context.cookies()}
        walk.over("en", OWN)
    assert minji.consentevents.count() == 2
    with walk.page.expect_navigation():
        walk.page.click("form[action$='/sign-out/'] button")
    assert walk.page.url.endswith("/signed-out/")
    assert walk.page.context.cookies() == []
    assert walk.faults == []
    walk.close()


@pytest.mark.parametrize(
    ("slug", "language", "width", "scheme"),
    [
        ("leje", "en", 1280, "light"),
        ("mikmik", "ko", 320, "dark"),
        ("engoo", "id", 320, "light"),
    ],
)
def test_the_page_is_clean_and_its_answers_look_the_same(
    browser: Browser, live_server: Any, slug: str, language: str, width: int, scheme: str
) -> None:
    visits.live(slug)
    walk = Walk(browser, live_server.url, slug, width=width, color_scheme=scheme)
    for path in ("policy/", "cookies/"):
        walk.open(f"/{language}/{slug}/{path}")
        walk.check()
        assert same_look(walk.page)
    assert not walk.page.locator("input[type=radio]:checked").count()
    walk.open(f"/{language}/{slug}/policy/")
    walk.press(".cookie-answers button[value='no']")
    assert walk.page.url.endswith(f"/{language}/{slug}/policy/")
    assert not walk.is_asked()
    walk.open(f"/{language}/{slug}/signed-out/")
    walk.check()
    assert walk.faults == []
    walk.close()


def same_look(page: Page) -> bool:
    """Whether the answers of each group have one size and one look."""
    groups = page.locator(".cookie-answers").all()
    looks = [
        {
            (round(box["width"]), round(box["height"]), str(one.evaluate(LOOK)))
            for one in group.locator("> *").all()
            if (box := one.bounding_box())
        }
        for group in groups
    ]
    return bool(looks) and all(len(look) == 1 for look in looks)


def test_the_browsers_own_refusal_is_honoured_and_said(browser: Browser, live_server: Any) -> None:
    visits.live("leje")
    walk = Walk(browser, live_server.url, "leje", width=390, extra_http_headers={"Sec-GPC": "1"})
    walk.over("en", PUBLIC)
    assert not walk.is_asked()
    assert "Global Privacy Control. We take it as a no" in walk.page.inner_text("main")
    assert Axe().run(walk.page, options=looks.RULES).response["violations"] == []
    walk.close()

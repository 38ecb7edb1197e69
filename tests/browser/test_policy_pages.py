"""Policy pages in a real browser: side by side, on a phone, on paper; and a notice on another site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import Browser

from compliance.models import Notice, Service
from tests.browser.test_member_journey import Visit
from tests.tools import cast, versions, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
BODY = "## 1 Collection\n\nWe collect names.\n\n## 2 Period\n\nKept 12 months.\n\n## 3 Links\n\nNone.\n"
CHANGED = BODY.replace("12", "24").replace(
    "## 3 Links\n\nNone.", "## 4 Children\n\nNobody under 14."
)
PATHS = ("policy/", "policy/3/", "policy/3/changes/", "recipients/", "notices/")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def service() -> Service:
    """MIKMIK with a third version that changes a period, in its rows and in its text."""
    found = visits.live()
    second = versions.draft(found, {})
    versions.write_texts(second, en=BODY, ko=BODY)
    versions.put_in_force(second, on=date(2026, 11, 1))
    third = versions.draft(found, {"rejoin_log_12m": {"period": "P24M"}})
    versions.write_texts(third, en=CHANGED, ko=CHANGED)
    versions.put_in_force(third, on=date(2026, 11, 20))
    now = timezone.now()
    Notice.objects.create(
        service=found,
        version=third,
        event="policy_revision_important",
        effective_on=now.date() + timedelta(days=31),
        published_at=now - timedelta(minutes=1),
        places=["homepage_notice", "first_page"],
    )
    return found


@pytest.mark.parametrize(
    ("language", "width", "scheme", "script"),
    [("en", 1280, "light", True), ("ko", 320, "dark", True), ("id", 320, "light", False)],
)
def test_policy_pages_are_clean_in_every_language_and_width(
    browser: Browser,
    live_server: Any,
    service: Service,
    language: str,
    width: int,
    scheme: str,
    script: bool,
) -> None:
    visit = Visit(
        browser, live_server.url, width=width, color_scheme=scheme, java_script_enabled=script
    )
    for path in PATHS:
        visit.open(f"/{language}/mikmik/{path}")
        assert visit.page.locator("h1").count() == 1
        if script:
            visit.check()
    assert visit.faults == []
    visit.close()


@pytest.mark.promise("MIK-20a")
def test_two_texts_stand_side_by_side_where_there_is_room_and_below_each_other_on_a_phone(
    browser: Browser, live_server: Any, service: Service
) -> None:
    for width, is_beside in ((1280, True), (320, False)):
        visit = Visit(browser, live_server.url, width=width)
        visit.open("/en/mikmik/policy/3/changes/")
        sides = visit.page.locator(".compared").first.locator(".compared-sides > div")
        before, after = (sides.nth(place).bounding_box() for place in (0, 1))
        assert before is not None
        assert after is not None
        assert (before["y"] == after["y"]) is is_beside
        assert visit.page.locator("del").all_inner_texts() != []
        line = "el => getComputedStyle(el).textDecorationLine"
        assert visit.page.locator("del").first.evaluate(line) == "line-through"
        assert visit.page.locator("ins").first.evaluate(line) == "underline"
        visit.close()


def test_on_paper_only_the_text_is_left(
    browser: Browser, live_server: Any, service: Service
) -> None:
    visit = Visit(browser, live_server.url, width=800)
    visit.open("/en/mikmik/policy/")
    visit.page.emulate_media(media="print", color_scheme="dark")
    for gone in (".site-nav", ".policy-contents", ".cookie-strip", "main form", ".languages"):
        assert visit.page.locator(f"{gone} >> visible=true").count() == 0, gone
    for kept in ("h1", ".policy", "#officers", ".summary-list"):
        assert visit.page.locator(kept).first.is_visible(), kept
    colour = "el => getComputedStyle(el).color"
    inks = {one.evaluate(colour) for one in visit.page.locator("main p, main dd, main a").all()}
    assert inks == {"rgb(0, 0, 0)", "rgb(51, 51, 51)"}  # On white, whatever the screen looks like.
    assert len(visit.page.pdf()) > 10_000
    visit.close()


@contextmanager
def own_site(privacy: str, attributes: str = "", *, inner: str = "") -> Iterator[str]:
    """The company's own first page, on another port, under a strict policy of its own."""
    page = f"""<!DOCTYPE html><html lang="en"><head><title>Shop</title></head><body><main><h1>Shop</h1>
<div id="notices">{inner}</div></main>
<script src="{privacy}/embed/notices.js" async data-service="mikmik" {attributes}></script></body></html>"""
    policy = f"default-src 'none'; script-src {privacy}; connect-src {privacy}"

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def shop(browser: Browser, address: str) -> Visit:
    """A visit of the shop's first page; the icon that browsers ask for by themselves is no fault of ours."""
    visit = Visit(browser, address, width=320)
    visit.open("/")
    visit.page.wait_for_load_state("networkidle")
    visit.faults = [fault for fault in visit.faults if "favicon" not in fault]
    return visit


@pytest.mark.promise("KRN-9")
def test_a_running_notice_shows_on_the_first_page_of_the_companys_own_site(
    browser: Browser, live_server: Any, service: Service, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    with own_site(live_server.url, 'data-language="ko"') as address:
        visit = shop(browser, address)
        strip = visit.page.locator("body > section.privacy-notice")
        assert strip.count() == 1
        assert strip.get_attribute("lang") == "ko"
        assert visit.page.context.cookies() == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320
        assert visit.faults == []
        with visit.page.expect_navigation():
            strip.locator("a").click()
        assert "/ko/mikmik/notices/" in visit.page.url
        visit.close()


def test_the_notice_stands_where_the_page_wants_it_and_looks_as_the_page_wants(
    browser: Browser, live_server: Any, service: Service
) -> None:
    with own_site(live_server.url, 'data-target="#notices" data-look="plain"') as address:
        visit = shop(browser, address)
        strip = visit.page.locator("#notices > section.privacy-notice")
        assert strip.count() == 1
        assert strip.get_attribute("style") is None
        assert visit.faults == []
        visit.close()


def test_without_a_running_notice_nothing_shows(
    browser: Browser, live_server: Any, service: Service
) -> None:
    Notice.objects.update(shown_until=timezone.now())
    with own_site(
        live_server.url, 'data-target="#notices"', inner="<a href='/n'>Notices</a>"
    ) as at:
        visit = shop(browser, at)
        assert visit.page.locator(".privacy-notice").count() == 0
        assert visit.page.locator("#notices a").count() == 0
        visit.close()


def test_a_feed_that_does_not_answer_leaves_the_link_of_the_page(
    browser: Browser, live_server: Any
) -> None:
    cast.service("mikmik")  # In set-up: no feed yet.
    with own_site(
        live_server.url, 'data-target="#notices"', inner="<a href='/n'>Notices</a>"
    ) as at:
        visit = shop(browser, at)
        assert visit.page.locator("#notices a").inner_text() == "Notices"
        visit.close()

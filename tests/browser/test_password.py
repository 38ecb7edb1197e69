"""A password in a real browser: chosen, used, mistyped, proved before leaving; without JavaScript, at 320 px."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from playwright.sync_api import Browser

from compliance import ledger
from compliance.models import Session
from members.actions import password
from members.models import DataSubject
from tests.browser.test_member_journey import LOOK, Visit
from tests.tools import cast, visits

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
FIRST, SECOND = "a kettle sings at noon", "a kettle sings at nine"


@pytest.fixture
def minji() -> DataSubject:
    found = cast.member(visits.live())
    password.set_password(found.account, FIRST, actor=ledger.THEMSELVES, now=timezone.now())
    return found


def enter(visit: Visit, raw: str) -> None:
    visit.open("/en/mikmik/sign-in/")
    visit.type("#id_identifier", "minji-id")
    visit.type("#id_password", raw)
    visit.press("button[value='password']")


def grow_old() -> None:
    """Move the proof of every session eleven minutes back."""
    for row in Session.objects.exclude(owner=""):
        store = Session.get_session_store_class()(row.session_key)
        store["subject_proved"] = int((timezone.now() - timedelta(minutes=11)).timestamp())
        store.save()


@pytest.mark.parametrize(
    ("script", "width", "scheme"), [(True, 1440, "light"), (False, 320, "dark")]
)
def test_a_password_from_mistyping_to_leaving_with_it(
    browser: Browser, live_server: Any, minji: DataSubject, script: bool, width: int, scheme: str
) -> None:
    options = {"java_script_enabled": script, "color_scheme": scheme}
    visit = Visit(browser, live_server.url, width=width, **options)
    enter(visit, "mistyped")
    assert "This did not fit" in visit.page.inner_text(".error-summary")
    if script:
        visit.check()
    enter(visit, FIRST)
    assert visit.page.url.endswith("/en/mikmik/account/")
    visit.press("a.card-link[href$='/account/password/']")
    visit.type("#id_password", SECOND)
    visit.press("button[value='save']")
    assert "Your password is saved" in visit.page.inner_text("main")
    if script:
        visit.check()
    grow_old()
    visit.open("/en/mikmik/account/password/")
    assert visit.page.locator("input[type=password]").count() == 2
    if script:
        visit.check()
    visit.open("/en/mikmik/account/withdraw/")
    if script:
        visit.check()
    visit.type("#id_current", SECOND)
    visit.press(".choices-row button")
    assert visit.page.url.endswith("/en/mikmik/withdrawn/")
    assert visit.faults == []
    visit.close()


def test_password_and_code_look_the_same(
    browser: Browser, live_server: Any, minji: DataSubject
) -> None:
    visit = Visit(browser, live_server.url, width=320)
    visit.open("/en/mikmik/sign-in/")
    one, other = visit.page.locator("#sign-in .button-row .button").all()
    first, second = one.bounding_box(), other.bounding_box()
    assert first is not None
    assert second is not None
    assert (first["width"], first["height"]) == (second["width"], second["height"])
    assert one.evaluate(LOOK) == other.evaluate(LOOK)
    visit.close()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield

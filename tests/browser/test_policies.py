"""The revision of a policy in a real browser, and its pages at every width."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.formats import date_format
from playwright.sync_api import Browser, Page

from compliance.actions import policy_version
from compliance.models import Notice, PolicyVersion, Service
from tests.tools import cast, drafts, looks, office
from tests.tools.drafts import at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
PICTURES = os.environ.get("POLICY_PICTURES", "")
Visit = dict[str, Any]


@pytest.fixture
def mikmik() -> Service:
    service = cast.service()
    cast.member(service)
    return service


def opened(browser: Browser, live_server: Any, settings: Any, who: Any, **options: Any) -> Page:
    name = settings.SESSION_COOKIE_NAME
    key = office.sign_in(who).cookies[name].value
    context = browser.new_context(**options)
    context.add_cookies([{"name": name, "value": key, "url": live_server.url}])
    return context.new_page()


def test_two_officers_revise_a_policy_by_mouse_and_keyboard(
    browser: Browser, live_server: Any, settings: Any, mikmik: Service
) -> None:
    author = opened(
        browser,
        live_server,
        settings,
        cast.officer("sora", mikmik),
        viewport={"width": 1440, "height": 900},
    )
    said: list[str] = []
    author.on("console", lambda message: said.append(message.text))
    author.goto(live_server.url + at("changelist"))
    author.get_by_role("button", name="Copy the policy in force").click()
    add_purpose(author)
    add_use(author)
    author.get_by_role("link", name="Check", exact=True).click()
    draft = PolicyVersion.objects.get(number=2)
    earliest = policy_version.earliest_day(draft, "important", now=datetime.now(UTC))
    words = date_format(earliest, "DATE_FORMAT")
    assert (
        f"it can take effect on {words} at the earliest"
        in author.locator(".banner strong").inner_text()
    )
    author.get_by_label("Takes effect on").fill((earliest - timedelta(days=1)).isoformat())
    author.get_by_role("button", name="Hand in for review").press("Enter")
    assert (
        f"can take effect on {words} at the earliest"
        in author.locator(".error-summary").inner_text()
    )
    author.get_by_label("Takes effect on").fill(earliest.isoformat())
    author.get_by_role("button", name="Hand in for review").press("Enter")
    author.locator(".status", has_text="In review").wait_for()
    second = opened(browser, live_server, settings, cast.officer("hana", mikmik))
    second.goto(live_server.url + at("change", draft.pk))
    second.get_by_role("link", name="Review").click()
    assert "One person will be mailed." in second.inner_text("#content")
    second.get_by_role("button", name="Approve this version").press("Enter")
    second.get_by_role("link", name="Announce now").click()
    second.get_by_role("button", name="Announce now").click()
    second.locator(".object-head .status", has_text="Announced").wait_for()
    assert Notice.objects.get().effective_on == earliest
    assert [line for line in said if "status of 422" not in line] == []  # The refusals above.
    author.context.close()
    second.context.close()


def add_purpose(page: Page) -> None:
    page.get_by_role("link", name="What it says").click()
    page.locator("#purposes > summary").press("Enter")
    page.get_by_role("link", name="Add to: purposes").click()
    page.get_by_label("Code", exact=True).fill("loyalty_programme")
    page.get_by_label("Name", exact=True).fill("Run a loyalty programme")
    page.get_by_label("Group").select_option("marketing")
    page.get_by_label("Legal ground").select_option("consent")
    page.get_by_label("Needs a choice of its own").press("Space")
    page.get_by_label("Clause").select_option("2.1")
    page.get_by_role("button", name="Save in this draft").click()


def add_use(page: Page) -> None:
    page.locator("#uses > summary").click()
    page.get_by_role("link", name="Add to: permitted uses").click()
    page.get_by_role("group", name="Items").get_by_label("E-mail", exact=False).first.check()
    page.get_by_role("group", name="Purposes").get_by_label("Run a loyalty programme").check()
    page.get_by_role("group", name="Kinds of person").get_by_label("Member", exact=True).check()
    page.get_by_label("Only with consent").check()
    page.get_by_role("button", name="Save in this draft").click()


@pytest.fixture
def pages(mikmik: Service) -> dict[str, tuple[Any, str]]:
    """Pages in every state: an announced version, one in review, a draft with a problem."""
    now = datetime.now(UTC)
    sora, hana = cast.officer("sora", mikmik, role="chief_officer"), cast.officer("hana", mikmik)
    client, other = office.sign_in(sora), office.sign_in(hana)
    announced = drafts.with_purpose(client, mikmik)
    day = policy_version.earliest_day(announced, "important", now=now).isoformat()
    client.post(at("check", announced.pk), {"effective_on": day})
    office.approve(other, at("review", announced.pk))
    other.post(at("announce", announced.pk))
    waiting = drafts.with_purpose(client, mikmik)
    client.post(at("check", waiting.pk), {"effective_on": day})
    draft = drafts.copied(client, mikmik)
    client.post(at("row_add", draft.pk, "purposes"), drafts.PURPOSE)
    rows = {
        table: getattr(draft, table).first().pk
        for table in ("items", "uses", "purposes", "promises")
    }
    notice = Notice.objects.get()
    return {
        "list": (sora, at("changelist")),
        "version in force": (sora, at("change", cast.version(mikmik).pk)),
        "announced": (sora, at("change", announced.pk)),
        "draft": (sora, at("change", draft.pk)),
        "says": (sora, at("change", draft.pk) + "?tab=says&open=retention"),
        "texts": (sora, at("change", draft.pk) + "?tab=texts"),
        "history": (sora, at("change", announced.pk) + "?tab=history"),
        "check": (sora, at("check", draft.pk)),
        "review": (hana, at("review", waiting.pk)),
        "own review": (sora, at("review", waiting.pk)),
        "cancel": (sora, at("cancel", announced.pk)),
        "item": (sora, at("row", draft.pk, "items", rows["items"])),
        "use": (sora, at("row", draft.pk, "uses", rows["uses"])),
        "binding": (sora, at("row", draft.pk, "promises", rows["promises"])),
        "new rule": (sora, at("row_add", draft.pk, "retention")),
        "remove": (sora, at("row_remove", draft.pk, "purposes", rows["purposes"])),
        "frozen row": (sora, at("row", announced.pk, "items", announced.items.first().pk)),
        "facts": (sora, at("facts", draft.pk, "service")),
        "text": (sora, at("text", draft.pk, "ko")),
        "upload": (sora, at("upload")),
        "notices": (sora, "/office/compliance/notice/"),
        "notice": (sora, f"/office/compliance/notice/{notice.pk}/change/"),
        "services": (sora, "/office/compliance/service/"),
        "service": (sora, f"/office/compliance/service/{mikmik.pk}/change/"),
    }


@pytest.mark.parametrize(("width", "scheme"), looks.CASES)
def test_pages_of_policies_are_clean_at_every_width(
    browser: Browser, live_server: Any, settings: Any, pages: Any, width: int, scheme: str
) -> None:
    faults: list[str] = []
    for name, (who, path) in pages.items():
        options: Visit = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
        page = opened(browser, live_server, settings, who, **options)
        said: list[str] = []
        page.on("console", lambda message, said=said: said.append(message.text))
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        answer = page.goto(live_server.url + path)
        assert answer is not None and answer.ok, name
        faults += [f"{name}: {text}" for text in (*said, *looks.faults(page))]
        if PICTURES:
            file = Path(PICTURES) / f"{name.replace(' ', '-')}-{width}-{scheme}.png"
            page.screenshot(path=file, full_page=True)
        page.context.close()
    assert faults == []

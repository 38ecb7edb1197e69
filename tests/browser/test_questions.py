"""What a new version asks anew, in a real browser: yes, no and later weigh the same, also without JavaScript."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import Browser

from members.models import ConsentState, DataSubject
from tests.tools import cast, looks, visits, widened

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(databases="__all__", transaction=True),
]
SHOTS = os.environ.get("SHOTS", "")
LOOK = (
    "el => { const s = getComputedStyle(el);"
    " return [s.color, s.backgroundColor, s.borderColor, s.fontSize, s.fontWeight] }"
)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def minji() -> DataSubject:
    found = cast.member(visits.live())
    widened.in_force(found.service)
    widened.in_force(found.service, "measuring", "foot_width")
    return found


@pytest.mark.promise("KRN-4.3")
@pytest.mark.parametrize(
    ("language", "width", "scheme", "script"),
    [("en", 1280, "light", True), ("ko", 320, "dark", False), ("id", 320, "light", True)],
)
def test_a_visit_leads_to_the_questions_and_each_answer_is_one_click(
    browser: Browser,
    live_server: Any,
    minji: DataSubject,
    language: str,
    width: int,
    scheme: str,
    script: bool,
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        java_script_enabled=script,
    )
    page, said = context.new_page(), []
    page.on("console", lambda line: said.append(line.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{live_server.url}/{language}/mikmik/sign-in/")
    page.fill("#id_identifier", "minji@mail.example")
    page.click("#sign-in button[value='code']")
    page.fill("#id_code", visits.code_sent())
    page.click("#enter-code .primary")
    assert page.url.endswith(f"/{language}/mikmik/account/questions/")
    if script:
        said += looks.faults(page)
        later, answer = (
            page.eval_on_selector(f"#questions button[value='{value}']", LOOK)
            for value in ("later", "answer")
        )
        assert later == answer, "leaving it for later is as easy as answering"
    if SHOTS:
        Path(SHOTS).mkdir(exist_ok=True, parents=True)
        page.screenshot(path=f"{SHOTS}/questions-{language}.png", full_page=True)
    page.check("input[name='fitting::'][value='agree']")
    page.check("input[name='measuring::'][value='disagree']")
    page.click("#questions button[value='answer']")
    assert page.url.endswith("/account/")
    page.goto(f"{live_server.url}/{language}/mikmik/account/questions/")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/questions-after-{language}.png", full_page=True)
    answers = dict(ConsentState.objects.values_list("purpose", "answer"))
    assert answers == {"fitting": "agreed", "measuring": "disagreed"}
    assert not said
    context.close()

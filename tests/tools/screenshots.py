"""Photograph a fresh demo (``make screenshots``).

The pictures of the README go to ``docs/pictures``; all pages of the menu, at two widths, light
and dark, go to ``screenshots/``, which is not kept.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from compliance.demo.environment import HOST, free_port
from tests.tools import source

PICTURES = source.ROOT / "docs" / "pictures"
OFFICER = "chief@example.com"
OFFICE_PAGES = {
    "dashboard": "office/",
    "audit-trail": "office/compliance/ledgerentry/",
    "officers": "office/compliance/officerappointment/",
}
PUBLIC_PAGES = {
    "mailbox": "demo/mail/",
    "member-start": "en/mikmik/",
    "notices": "en/mikmik/notices/",
}
MEMBER_PAGES = {
    "my-account": "en/mikmik/account/",
    "my-data": "en/mikmik/account/data/",
    "withdraw": "en/mikmik/account/withdraw/",
}
ALL = source.ROOT / "screenshots"
WIDTHS = {"": (1280, 860), "-phone": (390, 844)}
WIDE_AND_PHONE = (1440, 390)
SCHEMES = ("light", "dark")
READY = "Ctrl-C stops everything."


def main() -> None:
    """Start a demo of its own, take every picture, stop the demo."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    ALL.mkdir(exist_ok=True)
    with _demo() as (address, password, member), sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        cookies = _member_cookies(browser, address, member)  # By now the worker has had a turn.
        for suffix, (width, height) in WIDTHS.items():
            page = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="light",
                storage_state=cookies,
            )
            for name, path in (PUBLIC_PAGES | MEMBER_PAGES).items():
                _take(page, address + path, f"{name}{suffix}")
            page.close()
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme="light"
            )
            _sign_in(page, address, password)
            for name, path in OFFICE_PAGES.items():
                _take(page, address + path, f"{name}{suffix}")
            page.close()
        for width, scheme in product(WIDE_AND_PHONE, SCHEMES):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            _take_all(page, address, password, f"-{width}-{scheme}")
            page.close()
        browser.close()


def _take_all(page: Page, address: str, password: str, suffix: str) -> None:
    """Every public page, the sign-in page, and every page that the menu of the office names."""
    for name, path in PUBLIC_PAGES.items():
        _take(page, address + path, f"{name}{suffix}", folder=ALL)
    _take(page, f"{address}office/login/", f"sign-in{suffix}", folder=ALL)
    _sign_in(page, address, password)
    page.goto(f"{address}office/")
    links = page.locator(".office-menu .menu-link")
    paths = [links.nth(place).get_attribute("href") or "" for place in range(links.count())]
    for path in paths:
        name = path.strip("/").replace("/", "-")
        _take(page, address + path.lstrip("/"), f"{name}{suffix}", folder=ALL)


def _sign_in(page: Page, address: str, password: str) -> None:
    page.goto(f"{address}office/login/")
    page.fill("input[name=email]", OFFICER)
    page.fill("input[name=password]", password)
    page.click("#login-form [type=submit]")


def _member_cookies(browser: Browser, address: str, member: str) -> Any:
    """Sign a member in: ask for a code, read it in the mailbox, type it; return the cookies."""
    page, mailbox = browser.new_page(), browser.new_page()
    page.goto(f"{address}en/mikmik/sign-in/")
    page.fill("input[name=identifier]", member)
    page.click("main form [type=submit]")
    newest = mailbox.locator(".messages a").first
    mailbox.goto(f"{address}demo/mail/?to={member}")
    while not newest.count():
        time.sleep(0.5)
        mailbox.reload()
    newest.click()
    code = re.search(r"\b\d{6}\b", mailbox.inner_text("main"))
    page.fill("input[name=code]", code[0] if code else "")
    page.click("main form [type=submit]")
    return page.context.storage_state()


def _take(page: Page, address: str, name: str, *, folder: Path = PICTURES) -> None:
    answer = page.goto(address)
    if answer is None or not answer.ok:
        print(f"left out {name}: {address} answers {answer.status if answer else 'nothing'}")
        return
    page.screenshot(path=folder / f"{name}.png")
    print(f"{folder.relative_to(source.ROOT)}/{name}.png")


@contextmanager
def _demo() -> Iterator[tuple[str, str, str]]:
    with tempfile.TemporaryDirectory(prefix="screenshots-") as folder:
        port, said = free_port(), Path(folder) / "said.txt"
        command = [sys.executable, "manage.py", "demo", "--port", str(port)]
        with said.open("w") as output:
            child = subprocess.Popen(
                command, cwd=source.ROOT, env=os.environ | {"VAR_DIR": folder}, stdout=output
            )
        try:
            while READY not in said.read_text():
                if child.poll() is not None:
                    sys.exit(f"the demo did not start:\n{said.read_text()}")
                time.sleep(0.2)
            password = re.search(r"password of all: (\S+)\)", said.read_text())
            member = re.search(r"(\S+@\S+) +mikmik \(", said.read_text())
            assert password and member
            yield f"http://{HOST}:{port}/", password[1], member[1]
        finally:
            child.terminate()
            child.wait(timeout=40)


if __name__ == "__main__":
    main()

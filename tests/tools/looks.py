"""What is wrong with the look of a page: faults that axe can find (WCAG 2.2 AA), and scrolling sideways."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
}
WIDTHS = (320, 390, 1440)
CASES = [(1440, "light"), (320, "dark")]  # Both themes and both ends; ``faults`` tries all widths.


def faults(page: Page) -> list[str]:
    """Return what axe finds at the width that the page has, and the widths at which it scrolls sideways."""
    found = Axe().run(page, options=RULES).response["violations"]
    said = [f"{one['id']} {[node['html'][:140] for node in one['nodes'][:3]]}" for one in found]
    return said + [f"scrolls sideways at {width}" for width in WIDTHS if _is_wider(page, width)]


def _is_wider(page: Page, width: int) -> bool:
    before = page.viewport_size
    assert before is not None, "a page without a size of its own"
    page.set_viewport_size({"width": width, "height": before["height"]})
    wider = bool(page.evaluate("document.documentElement.scrollWidth") > width)
    page.set_viewport_size(before)
    return wider

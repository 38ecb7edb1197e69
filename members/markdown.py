"""Policy text (Markdown, written by officers) as HTML that cannot do more than show words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Any

import markdown
import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify

TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "ul", "ol", "li", "strong", "em", "code", "blockquote", "a",
    "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "sup", "sub",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "th": {"scope"}, "h2": {"id"}, "h3": {"id"}}
CONTENTS_LEVEL = 2
MOST_REMEMBERED = 64  # Published texts never change; each is rendered once per process.


@dataclass(frozen=True, slots=True)
class Heading:
    """A clause in the list of contents: its words, and where on the page it begins."""

    anchor: str
    words: str


def as_html(text: str) -> SafeString:
    """Return safe HTML; the first-level heading is the page's own, so the text begins at the second level."""
    return _rendered(text)[0]


def contents(text: str) -> tuple[Heading, ...]:
    """Return the second-level headings of a text, in order, with their anchors in ``as_html``.

    Example: ``## 3 Links`` is ``Heading("clause-3-links", "3 Links")``.
    """
    return _rendered(text)[1]


@lru_cache(MOST_REMEMBERED)
def _rendered(text: str) -> tuple[SafeString, tuple[Heading, ...]]:
    body = "\n".join(line for line in text.splitlines() if not line.startswith("# "))
    writer = markdown.Markdown(
        extensions=["tables", "def_list", "sane_lists", "toc"],
        extension_configs={"toc": {"slugify": _anchor, "toc_depth": "2-3"}},
        output_format="html",
    )
    raw = writer.convert(body)
    clean = nh3.clean(raw, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"https", "mailto", "tel"})
    found = tuple(_headings(writer.toc_tokens))  # type: ignore[attr-defined]
    return mark_safe(clean), found  # nosec B308 B703  # cleaned by nh3 in the line above


def _anchor(words: str, _separator: str) -> str:
    """Anchors of a text begin alike, so that none is taken for another part of the page."""
    return f"clause-{slugify(words, allow_unicode=True)}"


def _headings(tokens: Iterable[Mapping[str, Any]]) -> Iterator[Heading]:
    for token in tokens:
        if token["level"] == CONTENTS_LEVEL:
            yield Heading(token["id"], unescape(token["name"]))

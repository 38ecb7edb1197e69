"""Small pieces of the pages: status labels (a word and a shape), masked values, links."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

KINDS = ("good", "wait", "risk", "bad", "quiet")


def status(kind: str, words: Any) -> SafeString:
    """A status label. Kinds: good, wait, risk, bad, quiet; the words carry the meaning.

    Example: status("risk", _("Due on Tuesday")). Raises ValueError for another kind.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of status: {kind}")
    return format_html('<span class="status status-{}">{}</span>', kind, words)


def suggested() -> SafeString:
    """The mark of a figure that the policy does not state (`stated = false`)."""
    return format_html('<span class="suggested">{}</span>', _("suggested, not promised"))


def masked(
    words: Any, *, source: str = "", object_id: Any = "", field: str = "", label: Any = ""
) -> SafeString:
    """A masked value; with a reveal source (see reveal.py) a button that asks for the purpose."""
    shown = format_html('<span class="masked">{}</span>', words)
    if not source or not words:
        return shown
    url = reverse("admin:reveal", args=[source, str(object_id), field])
    return format_html(
        '{} <span class="reveal"><a class="button" href="{}">{}'
        '<span class="visually-hidden"> {}</span></a></span>',
        shown,
        url,
        _("Reveal"),
        label or field,
    )

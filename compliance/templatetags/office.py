"""Template tags of the office: list rows that become cards on a phone, filters as a row of menus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_list import (
    result_headers,
    result_hidden_fields,
    results,
)
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.inclusion_tag("admin/office_results.html")
def office_result_list(cl: Any) -> dict[str, Any]:
    """The stock table, whose cells also carry the title of their column for narrow screens."""
    headers = list(result_headers(cl))
    titles = [header["text"] for header in headers]
    return {
        "cl": cl,
        "result_headers": headers,
        "result_hidden_fields": list(result_hidden_fields(cl)),
        "num_sorted_fields": sum(1 for header in headers if header["sortable"]),
        "results": [_labelled(row, titles) for row in results(cl)],
    }


@register.filter
def filter_menus(cl: Any) -> Iterator[dict[str, Any]]:
    """Filters of a list with what is chosen in each; the first choice of a filter means "all"."""
    for spec in cl.filter_specs:
        choices = list(spec.choices(cl))
        chosen = next((choice for choice in choices[1:] if choice.get("selected")), None)
        yield {
            "title": str(spec.title)[:1].upper() + str(spec.title)[1:],
            "choices": choices,
            "is_set": chosen is not None,
            "chosen": chosen["display"] if chosen else "",
        }


def _labelled(row: Any, titles: list[Any]) -> list[SafeString]:
    return [_with_label(str(cell), title) for cell, title in zip(row, titles, strict=False)]


def _with_label(cell: str, title: Any) -> SafeString:
    """A cell made by Django (`<td ...>` or `<th ...>`) with its column title as data."""
    if "<input" in str(title):
        return mark_safe(cell)  # nosec B308 B703  # made by Django from escaped values
    label = format_html(' data-label="{}"', str(title)[:1].upper() + str(title)[1:])
    made = f"{cell[:3]}{label}{cell[3:]}"
    return mark_safe(made)  # nosec B308 B703  # as above

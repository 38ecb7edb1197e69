"""The strip and the link to the questions of a new version, for whoever has not answered them."""

from typing import Any

from django import template

from members import questions

register = template.Library()


@register.inclusion_tag("members/parts/questions_strip.html", takes_context=True)
def open_questions(context: dict[str, Any]) -> dict[str, Any]:
    """Questions that wait for the person signed in, unless they were left for later."""
    sheet = _sheet(context)
    due = sheet is not None and not sheet.put_off
    return {"service": context["service"], "waiting": len(sheet.waiting) if sheet and due else 0}


@register.inclusion_tag("members/parts/questions_link.html", takes_context=True)
def questions_link(context: dict[str, Any]) -> dict[str, Any]:
    """A plain line that leads to the questions, as long as there are any, answered or not."""
    return {"service": context["service"], "sheet": _sheet(context)}


def _sheet(context: dict[str, Any]) -> questions.Sheet | None:
    subject = context.get("subject")
    return questions.sheet(subject) if subject else None

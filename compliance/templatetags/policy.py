"""Template filters of policies."""

from typing import Any

from django import template

from compliance import policy_words

register = template.Library()


@register.filter
def figure_status(row: Any) -> str:
    """Show “suggested, not promised” next to a figure that the policy does not state."""
    return policy_words.figure_status(row)

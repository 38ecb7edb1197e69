"""What forms check of single fields of a draft; a draft as a whole is checked when it is submitted."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from compliance.rules.policy_fields import FORMS, is_duration


def check_duration(value: str) -> None:
    """Refuse what is not an ISO 8601 duration."""
    if not is_duration(value):
        raise ValidationError(
            _("Write a duration such as P30D, P12M, P5Y or PT24H."), code="duration"
        )


def check_code(value: str) -> None:
    """Refuse what cannot be a code."""
    if not FORMS["code"](value):
        raise ValidationError(
            _("Start with a letter and go on with letters, digits, “_”, “.” or “-”."), code="code"
        )


def check_texts(value: Any) -> None:
    """Refuse what is not a list of texts."""
    if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
        raise ValidationError(_("Write a list of texts."), code="texts")

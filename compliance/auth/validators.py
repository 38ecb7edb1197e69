"""Passwords: length counts, composition does not; staff need more of it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class StaffLengthValidator:
    """Staff need at least 15 characters; others are left to the general rule."""

    def __init__(self, min_length: int = 15) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password of staff that is too short."""
        if not getattr(user, "is_staff", False) or len(password) >= self.min_length:
            return
        message = ngettext(
            "A password of staff needs at least %(count)d character.",
            "A password of staff needs at least %(count)d characters.",
            self.min_length,
        )
        raise ValidationError(message, "password_of_staff_too_short", {"count": self.min_length})

    def get_help_text(self) -> str:
        """What the form says."""
        return _("Staff: at least %(count)d characters.") % {"count": self.min_length}


class RepetitionValidator:
    """A password that is a short piece written again and again is as short as the piece.

    Example: ``passwordpassword`` and ``abcabcabcabc`` are refused.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password that repeats itself."""
        folded = password.casefold()
        if folded and folded in (folded + folded)[1:-1]:
            raise ValidationError(self.get_help_text(), "password_repeats_itself")

    def get_help_text(self) -> str:
        """What the form says."""
        return _("A password that repeats itself is easy to guess.")

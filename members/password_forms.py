"""Forms about passwords: one plain field for a new one, paste and managers welcome, nothing shown again."""

from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members import passwords
from members.forms import HouseForm


def _advice() -> str:
    """What makes a good password (MIK-12.3.10)."""
    length = passwords.shortest()
    return ngettext(
        "At least %(count)d character. Choose one that nobody can guess and that you use nowhere else, "
        "such as a sentence, and change it now and then.",
        "At least %(count)d characters. Choose one that nobody can guess and that you use nowhere else, "
        "such as a sentence, and change it now and then.",
        length,
    ) % {"count": length}


class NewPasswordField(forms.CharField):
    """A new password: checked, never stripped, never shown again; ``clean`` returns it as typed."""

    def __init__(self, **kwargs: Any) -> None:
        more = {
            "label": _("New password"),
            "help_text": lazy(_advice, str)(),
            "max_length": passwords.LONGEST,
            "strip": False,
            "widget": forms.PasswordInput(
                attrs={"autocomplete": "new-password", "spellcheck": "false"}
            ),
            "error_messages": {"required": _("Enter a new password.")},
        }
        super().__init__(**{**more, **kwargs})

    def validate(self, value: str) -> None:
        """Refuse a short or guessable one, in words."""
        super().validate(value)
        if value:
            passwords.validate(value)


class NewPasswordForm(HouseForm):
    """Choose a password while nothing else has to be proved."""

    password = NewPasswordField()

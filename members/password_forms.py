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


class CurrentPasswordField(forms.CharField):
    """The password in use, typed again before something that lasts."""

    def __init__(self, **kwargs: Any) -> None:
        more = {
            "label": _("Your password"),
            "max_length": passwords.LONGEST,
            "strip": False,
            "widget": forms.PasswordInput(
                attrs={"autocomplete": "current-password", "spellcheck": "false"}
            ),
            "error_messages": {"required": _("Enter your password.")},
        }
        super().__init__(**{**more, **kwargs})


class ProofForm(HouseForm):
    """The password of somebody who signed in a while ago; a code by e-mail serves as well."""

    current = CurrentPasswordField(
        required=False,
        help_text=_(
            "You signed in more than 10 minutes ago. Leave it empty to get a code by e-mail instead."
        ),
    )


class RemovePasswordForm(HouseForm):
    """Take the password away; ``asks_current`` asks for it first."""

    current = CurrentPasswordField(label=_("Your password now"))

    def __init__(self, *args: Any, asks_current: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_current:
            del self.fields["current"]


class NewPasswordForm(RemovePasswordForm):
    """Choose a password."""

    password = NewPasswordField()

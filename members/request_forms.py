"""Forms with which people change a value, say that one is wrong, stop its use, and write about a request."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from members.forms import HouseForm
from members.imports.words import WORDS
from members.rules.import_values import DATE_ITEMS, EMAIL_ITEMS, PHONE_ITEMS, ValueRefused

MOST_WORDS = 4_000
REFUSED: dict[str, Any] = {
    "missing": _("Enter the new value. To have a value destroyed, write to the privacy officer."),
    "taken": _("Somebody else uses this already. Choose another one."),
}
FILLED_IN = {"name": "name", "email": "email", "login_id": "username", "nickname": "nickname"}


def reason(refused: ValueRefused) -> str:
    """Say why a value cannot be kept. Example: ``This is no e-mail address``."""
    found = str(REFUSED.get(refused.code) or WORDS.get(refused.code, refused.code))
    return capfirst(found % dict(refused.params) if refused.params else found)


def _widget(item: str, *, is_long: bool) -> forms.Widget:
    attrs = {"autocomplete": FILLED_IN.get(item, "off"), "spellcheck": "false"}
    if item in EMAIL_ITEMS:
        return forms.EmailInput(attrs=attrs | {"autocomplete": "email", "inputmode": "email"})
    if item in PHONE_ITEMS:
        return forms.TextInput(attrs=attrs | {"autocomplete": "tel", "inputmode": "tel"})
    if item in DATE_ITEMS:
        return forms.DateInput(attrs={"type": "date", "autocomplete": "bday"})
    return forms.Textarea(attrs=attrs | {"rows": 3}) if is_long else forms.TextInput(attrs=attrs)


class ChangeForm(HouseForm):
    """One value of one item; what is right with it is the rule's business."""

    value = forms.CharField(required=False, strip=False)

    def __init__(self, *args: Any, item: str, label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["value"].label = label
        self.fields["value"].widget = _widget(item, is_long="address" in item)


class DisputeForm(HouseForm):
    """What is wrong, and what would be right if the person knows it."""

    text = forms.CharField(
        label=_("What is wrong with it?"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write in a few words what is wrong.")},
    )
    value = forms.CharField(
        label=_("What would be right? (if you know it)"),
        required=False,
        max_length=10_000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class CommentForm(HouseForm):
    """Something to add to a request."""

    text = forms.CharField(
        label=_("What do you want to add?"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what you want to add.")},
    )


class StopForm(HouseForm):
    """Which items are not to be used any more."""

    items = forms.MultipleChoiceField(
        label=_("What shall not be used any more?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Tick at least one. There is a button of its own for everything.")
        },
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = choices  # type: ignore[attr-defined]

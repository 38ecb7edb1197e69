"""Forms for enquiries and complaints: what came by telephone, mail, fax or post, and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.admin.request_forms import BY_OFFICE
from members.rules.enquiry import COMPLAINT, ENQUIRY, TOPICS

MOST_WORDS = 10_000
TOPIC_WORDS: dict[str, Any] = {
    "privacy": _("Personal data"),
    "rights": _("Somebody's rights"),
    "complaints": _("Something went wrong"),
    "general": _("Anything else"),
}


class AnswerForm(forms.Form):
    """The words of the answer, and whether it was given already."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Greeting, reference, your address and the public bodies are added."),
        error_messages={"required": _("Write the answer: no case closes without one.")},
    )
    told = forms.BooleanField(
        label=_("Given already on the telephone, by fax or by letter: send no e-mail"),
        required=False,
    )


class RegisterForm(forms.Form):
    """A question or complaint that did not come by these pages."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[(ENQUIRY, _("A question")), (COMPLAINT, _("A complaint"))],
        widget=forms.RadioSelect,
    )
    topic = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[(code, TOPIC_WORDS[code]) for code in TOPICS],
        widget=forms.RadioSelect,
    )
    channel = forms.ChoiceField(
        label=_("How did it come?"), choices=BY_OFFICE, widget=forms.RadioSelect
    )
    to = forms.ChoiceField(
        label=_("To which contact of the policy?"), required=False, widget=forms.RadioSelect
    )
    received_on = forms.DateField(
        label=_("Received on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    received_time = forms.TimeField(
        label=_("Received at"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    text = forms.CharField(
        label=_("What was said or written"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    person = forms.CharField(
        label=_("Number of the person, if known"),
        required=False,
        max_length=40,
        help_text=_("As on the page of the person. Then the answer goes to the address we hold."),
    )
    name = forms.CharField(label=_("Name"), required=False, max_length=100)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        max_length=254,
        error_messages={"invalid": _("Enter an e-mail address such as name@example.com.")},
    )
    phone = forms.CharField(label=_("Telephone or fax"), required=False, max_length=40)
    post = forms.CharField(
        label=_("Postal address"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, contacts: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["to"].choices = contacts  # type: ignore[attr-defined]

    def received_at(self) -> datetime:
        """The moment, in the zone of the officer's pages."""
        day, clock = self.cleaned_data["received_on"], self.cleaned_data["received_time"]
        return timezone.make_aware(datetime.combine(day, clock))

    def contact(self) -> dict[str, str]:
        """What was given to reach a stranger, without empty parts."""
        names = ("name", "email", "phone", "post")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}

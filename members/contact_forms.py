"""The contact form: no account, no puzzle; a field that people do not see catches programs that fill everything."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.forms import HouseForm
from members.rules.enquiry import COMPLAINT, ENQUIRY

MOST_WORDS = 5_000


class ContactForm(HouseForm):
    """What it is about and the words; name and address too, where nobody is signed in."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[(ENQUIRY, _("A question")), (COMPLAINT, _("A complaint"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether it is a question or a complaint.")},
    )
    text = forms.CharField(
        label=_("Your message"),
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
        help_text=_("Please no card or identity numbers: we do not need them to answer."),
        error_messages={
            "required": _("Write what you want to ask or to complain about."),
            "max_length": _("Write at most %(limit_value)d characters; you have %(show_value)d."),
        },
    )
    name = forms.CharField(
        label=_("Your name, if you like"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The answer goes there. It is used for nothing else."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Enter the e-mail address to which the answer goes."),
            "invalid": _("Enter an e-mail address such as name@example.com."),
        },
    )
    website = forms.CharField(
        label=_("Leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    def __init__(self, *args: Any, is_known: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if is_known:
            del self.fields["name"], self.fields["email"]

    def clean_website(self) -> str:
        """Refuse what only a program fills in; somebody whose browser did it reads how to go on."""
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("Empty this field, then send again."))
        return ""

"""Forms of the people's pages: explicit fields, autocomplete, no hint about which part was wrong."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import passwords
from members.rules import import_values


class HouseForm(forms.Form):
    """A form whose faulty fields say so to assistive software, and that can be shown again as typed."""

    required_css_class = "required"
    error_css_class = "has-error"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class SignInForm(HouseForm):
    """Who it is, and a password from whoever has one; a code by e-mail opens the account without."""

    identifier = forms.CharField(
        label=_("E-mail address or login ID"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter your e-mail address or login ID.")},
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("Leave it empty to get a code by e-mail."),
        required=False,
        max_length=passwords.LONGEST,
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "spellcheck": "false"}
        ),
    )


class OrderAccessForm(HouseForm):
    """What a purchaser without account has in hand."""

    order_number = forms.CharField(
        label=_("Order number"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter the order number. It is in the message that confirmed your order.")
        },
    )
    email = forms.EmailField(
        label=_("E-mail address of the order"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Enter the e-mail address that you gave with the order."),
            "invalid": _("Enter an e-mail address such as name@example.com."),
        },
    )


class CodeForm(HouseForm):
    """Six digits; spaces between them are forgiven."""

    code = forms.CharField(
        label=_("Code of six digits"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter the code from the message.")},
    )

    def clean_code(self) -> str:
        """Return the digits alone; anything else cannot be a code."""
        digits = "".join(str(self.cleaned_data["code"]).split())
        if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
            raise forms.ValidationError(_("The code has six digits."))
        return digits


class RepresentativeForm(HouseForm):
    """The own address of somebody who acts for a child."""

    email = forms.EmailField(
        label=_("Your own e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email"}),
        error_messages={
            "required": _("Enter your own e-mail address."),
            "invalid": _("Enter an e-mail address such as name@example.com."),
        },
    )

    def clean_email(self) -> str:
        """Return the address as it is kept: the code goes to it, so no look-alike may stand for another's."""
        try:
            return import_values.email(str(self.cleaned_data["email"]))
        except import_values.ValueRefused:
            said = self.fields["email"].error_messages["invalid"]
            raise forms.ValidationError(said, code="invalid") from None

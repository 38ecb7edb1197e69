"""Forms on the page of a service that set a figure which the policy leaves open."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance import selectors
from compliance.models import PolicyVersion, Service
from compliance.rules.calendar import Period

UNITS = (("Y", _("years")), ("M", _("months")), ("D", _("days")))


class KeepForm(forms.Form):
    """How long dormant members stay apart: a number and a unit; no number, no end."""

    number = forms.IntegerField(
        label=_("How long do dormant members stay apart?"),
        required=False,
        min_value=1,
        max_value=1_000,
        help_text=_(
            "Counted from the day on which they were set apart. After that the membership ends as if the person "
            "had withdrawn. Empty: nobody's does, and this stays on the list of duties."
        ),
    )
    unit = forms.ChoiceField(label=_("Unit"), choices=UNITS)

    @property
    def period(self) -> str:
        """The period as ISO 8601, empty for no end. Example: ``P3Y``."""
        number = self.cleaned_data["number"]
        return f"P{number}{self.cleaned_data['unit']}" if number else ""


def keep_form(service: Service) -> KeepForm:
    """Return the form with what is set now."""
    return KeepForm(initial=_parts(service.dormant_keep), label_suffix="")


def sets_people_apart(version: PolicyVersion | None) -> bool:
    """Tell whether a policy sets people apart who do not use the service."""
    rules = selectors.policy_values(version).retention if version else ()
    return any(rule.action == "separate" and rule.trigger == "last_use" for rule in rules)


def _parts(text: str) -> dict[str, Any]:
    if not text:
        return {"number": None, "unit": "Y"}
    period = Period.parse(text)
    found = ((period.days, "D"), (period.months, "M"), (period.years, "Y"))
    number, unit = next(one for one in found if one[0])
    return {"number": number, "unit": unit}

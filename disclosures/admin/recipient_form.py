"""The form of a recipient: rows of the policies, items and purposes within them, and refusals in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance.models import Account, Service
from compliance.roles import services_of
from compliance.rules.policy_values import Policy
from disclosures.actions import recipient as actions
from disclosures.models import Recipient
from members import words

REFUSALS: dict[str, Any] = {
    "row_unknown": _("The policy in force has no such row. Revise the policy first."),
    "item_not_in_row": _("The policy does not allow all of these items for this recipient."),
    "purpose_not_in_row": _("The policy does not allow all of these purposes for this recipient."),
    "agreement_needed": _(
        "The policy asks for a contract with this recipient. Enter its reference."
    ),
    "name_taken": _("A recipient of this name is running already."),
    "has_ended": _("This recipient has ended and stays as it is."),
    "before_it_began": _("This day is before the recipient began."),
}
PLAIN_FIELDS = (
    "name",
    "contact_email",
    "country",
    "posted_on",
    "agreement_reference",
    "agreement_until",
)


class RecipientForm(forms.ModelForm):  # type: ignore[type-arg]
    """`account` is set by the page: rows come from the services this officer may manage."""

    account: Account | None = None
    row = forms.ChoiceField(
        label=_("Row of the policy"),
        help_text=_("Under which promise of which service this recipient is given data."),
    )
    items = forms.MultipleChoiceField(
        label=_("Items"), required=False, widget=forms.CheckboxSelectMultiple
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Recipient
        fields = (*PLAIN_FIELDS, "since_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policies = self._policies()
        if self.instance.pk:
            self.fields.pop("row", None)
            self.initial |= {"items": self.instance.items, "purposes": self.instance.purposes}
        elif "row" in self.fields:
            self.fields["row"].choices = _row_choices(policies)  # type: ignore[attr-defined]
        for name, choices in (
            ("items", _item_choices(policies)),
            ("purposes", _purpose_choices(policies)),
        ):
            if name in self.fields:
                self.fields[name].choices = choices  # type: ignore[attr-defined]

    def _policies(self) -> dict[Service, Policy]:
        if self.instance.pk:
            services: Any = [self.instance.service]
        else:
            services = services_of(self.account, "recipients.manage").order_by("name")
        found = {service: actions.policy_of(service) for service in services}
        return {service: policy for service, policy in found.items() if policy}

    def clean(self) -> dict[str, Any]:
        """Ask the policy before anything is written; a refusal stands at its field."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            service, code = self._row()
            actions.check(
                service, code, cleaned, existing=self.instance if self.instance.pk else None
            )
        except actions.NotPossible as error:
            field = "row" if error.field == "policy_code" else error.field
            self.add_error(field if field in self.fields else None, REFUSALS[error.code])
        return cleaned

    def _row(self) -> tuple[Service, str]:
        if self.instance.pk:
            return self.instance.service, self.instance.policy_code
        slug, _slash, code = self.cleaned_data["row"].partition("/")
        return services_of(self.account, "recipients.manage").get(slug=slug), code

    def carry_out(self, *, actor: Account, now: datetime) -> Recipient:
        """Call the action: add, or change."""
        data = {name: self.cleaned_data[name] for name in (*PLAIN_FIELDS, "items", "purposes")}
        if self.instance.pk:
            return actions.change(self.instance, data, actor=actor, now=now)
        service, code = self._row()
        since = self.cleaned_data["since_on"]
        return actions.add(service, policy_code=code, since_on=since, actor=actor, now=now, **data)


def _row_choices(policies: dict[Service, Policy]) -> list[tuple[str, str]]:
    return [
        (f"{service.slug}/{row.code}", f"{service.name}: {row.name}")
        for service, policy in policies.items()
        for row in policy.recipients
    ]


def _item_choices(policies: dict[Service, Policy]) -> list[tuple[str, str]]:
    """Items that some recipient row names; a row without items leaves the choice among all."""
    found: dict[str, str] = {}
    for policy in policies.values():
        named = [code for row in policy.recipients for code in row.items]
        for code in named:
            found.setdefault(code, words.item(policy, code))
    return list(found.items())


def _purpose_choices(policies: dict[Service, Policy]) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for policy in policies.values():
        codes = [code for row in policy.recipients for code in row.purposes]
        for code, label in zip(codes, words.purposes(policy, codes), strict=True):
            found.setdefault(code, label)
    return list(found.items())

"""Forms of the paper register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from compliance import selectors
from compliance.models import PaperBatch, Service
from compliance.register_words import said
from compliance.rules.paper import Methods
from compliance.term_words import word


def _day(label: Any, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **more)


class BatchForm(forms.Form):
    """What lies where, under which rule, and how old it is."""

    rule = forms.ChoiceField(
        label=_("Rule of the policy"),
        help_text=_("Until when it is kept follows from the rule and the newest content."),
    )
    label = forms.CharField(
        label=_("Label"),
        max_length=80,
        help_text=_("As written on the box, such as “Complaints 2024, box 3”. No names of people."),
    )
    place = forms.CharField(
        label=_("Place"),
        max_length=120,
        help_text=_("Apart from other papers: room, cabinet, box."),
    )
    quantity = forms.IntegerField(label=_("Quantity"), min_value=1, max_value=1_000_000)
    unit = forms.ChoiceField(label=_("Unit"), choices=PaperBatch.Unit.choices)
    first_on = _day(_("Oldest content"))
    last_on = _day(_("Newest content"))

    def __init__(self, *args: Any, services: Sequence[Service], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.services = {service.slug: service for service in services}
        self.fields["rule"].choices = [_rules_of(service) for service in services]  # type: ignore[attr-defined]

    def clean_rule(self) -> tuple[Service, str]:
        """The service and the code of the rule."""
        slug, _colon, code = self.cleaned_data["rule"].partition(":")
        return self.services[slug], code


def _rules_of(service: Service) -> tuple[str, list[tuple[str, str]]]:
    version = selectors.policy_in_force(service)
    rules = selectors.policy_values(version).retention if version else ()
    choices = [
        (f"{service.slug}:{rule.code}", f"{said(rule.label)} ({rule.clause or '–'})")
        for rule in rules
        if rule.action == "destroy" and rule.storage != "at_recipient"
    ]
    return service.name, choices


class DestroyForm(forms.Form):
    """By which method of the policy, and when."""

    method = forms.ChoiceField(label=_("Method"), widget=forms.RadioSelect)
    destroyed_on = _day(_("Destroyed on"))
    note_code = forms.ChoiceField(
        label=_("Note"), required=False, choices=[("", "–"), *PaperBatch.Note.choices]
    )

    def __init__(self, *args: Any, methods: Methods | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = methods.codes if methods else ()
        self.fields["method"].choices = [(code, word(code)) for code in codes]  # type: ignore[attr-defined]
        if methods is None or not codes:
            self.fields["method"].help_text = _("The policy has no row for paper. Add one first.")
        elif not methods.stated:
            self.fields["method"].help_text = _(
                "The policy names no method for paper; these are suggested."
            )

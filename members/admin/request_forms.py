"""Forms of the steps with a request; every closed list comes from the rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from compliance import masking, roles
from compliance.models import Account, OfficerAppointment, Service
from compliance.rules.calendar import start_of_day
from members.actions import consent_for
from members.models import RightsRequest
from members.request_words import EXTENSIONS, REFUSALS

MOST_WORDS = 4_000
Kind, Channel, Identity = RightsRequest.Kind, RightsRequest.Channel, RightsRequest.Identity
BY_OFFICE = [(one.value, one.label) for one in Channel if one not in (Channel.WEB, Channel.SYSTEM)]
PROOFS = [
    (one.value, one.label)
    for one in Identity
    if one not in (Identity.UNCHECKED, Identity.SIGNED_IN)
]
KINDS = [
    (one.value, one.label)
    for one in Kind
    if one not in (Kind.MEMBERSHIP_WITHDRAWAL, Kind.ENQUIRY, Kind.COMPLAINT)
]


class Step(forms.Form):
    """What the form of every step knows: the request, and who works on it."""

    def __init__(self, *args: Any, asked: RightsRequest, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked, self.account = asked, account
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the request."""


class AssignForm(Step):
    """Who works on it from now on."""

    to = forms.ChoiceField(label=_("Who works on it?"), widget=forms.RadioSelect)

    def prepare(self) -> None:
        """Offer the officers of the service; oneself first."""
        found = workers(self.asked.service)
        mine = [one for one in found if one.pk == self.account.pk]
        ordered = mine + [one for one in found if one.pk != self.account.pk]
        self.fields["to"].choices = [(str(one.pk), one.full_name) for one in ordered]  # type: ignore[attr-defined]

    def clean_to(self) -> Account:
        """The account itself."""
        return Account.objects.get(pk=self.cleaned_data["to"])


class IdentityForm(Step):
    """How it was made sure that the right person asks."""

    how = forms.ChoiceField(
        label=_("How did you make sure that the right person asks?"),
        choices=PROOFS,
        widget=forms.RadioSelect,
    )


class TextForm(Step):
    """Words to the person, or a note."""

    text = forms.CharField(
        label=_("Text"), max_length=MOST_WORDS, widget=forms.Textarea(attrs={"rows": 5})
    )


class AnswerForm(TextForm):
    """An answer; a copy of the data needs no words."""

    def prepare(self) -> None:
        """Ask for words only where there is nothing else to give."""
        self.fields["text"].label = _("What do you answer? The person reads this text.")
        self.fields["text"].required = self.asked.kind not in (Kind.ACCESS, Kind.TRANSACTION_ACCESS)


class ExtendForm(Step):
    """Until when, and why."""

    until = forms.DateField(
        label=_("Answer by (end of this day)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reason = forms.ChoiceField(
        label=_("Why does it take longer? The person reads the reason."),
        choices=list(EXTENSIONS.items()),
        widget=forms.RadioSelect,
    )

    def clean_until(self) -> datetime:
        """The last moment of the day in the zone of the service."""
        day = self.cleaned_data["until"] + timedelta(days=1)
        return start_of_day(day, self.asked.service.timezone) - timedelta(seconds=1)


class RefuseForm(Step):
    """One reason of the closed list, and words if there is more to say."""

    reason = forms.ChoiceField(
        label=_("Why? The person reads the reason."),
        choices=list(REFUSALS.items()),
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("More words to the person (if needed)"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CorrectForm(Step):
    """The right value of each item; empty takes the value that the person gave."""

    def __init__(
        self,
        *args: Any,
        labels: Sequence[tuple[str, str]],
        proposed: dict[str, str],
        **kwargs: Any,
    ) -> None:
        self.labels, self.proposed = labels, proposed
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        """One field for each item of the request."""
        for item, label in self.labels:
            given = self.proposed.get(item, "")
            shown = masking.mask_item(item, given)
            self.fields[item] = forms.CharField(
                label=_("Right value: %(item)s") % {"item": label},
                required=not given,
                max_length=10_000,
                help_text=_("Leave it empty to take the value that the person gave: %(value)s")
                % {"value": shown}
                if given
                else "",
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def values(self) -> dict[str, str]:
        """What was typed, else what the person gave, by item."""
        return {
            item: self.cleaned_data[item] or self.proposed[item] for item, _label in self.labels
        }


class WithdrawForm(Step):
    """Which of the running consents are taken back."""

    consents = forms.MultipleChoiceField(
        label=_("Which consents does the person take back?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one. Without any, answer the request.")},
    )

    def prepare(self) -> None:
        """Offer what the person agrees to now."""
        lines = consent_for.agreed(self.asked, now=timezone.now())
        self.fields["consents"].choices = [(line.choice.key, line.title) for line in lines]  # type: ignore[attr-defined]


class ConfirmForm(Step):
    """Nothing to fill in: the page says what happens."""


class StartForm(forms.Form):
    """A request that came by telephone, mail, fax or letter."""

    kind = forms.ChoiceField(label=_("What is asked for?"), choices=KINDS, widget=forms.RadioSelect)
    channel = forms.ChoiceField(
        label=_("How did it come?"), choices=BY_OFFICE, widget=forms.RadioSelect
    )
    made_by = forms.ChoiceField(
        label=_("Who asks?"), choices=RightsRequest.MadeBy.choices, widget=forms.RadioSelect
    )
    identity = forms.ChoiceField(
        label=_("How did you make sure that the right person asks?"),
        choices=[("", Identity.UNCHECKED.label), *PROOFS],
        required=False,
        widget=forms.RadioSelect,
    )
    items = forms.MultipleChoiceField(
        label=_("About which items?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick nothing for everything. A correction names its items."),
    )
    received_on = forms.DateField(
        label=_("Received on"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    received_time = forms.TimeField(
        label=_("Received at"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    text = forms.CharField(
        label=_("What was said or written"),
        required=False,
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["items"].choices = choices  # type: ignore[attr-defined]

    def received_at(self) -> datetime:
        """The moment, in the zone of the officer's pages."""
        day, clock = self.cleaned_data["received_on"], self.cleaned_data["received_time"]
        return timezone.make_aware(datetime.combine(day, clock or time()))


def workers(service: Service) -> list[Account]:
    """Return the officers who may work on requests of a service, by name."""
    able = [name for name, granted in roles.ROLES.items() if "requests.handle" in granted]
    running = OfficerAppointment.objects.filter(service=service, ended_on=None, role__in=able)
    return list(
        Account.objects.filter(
            is_active=True, pk__in=running.values_list("account", flat=True)
        ).order_by("full_name", "pk")
    )

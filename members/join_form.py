"""The form of joining, made from the policy: its items, the password, the age, and one answer to each question.

Values are checked and brought to their kept spelling by the rules of imports, so that a person is the same
whichever way they come in.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from compliance.rules.policy_values import Policy
from members import words
from members.forms import HouseForm
from members.imports import words as import_words
from members.join_blocks import Block
from members.password_forms import NewPasswordField
from members.rules import import_values, joining
from members.rules.joining import Asked

PASSWORD, AGE, REPRESENTATIVE, TRAP = "password", "old_enough", "representative_email", "website"
AGREE, DISAGREE = "agree", "disagree"
YES, NO = "yes", "no"
AUTOCOMPLETE = {
    "name": "name",
    "login_id": "username",
    "email": "email",
    "mobile": "tel",
    "phone": "tel",
    "address": "street-address",
    "contact_address": "street-address",
    "postal_code": "postal-code",
    "date_of_birth": "bday",
}
INPUTMODE = {"email": "email", "mobile": "tel", "phone": "tel"}


class Answers(forms.RadioSelect):
    """Two answers; a link to the question leads to the first."""

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """Return the id that an error points to."""
        return super().id_for_label(id_, index or "0")


class JoinForm(HouseForm):
    """``asks_age`` is False where a representative fills the form in for a child."""

    def __init__(
        self,
        *args: Any,
        policy: Policy,
        kind: str,
        blocks: Sequence[Block],
        today: date,
        asks_age: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.policy, self.blocks, self.today = policy, blocks, today
        self.asked = joining.asked(policy, kind)
        self.asks_age = asks_age and policy.age_threshold is not None
        if self.asks_age:
            self._ask_age()
        for one in self.asked:
            self.fields[one.item] = _field(one, policy)
        if joining.asks_password(policy, kind):
            self.fields[PASSWORD] = NewPasswordField(label=_lazy("Password"))
        for block in blocks:
            self.fields[block.key] = _answer(block)
        self.fields[TRAP] = forms.CharField(
            required=False,
            label=_lazy("Leave this empty"),
            widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
        )

    def _ask_age(self) -> None:
        about = {"age": self.policy.age_threshold}
        self.fields[AGE] = forms.ChoiceField(
            label=_("Are you %(age)s or older?") % about,
            choices=[(YES, _("Yes")), (NO, _("No, I am younger"))],
            widget=Answers,
            error_messages={"required": _("Say whether you are %(age)s or older.") % about},
        )
        self.fields[REPRESENTATIVE] = forms.CharField(
            label=_lazy("E-mail address of your legal representative"),
            required=False,
            max_length=254,
            widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        )

    @property
    def required_fields(self) -> list[BoundField]:
        """The fields of the items without which nobody joins."""
        return [self[one.item] for one in self.asked if one.requirement == "required"]

    @property
    def further_fields(self) -> list[BoundField]:
        """The fields of the other items."""
        return [self[one.item] for one in self.asked if one.requirement != "required"]

    @property
    def questions(self) -> Iterator[tuple[Block, BoundField]]:
        """Each question with its field."""
        return ((block, self[block.key]) for block in self.blocks)

    @property
    def says_no(self) -> bool:
        """Whether a question was refused without whose yes nobody joins; other faults do not matter then."""
        return any(block.required and self.data.get(block.key) == DISAGREE for block in self.blocks)

    @property
    def is_for_child(self) -> bool:
        """Whether somebody under age filled it in; readable once it was checked, whatever else is wrong."""
        if not self.asks_age or self.cleaned_data.get(AGE) is None:
            return False
        born = self.cleaned_data.get("date_of_birth")
        day = date.fromisoformat(born) if born else None
        says = self.cleaned_data[AGE] == YES
        return joining.is_under_age(self.policy, day, says, self.today)

    def clean_representative_email(self) -> str:
        """An address of the representative in its kept spelling, where one was typed."""
        typed = str(self.cleaned_data[REPRESENTATIVE]).strip()
        return self._kept("email", typed, "contact") if typed else ""

    def clean(self) -> dict[str, Any]:
        """Bring every item to its kept spelling; ask for the representative of a child."""
        data = super().clean() or self.cleaned_data
        for one in self.asked:
            if data.get(one.item):
                try:
                    data[one.item] = self._kept(one.item, data[one.item], one.category)
                except forms.ValidationError as error:
                    self.add_error(one.item, error)
        if self.is_for_child:
            self._forget_other_faults()
        if self.is_for_child and not data.get(REPRESENTATIVE) and REPRESENTATIVE not in self.errors:
            self.add_error(
                REPRESENTATIVE, _("Enter the e-mail address of your legal representative.")
            )
        return data

    def clean_website(self) -> str:
        """Refuse what only a machine fills in."""
        if self.cleaned_data[TRAP]:
            raise forms.ValidationError(_("Leave this empty."))
        return ""

    def _forget_other_faults(self) -> None:
        """Of a child nothing but the representative's address is taken, so nothing else can be wrong."""
        for name in [name for name in self.errors if name not in (AGE, REPRESENTATIVE, TRAP)]:
            del self.errors[name]

    def _kept(self, item: str, text: str, category: str) -> str:
        try:
            return import_values.clean(item, text, category=category, today=self.today)
        except import_values.ValueRefused as refused:
            said = capfirst(import_words.sentence(refused.code, "", refused.params))
            raise forms.ValidationError(f"{said}.", code=refused.code) from refused

    @property
    def representative(self) -> str:
        """The address of a child's representative, empty if it is missing or wrong."""
        return str(self.cleaned_data.get(REPRESENTATIVE, ""))

    @property
    def values(self) -> dict[str, str]:
        """The items as they will be kept."""
        typed = {one.item: self.cleaned_data.get(one.item, "") for one in self.asked}
        return {item: value for item, value in typed.items() if value}

    @property
    def answers(self) -> dict[str, str]:
        """The answers that were given, by the key of the question; silence is none."""
        given = {block.key: self.cleaned_data.get(block.key, "") for block in self.blocks}
        return {key: answer for key, answer in given.items() if answer}


def _field(one: Asked, policy: Policy) -> forms.Field:
    is_required = one.requirement == "required"
    attributes = {"autocomplete": AUTOCOMPLETE.get(one.item, "off")}
    if one.item in INPUTMODE:
        attributes["inputmode"] = INPUTMODE[one.item]
    if one.item == "login_id":
        attributes |= {"autocapitalize": "none", "spellcheck": "false"}
    label = words.item(policy, one.item)
    return forms.CharField(
        label=label,
        required=is_required,
        max_length=500,
        help_text="" if is_required else _what_for(one, policy),
        widget=forms.TextInput(attrs=attributes),
        error_messages={"required": _("Enter this to join.")},
    )


def _what_for(one: Asked, policy: Policy) -> str:
    """An extra question says what for, at the time it is asked (ENG-3.4, ENG-4.13)."""
    purposes = ", ".join(words.purposes(policy, one.purposes))
    return _("You need not give it. Used for: %(what)s") % {"what": purposes} if purposes else ""


def _answer(block: Block) -> forms.Field:
    return forms.ChoiceField(
        label=block.title,
        choices=[(AGREE, _lazy("I agree")), (DISAGREE, _lazy("I disagree"))],
        widget=Answers,
        required=block.required,
        error_messages={"required": _lazy("Choose one of the two answers.")},
    )

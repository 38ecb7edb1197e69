"""The form of one row of a draft, built from the schema of policy files.

Closed enumerations are choices, codes of other rows are chosen from the draft itself, lists are checkboxes or
one entry per line. What a field may hold is checked by the same rules as a policy file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from compliance import policy_show, policy_words, term_words
from compliance.models.policy_tables import SERVICE_OWN
from compliance.rules import terms
from compliance.rules.policy_fields import Fault, check_row
from compliance.rules.policy_schema import Problem
from compliance.rules.policy_spec import (
    ITEM_SUBJECT,
    LONG,
    MAY_BE_WITHOUT_OBLIGATION,
    NEVER_COLLECT,
    SCHEMA,
    Field,
)

ORIGIN = ("stated", "clause", "obligations", "interpretations", "note")
ORDERED = frozenset({("service", "precedence")})
MULTIPLE = forms.CheckboxSelectMultiple


class RowForm(forms.Form):
    """Fields of one row. ``data`` is the draft in the shape of a file, ``row`` what the row says now.

    After validation ``columns()`` gives the columns to save and ``subjects()`` the people of an item.
    """

    def __init__(
        self,
        table: str,
        posted: Mapping[str, Any] | None,
        *,
        data: Mapping[str, Any],
        row: Mapping[str, Any],
        taken: Collection[str] = (),
    ) -> None:
        super().__init__(posted, label_suffix="")
        self.table, self.row, self.taken = table, row, frozenset(taken)
        self.spec = {
            name: wanted
            for name, wanted in SCHEMA[table].items()
            if not (table == "service" and name in SERVICE_OWN)
        }
        for name, wanted in self.spec.items():
            if wanted.kind == "subjects":
                self.fields.update(_subject_fields(data, row.get(name, ())))
            else:
                self.fields[name] = _field(table, name, wanted, data, row.get(name))

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return (heading, fields) in the order of the page."""
        own = [name for name in self.spec if name in self.fields and name not in ORIGIN]
        origin = [name for name in ORIGIN if name in self.fields]
        people = [
            (term_words.word(kind), [self[name] for name in _subject_names(kind)])
            for kind in self._kinds()
        ]
        return [
            (_("What it says"), [self[name] for name in own]),
            *people,
            (_("Where it comes from"), [self[name] for name in origin]),
        ]

    def clean(self) -> dict[str, Any]:
        """Check the row by the rules of policy files and put each fault beside its field."""
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        told = self.told()
        for name, fault in check_row(self.table, "", told)[1]:
            if name.partition("[")[0].partition(".")[0] in self.fields:
                self._add(name, fault)
        self._check_whole(told)
        return cleaned

    def told(self) -> dict[str, Any]:
        """Return the row in the shape of a policy file; what is optional and empty is left out."""
        found: dict[str, Any] = {}
        for name, wanted in self.spec.items():
            value = self._value(name, wanted)
            if wanted.required or value not in (None, "", {}):
                found[name] = value
        return found

    def columns(self) -> dict[str, Any]:
        """Return every column of the row but the people of an item."""
        return {
            policy_show.column(self.table, name): self._value(name, wanted)
            for name, wanted in self.spec.items()
            if wanted.kind != "subjects"
        }

    def subjects(self) -> list[dict[str, Any]] | None:
        """Return the people of an item, None for every other table."""
        if "subjects" not in self.spec or self.spec["subjects"].kind != "subjects":
            return None
        found = []
        for kind in self._kinds():
            values = [self.cleaned_data.get(name, "") for name in _subject_names(kind)]
            if values[0]:
                found.append(
                    {"kind": kind} | dict(zip(list(ITEM_SUBJECT)[1:], values, strict=True))
                )
        return found

    def _kinds(self) -> list[str]:
        wanted = self.spec.get("subjects")
        if wanted is None or wanted.kind != "subjects":
            return []
        known = [entry["kind"] for entry in self.row.get("subjects", ())]
        return [*known, *sorted(terms.SUBJECT_KIND - set(known), key=term_words.word)]

    def _value(self, name: str, wanted: Field) -> Any:
        if wanted.kind == "subjects":
            return self.subjects()
        value = self.cleaned_data.get(name)
        if wanted.kind == "list":
            return _in_old_order(value or [], self.row.get(name, ()))
        if wanted.kind == "text":
            return (value or "").replace("\r\n", "\n")
        if wanted.kind == "params":
            return value or {}
        return bool(value) if wanted.kind == "flag" and wanted.required else value

    def _add(self, name: str, fault: Fault) -> None:
        field = name.partition("[")[0].partition(".")[0]
        problem = Problem("", self.table, "", name, fault.code, fault.params)
        self.add_error(field, policy_words.sentence(problem))

    def _check_whole(self, told: Mapping[str, Any]) -> None:
        bare = self.table in MAY_BE_WITHOUT_OBLIGATION
        if not bare and told.get("obligations") == []:
            self._add("obligations", Fault("no_obligation"))
        name = "id" if self.table == "clauses" else "code"
        if told.get(name) in self.taken:
            self._add(name, Fault("duplicate_code", {"value": told[name]}))
        if told.get("subjects") == [] and self.subjects() is not None:
            self.add_error(None, policy_words.sentence(Problem("", "items", "", "", "no_subjects")))


def _field(
    table: str, name: str, wanted: Field, data: Mapping[str, Any], value: Any
) -> forms.Field:
    words = policy_show.label(table, name)
    options: dict[str, Any] = {
        "label": words[:1].upper() + words[1:],
        "required": wanted.kind in ("text", "whole") and wanted.required and not wanted.blank,
        "initial": value,
    }
    builders = {"list": _list_field, "text": _text_field}
    if wanted.kind in builders:
        return builders[wanted.kind](table, name, wanted, data, options)
    return _plain_field(wanted, options)


def _plain_field(wanted: Field, options: dict[str, Any]) -> forms.Field:
    if wanted.kind == "flag" and wanted.required:
        return forms.BooleanField(**options)
    if wanted.kind == "flag":
        return forms.NullBooleanField(**options)
    if wanted.kind == "whole":
        return forms.IntegerField(**options)
    if wanted.kind == "day":
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        return forms.DateField(widget=widget, **options)
    return ParamsField(**options)


def _text_field(
    table: str, name: str, wanted: Field, data: Mapping[str, Any], options: dict[str, Any]
) -> forms.Field:
    choices = _choices(table, name, wanted, data)
    if choices is None:
        widget = forms.Textarea(attrs={"rows": 4}) if wanted.limit >= LONG else forms.TextInput()
        hint = _("A duration such as P30D, P12M, P5Y or PT24H; P0D means at once.")
        options["help_text"] = hint if wanted.form == "duration" else ""
        return forms.CharField(widget=widget, max_length=wanted.limit, **options)
    value = options["initial"]
    if value and value not in dict(choices):
        choices.append((value, value))
    return forms.ChoiceField(choices=[("", _("– choose –")), *choices], **options)


def _list_field(
    table: str, name: str, wanted: Field, data: Mapping[str, Any], options: dict[str, Any]
) -> forms.Field:
    choices = None if (table, name) in ORDERED else _choices(table, name, wanted, data)
    if choices is None:
        return LinesField(**options)
    unknown = [code for code in options["initial"] or () if code not in dict(choices)]
    choices += [(code, code) for code in unknown]
    return forms.MultipleChoiceField(choices=choices, widget=MULTIPLE, **options)


def _choices(
    table: str, name: str, wanted: Field, data: Mapping[str, Any]
) -> list[tuple[str, str]] | None:
    allowed = terms.ALLOWED.get(table, {}).get(name)
    if allowed is not None:
        return term_words.choices(allowed, name)
    if wanted.ref == "clauses":
        return _clause_choices(data)
    if wanted.ref:
        return [(row["code"], _named(row)) for row in data[wanted.ref]]
    return None


def _clause_choices(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(row["clause"], f"{row['clause']} {row['title']}") for row in data["clauses"]]


def _named(row: Mapping[str, Any]) -> str:
    return str(row.get("label") or row.get("name") or row["code"])


def _subject_names(kind: str) -> list[str]:
    return [f"{kind}_{part}" for part in list(ITEM_SUBJECT)[1:]]


def _subject_fields(
    data: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> dict[str, forms.Field]:
    known = {entry["kind"]: entry for entry in entries}
    found: dict[str, forms.Field] = {}
    for kind in terms.SUBJECT_KIND:
        for part, name in zip(list(ITEM_SUBJECT)[1:], _subject_names(kind), strict=True):
            value = known.get(kind, {}).get(part, "")
            found[name] = _subject_field(kind, part, data, value)
    return found


def _subject_field(kind: str, part: str, data: Mapping[str, Any], value: str) -> forms.Field:
    labels = {"requirement": _("How binding"), "moment": _("When"), "clause": _("Clause")}
    empty = _("not collected") if part == "requirement" else _("– choose –")
    choices = (
        _clause_choices(data)
        if part == "clause"
        else term_words.choices(terms.ALLOWED["items.subjects"][part], part)
    )
    if value and value not in dict(choices):
        choices.append((value, value))
    return forms.ChoiceField(
        label=labels[part], required=False, initial=value, choices=[("", empty), *choices]
    )


def _in_old_order(chosen: Sequence[str], old: Sequence[str]) -> list[str]:
    """Ticking a box must not read as a change of order.

    Example: ``b`` and ``a`` were there in this order, ``c`` is ticked: ``b a c``.
    """
    if not set(old) & set(chosen) or isinstance(chosen, Lines):
        return list(chosen)
    kept = [code for code in old if code in chosen]
    return kept + [code for code in chosen if code not in kept]


class Lines(list[str]):
    """Members whose order a person wrote and that is kept as written."""


class LinesField(forms.CharField):
    """A list as a text box with one entry per line."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.Textarea(attrs={"rows": 3}), help_text=_("One per line."), **options
        )

    def prepare_value(self, value: Any) -> Any:
        """Return the text to show."""
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Lines:
        """Return the entries, without empty lines."""
        return Lines(line.strip() for line in str(value or "").splitlines() if line.strip())


class ParamsField(forms.CharField):
    """Parameters of a check as lines ``name = value`` in the notation of policy files."""

    def __init__(self, **options: Any) -> None:
        hint = _('One per line, as in a policy file: rule = "payment_5y"')
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), help_text=hint, **options)

    def prepare_value(self, value: Any) -> Any:
        """Return the lines to show."""
        if not isinstance(value, Mapping):
            return value
        return "\n".join(f"{key} = {_toml(member)}" for key, member in value.items())

    def to_python(self, value: Any) -> dict[str, Any]:
        """Return the parameters; whatever is no TOML is refused."""
        try:
            return tomllib.loads(str(value or ""))
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                policy_words.sentence(
                    Problem("", "", "", "", "not_toml", {"reason": str(error)[:200]})
                )
            ) from error


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(member) for member in value) + "]"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


class FactsForm(RowForm):
    """The form of a single table: ``service`` or ``never_collect``."""

    def _check_whole(self, told: Mapping[str, Any]) -> None:
        """Single tables have no code and may be without promises."""


SINGLE = {"service": SCHEMA["service"], "never_collect": NEVER_COLLECT}

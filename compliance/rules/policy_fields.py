"""Checks of single fields of a policy file: type, form, length, closed enumeration.

A TOML file is not trusted: a value of any type in any place becomes a `Problem`, never an error.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from compliance.rules import terms
from compliance.rules.calendar import Period
from compliance.rules.policy_spec import MOST_MEMBERS, SCHEMA, Field

_LONGEST_SHOWN = 80
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MACHINE_PATH = re.compile(r"(^|\s)/(home|work|farm|tmp|root)\b")
_MOST_MONTHS, _MOST_DAYS, _MOST_SECONDS = 12 * 200, 366 * 200, 10**9
_LARGEST_WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a policy file: where it is, and what it is as a code with parameters.

    ``row`` is the code or id of the row, else its number counted from 1, ``""`` for a whole table;
    words for ``message_code`` are in `compliance.policy_words`.
    """

    file: str
    table: str
    row: str
    field: str
    message_code: str
    params: Mapping[str, str] = dataclass_field(default_factory=dict, hash=False)


@dataclass(slots=True)
class CheckedRow:
    """A row after its fields were checked: only sound values, and the names of unsound fields."""

    table: str
    name: str
    present: frozenset[str] = frozenset()
    values: dict[str, Any] = dataclass_field(default_factory=dict)
    unsound: set[str] = dataclass_field(default_factory=set)

    def get(self, name: str) -> Any:
        """Return a sound value, or ``None`` where it is absent or was refused."""
        return self.values.get(name)

    def members(self, name: str) -> list[Any]:
        """Return the sound members of a list field, an empty list where there is none."""
        return self.values.get(name) or []

    def sure(self, *names: str) -> bool:
        """Tell whether every named field is present and without a problem."""
        return all(name in self.values and name not in self.unsound for name in names)


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem inside one field: which part of it, a code, parameters."""

    code: str
    params: Mapping[str, str] = dataclass_field(default_factory=dict)
    part: str = ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_duration(text: str) -> bool:
    """Tell whether a text is an ISO 8601 duration that a calendar can count.

    Example: ``P12M`` is, ``1 year`` and ``P99999Y`` are not.
    """
    try:
        period = Period.parse(text)
    except (ValueError, OverflowError):
        return False
    short = period.years * 12 + period.months <= _MOST_MONTHS and period.days <= _MOST_DAYS
    return short and period.seconds <= _MOST_SECONDS


def _pattern(expression: str) -> Callable[[str], bool]:
    compiled = re.compile(expression, re.ASCII)
    return lambda text: compiled.fullmatch(text) is not None


FORMS: Final[Mapping[str, Callable[[str], bool]]] = {
    "code": _pattern(r"[A-Za-z][A-Za-z0-9_.-]*"),
    "slug": _pattern(r"[a-z0-9]+([-_][a-z0-9]+)*"),
    "prefix": _pattern(r"[A-Z]{2,5}"),
    "country": _pattern(r"[A-Z]{2}"),
    "language": _pattern(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
    "time": _pattern(r"([01]?\d|2[0-3]):[0-5]\d|24:00"),
    "obligation": re.compile(r"[A-Z]{2,5}-[A-Za-z0-9.§-]{1,50}").fullmatch,  # type: ignore[dict-item]
    "interpretation": re.compile(r"X-[A-Z]{2,5}-[A-Za-z0-9.§-]{1,50}").fullmatch,  # type: ignore[dict-item]
    "clause_id": lambda text: not re.search(r"\s", text),
    "timezone": lambda text: text in _zones(),
    "duration": is_duration,
    "lifetime": lambda text: text in {"session", "unspecified"} or is_duration(text),
}


def shown(value: Any) -> str:
    """Return a value as it may be shown in a message: short, harmless, of any type."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub("�", value[:_LONGEST_SHOWN])
    if isinstance(value, bool | float | date):
        return str(value)
    if isinstance(value, int) and abs(value) < 10**18:
        return str(value)
    return type_name(value)


def type_name(value: Any) -> str:
    """Return what TOML calls the type of a value."""
    names = {str: "text", bool: "true or false", int: "whole number", list: "list", dict: "table"}
    return names.get(type(value), type(value).__name__)


def check_row(table: str, name: str, row: Mapping[str, Any]) -> tuple[CheckedRow, list[Any]]:
    """Check every field of a row; return the sound part and ``[(field, Fault), ...]``."""
    spec = SCHEMA[table]
    checked = CheckedRow(table, name, frozenset(str(key) for key in row))
    found = [(shown(key), Fault("unknown_field")) for key in row if key not in spec]
    for field_name, wanted in spec.items():
        faults = list(_field_faults(table, field_name, wanted, row))
        found += [(field_name + fault.part, fault) for fault in faults]
        if faults:
            checked.unsound.add(field_name)
        _keep_sound(checked, field_name, wanted, row, faults)
    return checked, found


def _field_faults(table: str, name: str, wanted: Field, row: Mapping[str, Any]) -> Iterator[Fault]:
    if name not in row:
        if wanted.required:
            yield Fault("field_missing")
        return
    allowed = terms.ALLOWED.get(table, {}).get(name)
    yield from _KINDS[wanted.kind](row[name], wanted, allowed)


def _keep_sound(
    checked: CheckedRow,
    name: str,
    wanted: Field,
    row: Mapping[str, Any],
    faults: list[Fault],
) -> None:
    value = row.get(name)
    if name in row and not faults:
        checked.values[name] = value
    elif wanted.kind == "list" and isinstance(value, list):
        allowed = terms.ALLOWED.get(checked.table, {}).get(name)
        checked.values[name] = [m for m in value if not any(_text_faults(m, wanted, allowed))]


def _text_faults(value: Any, wanted: Field, allowed: frozenset[str] | None) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault("wrong_type", {"expected": "text", "found": type_name(value)})
    elif allowed is not None:
        if value not in allowed:
            yield Fault(
                "not_allowed", {"value": shown(value), "allowed": " ".join(sorted(allowed))}
            )
    else:
        yield from _free_text_faults(value, wanted)


def _free_text_faults(value: str, wanted: Field) -> Iterator[Fault]:
    if len(value) > wanted.limit:
        yield Fault("too_long", {"limit": str(wanted.limit)})
    elif _UNPRINTABLE.search(value):
        yield Fault("unprintable")
    elif not value.strip():
        if not wanted.blank:
            yield Fault("blank")
    elif wanted.form and not FORMS[wanted.form](value):
        yield Fault(f"not_a_{wanted.form}", {"value": shown(value)})
    elif _MACHINE_PATH.search(value):
        yield Fault("machine_path")


def _list_faults(value: Any, wanted: Field, allowed: frozenset[str] | None) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault("wrong_type", {"expected": "list", "found": type_name(value)})
    elif len(value) > MOST_MEMBERS:
        yield Fault("too_many", {"limit": str(MOST_MEMBERS)})
    else:
        for member in value:
            yield from _text_faults(member, wanted, allowed)


def _flag_faults(value: Any, wanted: Field, allowed: frozenset[str] | None) -> Iterator[Fault]:
    if type(value) is not bool:
        yield Fault("wrong_type", {"expected": "true or false", "found": type_name(value)})


def _whole_faults(value: Any, wanted: Field, allowed: frozenset[str] | None) -> Iterator[Fault]:
    if type(value) is not int:
        yield Fault("wrong_type", {"expected": "whole number", "found": type_name(value)})
    elif not 1 <= value <= _LARGEST_WHOLE:
        yield Fault("out_of_range", {"value": shown(value), "limit": str(_LARGEST_WHOLE)})


def _day_faults(value: Any, wanted: Field, allowed: frozenset[str] | None) -> Iterator[Fault]:
    if type(value) is not date:
        yield Fault("wrong_type", {"expected": "date", "found": type_name(value)})


def _subject_faults(value: Any, wanted: Field, allowed: frozenset[str] | None) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault("wrong_type", {"expected": "list", "found": type_name(value)})
        return
    if not value:
        yield Fault("no_subjects")
    if len(value) > MOST_MEMBERS:
        yield Fault("too_many", {"limit": str(MOST_MEMBERS)})
    for number, entry in enumerate(value[:MOST_MEMBERS], start=1):
        yield from _subject_entry_faults(number, entry)


def _subject_entry_faults(number: int, entry: Any) -> Iterator[Fault]:
    if not isinstance(entry, dict):
        found = {"expected": "table", "found": type_name(entry)}
        yield Fault("wrong_type", found, f"[{number}]")
        return
    for name, fault in check_row("items.subjects", "", entry)[1]:
        yield Fault(fault.code, fault.params, f"[{number}].{name}")


def _param_faults(value: Any, wanted: Field, allowed: frozenset[str] | None) -> Iterator[Fault]:
    if not isinstance(value, dict):
        yield Fault("wrong_type", {"expected": "table", "found": type_name(value)})
        return
    for key, member in value.items():
        part = f".{shown(key)}"
        if not FORMS["code"](key) or len(key) > _LONGEST_SHOWN:
            yield Fault("not_a_code", {"value": shown(key)}, part)
        for one in member if isinstance(member, list) else [member]:
            yield from _param_value_faults(one, part)


def _param_value_faults(value: Any, part: str) -> Iterator[Fault]:
    if isinstance(value, str):
        for fault in _free_text_faults(value, Field("text", blank=True)):
            yield Fault(fault.code, fault.params, part)
    elif type(value) is int:
        if abs(value) > _LARGEST_WHOLE:
            limit = {"value": shown(value), "limit": str(_LARGEST_WHOLE)}
            yield Fault("out_of_range", limit, part)
    elif type(value) is not bool:
        expected = {"expected": "text, whole number, true or false", "found": type_name(value)}
        yield Fault("wrong_type", expected, part)


_KINDS: Final[Mapping[str, Callable[[Any, Field, frozenset[str] | None], Iterator[Fault]]]] = {
    "text": _text_faults,
    "list": _list_faults,
    "flag": _flag_faults,
    "whole": _whole_faults,
    "day": _day_faults,
    "subjects": _subject_faults,
    "params": _param_faults,
}

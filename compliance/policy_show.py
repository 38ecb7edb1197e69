"""What a row of a policy says, in words: figures written out, codes by the names of their rows."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from compliance import term_words
from compliance.models.policy_tables import RENAMED, SERVICE_RENAMED, TABLE_MODELS
from compliance.models.policy_version import PolicyVersion
from compliance.policy_data import NEVER_COLLECT_PREFIX
from compliance.rules import terms
from compliance.rules.calendar import Period
from compliance.rules.policy_fields import is_duration
from compliance.rules.policy_spec import SCHEMA, Field

Names = Mapping[str, Mapping[str, str]]
NO_NAMES: Names = MappingProxyType({})
LONG_WORDS = 90
TITLES = ("label", "name", "title")
NAMED_BY = ("code", "id", "medium", "channel", "right", "obligation")
IN_HEAD = frozenset({"code", "id", "label", "name", "title", "clause", "stated"})


@dataclass(frozen=True)
class Fact:
    """One field of a row in words; ``stated`` is False for a figure that is only suggested."""

    label: str
    words: str
    stated: bool = True

    @property
    def is_long(self) -> bool:
        """Tell whether the words need a line of their own."""
        return len(self.words) > LONG_WORDS


@dataclass(frozen=True)
class Shown:
    """One row ready to print. Pages mark a row, and each of its figures, that is not stated."""

    pk: int
    title: str
    code: str
    clause: str
    stated: bool
    facts: list[Fact]


def column(table: str, field: str) -> str:
    """Return the column that holds a field of a table, `service` and `never_collect` included."""
    if table == "service":
        return SERVICE_RENAMED.get(field, field)
    if table == "never_collect":
        return NEVER_COLLECT_PREFIX + field
    return RENAMED.get((table, field), field)


def label(table: str, field: str) -> str:
    """Return what a field is called. Example: ``retention``, ``trigger``: “counted from”."""
    model = TABLE_MODELS.get(table, PolicyVersion)
    if field == "subjects" and table == "items":
        return _("collected from")
    name = column(table, field)
    known = {one.name for one in model._meta.get_fields()}
    return (
        str(model._meta.get_field(name).verbose_name) if name in known else field.replace("_", " ")
    )


def table_words(table: str) -> str:
    """Return what a table is called. Example: ``uses``: “permitted uses”."""
    if table == "service":
        return _("facts of the service")
    if table == "never_collect":
        return _("what is never collected")
    model = TABLE_MODELS.get(table)
    return str(model._meta.verbose_name_plural) if model else table


def row_words(table: str) -> str:
    """Return what one row of a table is called. Example: ``uses``: “permitted use”."""
    singles = {"service": _("fact of the service"), "never_collect": _("what is never collected")}
    return singles.get(table) or str(TABLE_MODELS[table]._meta.verbose_name)


def language_words(code: str) -> str:
    """Return the name of a language in the language of the page; an unknown code stands for itself."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def period_words(text: str) -> str:
    """Write a duration out. Example: ``P12M`` is “12 months”, ``P0D`` is “at once”."""
    if not is_duration(text):
        return text
    period = Period.parse(text)
    if period.is_zero:
        return _("at once")
    hours = period.seconds // 3600
    parts = [
        ngettext("%(n)d year", "%(n)d years", period.years) % {"n": period.years},
        ngettext("%(n)d month", "%(n)d months", period.months) % {"n": period.months},
        ngettext("%(n)d day", "%(n)d days", period.days) % {"n": period.days},
        ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours},
    ]
    counts = (period.years, period.months, period.days, hours)
    return ", ".join(part for part, count in zip(parts, counts, strict=True) if count) or text


def value_words(table: str, field: str, value: Any, names: Names) -> str:
    """Return the value of a field in words; empty where nothing is said."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, list | tuple):
        return ", ".join(value_words(table, field, member, names) for member in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {member}" for key, member in value.items())
    return (
        _text_words(table, field, value, names) if isinstance(value, str) else _other_words(value)
    )


def _text_words(table: str, field: str, value: str, names: Names) -> str:
    wanted = SCHEMA.get(table, {}).get(field, Field("text"))
    if field in terms.ALLOWED.get(table, {}):
        return term_words.word(value, field)
    if wanted.ref and wanted.ref != "clauses":
        return names.get(wanted.ref, {}).get(value, value)
    return period_words(value) if wanted.form == "duration" else value


def _other_words(value: Any) -> str:
    return "" if value is None else str(value)


def names_of(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return ``{table: {code: name}}`` of the rows in the data of a policy."""
    return {
        table: {row.get("code", ""): title(row) for row in data.get(table, ())}
        for table in ("items", "purposes", "recipients", "notices", "retention")
    }


def rows(data: Mapping[str, Any], table: str, keys: Iterable[int]) -> list[Shown]:
    """Return the rows of a table; ``keys`` are their primary keys in the order of ``data``."""
    names = names_of(data)
    return [_shown(table, row, pk, names) for row, pk in zip(data[table], keys, strict=True)]


def facts(
    table: str, row: Mapping[str, Any], names: Names, without: Collection[str] = ()
) -> list[Fact]:
    """Return every field of a row that says something, in words; a plain “no” is left out."""
    found = []
    for field, wanted in SCHEMA[table].items():
        value = row.get(field)
        if field in without or value is False or not value:
            continue
        words = (
            _subjects(value)
            if wanted.kind == "subjects"
            else value_words(table, field, value, names)
        )
        is_figure = wanted.form == "duration"
        found.append(Fact(label(table, field), words, not is_figure or _is_stated(row, field)))
    return found


def _is_stated(row: Mapping[str, Any], field: str) -> bool:
    """Tell whether a policy states a figure: a figure may have a mark of its own beside its row's."""
    return row.get("stated", True) and row.get(f"{field}_stated", True) is not False


def _shown(table: str, row: Mapping[str, Any], pk: int, names: Names) -> Shown:
    return Shown(
        pk=pk,
        title=title(row, table, names),
        code=str(row.get("code") or row.get("id") or ""),
        clause=str(row.get("clause", "")),
        stated=row.get("stated", True),
        facts=facts(table, row, names, IN_HEAD | ({"purposes"} if table == "uses" else set())),
    )


def title(row: Mapping[str, Any], table: str = "", names: Names = NO_NAMES) -> str:
    """Return what a row is called: its name, else its term in words; a use by what it is for."""
    if table == "uses" and row.get("purposes"):
        return value_words(table, "purposes", row["purposes"], names)
    for field in TITLES:
        if row.get(field):
            return str(row[field])
    named = next((field for field in NAMED_BY if row.get(field)), "")
    return value_words(table, named, row[named], names) if named else _("Permitted use")


def _subjects(entries: Iterable[Mapping[str, Any]]) -> str:
    return "; ".join(
        _("%(kind)s: %(requirement)s, %(moment)s")
        % {name: term_words.word(entry[name]).lower() for name in ("kind", "requirement", "moment")}
        for entry in entries
    )

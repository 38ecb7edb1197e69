"""The registry diff in sentences: what changed, and why a change counts as it does."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance import policy_show, term_words
from compliance.register_words import said
from compliance.rules.calendar import Period
from compliance.rules.policy_diff import IMPORTANT, Change, PolicyDiff
from compliance.rules.policy_values import Policy

REASONS: dict[str, Any] = {
    "basis_changed": gettext_lazy("The legal ground of a purpose changes."),
    "collection_widened": gettext_lazy("Information is collected in a new way."),
    "consent_dropped": gettext_lazy("A choice that people had is taken away."),
    "cross_border": gettext_lazy("Data may go to another country."),
    "item_added": gettext_lazy("Something more is collected."),
    "item_removed": gettext_lazy("Something is no longer collected."),
    "item_required": gettext_lazy("Something becomes more binding for people to give."),
    "item_widened": gettext_lazy("An item is collected from more people or in more ways."),
    "marketing_widened": gettext_lazy("Marketing may reach further."),
    "never_collect_narrowed": gettext_lazy(
        "Something is no longer on the list of what is never collected."
    ),
    "notice_narrowed": gettext_lazy("People are told in fewer ways."),
    "notice_shortened": gettext_lazy("People are told later or for a shorter time."),
    "operator_changed": gettext_lazy("Another company answers for the data."),
    "protection_lowered": gettext_lazy("A protection becomes weaker."),
    "purpose_added": gettext_lazy("Data serves a new purpose."),
    "purpose_removed": gettext_lazy("A purpose ends."),
    "recipient_added": gettext_lazy("Somebody new is given data."),
    "recipient_changed": gettext_lazy("What a recipient is given, or who it is, changes."),
    "recipient_removed": gettext_lazy("A recipient is dropped from the policy."),
    "retention_changed": gettext_lazy("How long data is kept is counted in another way."),
    "retention_longer": gettext_lazy("Data is kept longer."),
    "retention_shorter": gettext_lazy("Data is kept for a shorter time."),
    "right_narrowed": gettext_lazy("A right becomes narrower or slower."),
    "right_widened": gettext_lazy("A right becomes wider or faster."),
    "row_added": gettext_lazy("The policy says something more."),
    "row_removed": gettext_lazy("The policy says something less."),
    "tracking_widened": gettext_lazy("Tracking in the browser reaches further."),
    "use_consent_introduced": gettext_lazy("A use asks for consent from now on."),
    "use_narrowed": gettext_lazy("Data is used for less."),
    "use_widened": gettext_lazy("Data is used for more."),
    "wording": gettext_lazy("The wording changes, nothing else."),
}
KINDS: dict[str, Any] = {
    "added": gettext_lazy("%(table)s added: “%(row)s”."),
    "removed": gettext_lazy("%(table)s removed: “%(row)s”."),
    "changed": gettext_lazy("%(table)s changed: “%(row)s”."),
}
LONGEST = 160


@dataclass(frozen=True)
class Line:
    """One change ready to print. ``before`` and ``after`` are empty for whole rows."""

    sentence: str
    field: str
    before: str
    after: str
    reason: str
    is_important: bool
    needs_consent: bool


def lines(difference: PolicyDiff, old: Policy, new: Policy) -> list[Line]:
    """Return every change in words, important ones first."""
    found = [_line(change, old, new) for change in difference.changes]
    return sorted(found, key=lambda line: not line.is_important)


def reason(code: str) -> str:
    """Return a reason code in words. Example: ``purpose_added``: “Data serves a new purpose.”"""
    return str(REASONS.get(code, code))


def consent_purposes(difference: PolicyDiff, new: Policy) -> list[str]:
    """Return the names of the purposes for which people have to be asked anew."""
    known = new.purposes_by_code
    return sorted(
        said(known[code].label) if code in known else code for code in difference.consent_purposes
    )


def _line(change: Change, old: Policy, new: Policy) -> Line:
    table = policy_show.row_words(change.table)
    words = {"table": table[:1].upper() + table[1:], "row": _row(change, old, new)}
    shows_values = change.kind == "changed" and change.table != "rights"
    return Line(
        sentence=str(KINDS[change.kind]) % words,
        field=policy_show.label(change.table, change.field) if change.field else "",
        before=_value(change, change.before, old) if shows_values or change.table == "uses" else "",
        after=_value(change, change.after, new) if shows_values or change.table == "uses" else "",
        reason=reason(change.reason_code),
        is_important=change.importance == IMPORTANT,
        needs_consent=change.needs_consent,
    )


def _row(change: Change, old: Policy, new: Policy) -> str:
    if change.table in ("service", "never_collect"):
        return policy_show.label(change.table, change.field)
    if change.table == "uses":
        purpose, _slash, kind = change.row.partition("/")
        return f"{_named('purposes', purpose, old, new)} · {term_words.word(kind)}"
    if change.table == "rights":
        return " · ".join(term_words.word(part) for part in change.row.split("/"))
    return _named(change.table, change.row, old, new)


def _named(table: str, code: str, old: Policy, new: Policy) -> str:
    for policy in (new, old):
        for row in getattr(policy, table, ()):
            if code in (getattr(row, "code", None), getattr(row, "id", None)):
                found = (getattr(row, name, "") for name in policy_show.TITLES)
                return said(str(next((words for words in found if words), code)))
    return term_words.word(code)


def _value(change: Change, value: Any, policy: Policy) -> str:
    if isinstance(value, Period):
        return _period(value)
    if change.table == "uses":
        items = policy.items_by_code
        codes = [code for code, _asks in value or ()]
        return ", ".join(said(items[code].label) if code in items else code for code in codes)
    if change.table == "items" and change.field == "subjects":
        return ", ".join(
            f"{term_words.word(row.kind)} ({term_words.word(row.requirement)})" for row in value
        )
    names = {
        table: {
            row.code: said(str(getattr(row, "label", "") or getattr(row, "name", "")))
            for row in getattr(policy, table)
        }
        for table in ("items", "purposes", "recipients")
    }
    words = policy_show.value_words(change.table, change.field, value, names) or _("nothing")
    return words if len(words) <= LONGEST else words[:LONGEST].rstrip() + "…"


def _period(value: Period) -> str:
    return policy_show.period_words(str(value))

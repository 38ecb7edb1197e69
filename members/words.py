"""Words for the codes that rules and rows use, for pages that people read. Rules know codes only."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from compliance import diff_words
from compliance.register_words import said
from compliance.rules.policy_diff import Change, PolicyDiff
from compliance.rules.policy_values import Policy

SOURCES: Mapping[str, Any] = {
    "import": _lazy("Imported from the records of the service"),
    "events": _lazy("Reported by the shop system"),
    "demo": _lazy("Sample data"),
    "sample": _lazy("Sample data"),
    "seed": _lazy("Sample data"),
    "seed_demo": _lazy("Sample data"),
    "web": _lazy("Entered by you on these pages"),
    "admin": _lazy("Entered by staff"),
}
RECIPIENT_KINDS: Mapping[str, Any] = {
    "third_party": _lazy("Company that uses it for itself"),
    "processor": _lazy("Company that works for us"),
    "authority": _lazy("Authority"),
    "tracker": _lazy("Tracking service"),
    "transaction_party": _lazy("Other side of your transaction"),
    "other_users": _lazy("Other users"),
    "aggregate_only": _lazy("Gets totals only, nothing about single people"),
}
KEPT_BECAUSE: Mapping[str, Any] = {
    "legal_request": _lazy("A legal request holds it"),
    "open_dispute": _lazy("A dispute is open"),
    "unpaid_claim": _lazy("A payment is open"),
    "contract_of_use_running": _lazy("A contract is running"),
    "clock_not_started": _lazy("The period begins with an event that has not happened yet"),
    "period_missing": _lazy("The policy gives no period; ask the privacy officer"),
}


def item(policy: Policy, code: str) -> str:
    """Name an item, in the policy's own language where the page speaks it."""
    row = policy.items_by_code.get(code)
    if row is None:
        return code
    own = policy.policy_languages[0] if policy.policy_languages else "en"
    return row.label_local if row.label_local and get_language() == own else said(row.label)


def items(policy: Policy, codes: Sequence[str]) -> list[str]:
    """Name items, each once, in the order of the policy."""
    places = {row.code: place for place, row in enumerate(policy.items)}
    ordered = sorted(dict.fromkeys(codes), key=lambda code: places.get(code, len(places)))
    return [item(policy, code) for code in ordered]


def record_class(policy: Policy, code: str) -> str:
    """Name a record class by the rule that covers it, else by its code."""
    rule = next((row for row in policy.retention if row.record_class == code), None)
    return said(rule.label) if rule else code.replace("_", " ").capitalize() or _("Other data")


def rule(policy: Policy | None, code: str) -> str:
    """Name a retention rule; a code that the policy does not know stands for itself."""
    found = policy.retention_by_code.get(code) if policy else None
    return said(found.label) if found else code


def purposes(policy: Policy, codes: Sequence[str]) -> list[str]:
    """Name purposes; a code that the policy does not know stands for itself."""
    known = policy.purposes_by_code
    return [said(known[code].label) if code in known else code for code in codes]


def source(policy: Policy, code: str) -> str:
    """Say where something came from: one of the policy's own ways of collection, or one of ours."""
    methods = {row.code: row.label for row in policy.collection_methods}
    return said(methods.get(code, "")) or str(SOURCES.get(code, code))


def value(held: object) -> str:
    """Write a held value out: lists in one line, a file by what it is."""
    if isinstance(held, Mapping):
        return _("A scan of your document; it is destroyed once the check is recorded")
    return ", ".join(map(str, held)) if isinstance(held, list | tuple) else str(held)


def day(value: date) -> str:
    """Write a day out in the language of the page. Example: ``28 February 2027``."""
    return date_format(value, "DATE_FORMAT")


def last_day(value: date | None) -> str:
    """Write a last day of keeping out, also where none is known yet."""
    return day(value) if value else _("No end known yet")


def change(found: Change, old: Policy, new: Policy) -> str:
    """Say one difference between two versions in one line, with the figures before and after."""
    alone = PolicyDiff((found,), change_class=found.importance, consent_purposes=frozenset())
    line = diff_words.lines(alone, old, new)[0]
    if not (line.before or line.after):
        return line.sentence
    figures = _("%(before)s before, %(after)s from now on") % {
        "before": line.before or _("nothing"),
        "after": line.after or _("nothing"),
    }
    return (
        f"{line.sentence} {line.field}: {figures}" if line.field else f"{line.sentence} {figures}"
    )

"""One sentence or two about one item: until when it is kept, by which clause, and what happens then.

The same words stand on the member's and on the officer's page. Rules know codes only; this is where they are said.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from compliance.policy_show import period_words
from compliance.register_words import said
from compliance.rules.policy_values import RetentionRule
from compliance.rules.retention import Conflict, Explanation, Fate
from members import words

HELD_BY: Mapping[str, Any] = {
    "legal_request": _lazy("Kept for as long as a legal request is open."),
    "open_dispute": _lazy("Kept for as long as a dispute is open."),
    "unpaid_claim": _lazy("Kept for as long as a payment is open."),
}
OPEN: Mapping[str, Any] = {
    "while_member": _lazy("Kept while the membership lasts"),
    "while_needed": _lazy("Kept as long as its purpose lasts"),
    "clock_not_started": _lazy("Kept; the period begins with an event that has not happened yet"),
}
EVENTS: Mapping[str, Any] = {
    "case_closed": _lazy("Kept; the period begins when the case is closed"),
    "payment_or_supply_later": _lazy("Kept; the period begins with payment and supply"),
    "contract_or_withdrawal": _lazy("Kept; the period begins with the contract"),
}


def of(told: Explanation) -> str:
    """Tell the story of one item.

    Example: ``Kept until 22 Nov 2031 because clause 5.2.2 says so: payment, 5 years. Then it is destroyed.``
    """
    parts = [_keeping(told), _then(told), *(_conflict(one) for one in told.conflicts)]
    return " ".join(part for part in parts if part)


def _keeping(told: Explanation) -> str:
    if told.state_code == "hold":
        return str(HELD_BY.get(told.held_by, _("Kept for as long as a hold is open.")))
    if told.state_code == "period_missing":
        return _("Kept; the policy gives no period yet, and the privacy officer has to enter one.")
    if told.rule is None:
        return _("No rule of the policy keeps it; it is kept as long as its purpose lasts.")
    return _("%(kept)s%(because)s.") % {"kept": _until(told), "because": _because(told.rule)}


def _until(told: Explanation) -> str:
    until = {"day": words.day(told.kept_until) if told.kept_until else ""}
    if told.state_code in {"until", "apart"}:
        return _("Kept until %(day)s") % until
    if told.state_code == "until_and_while_member":
        if told.what_next.reason_code == "period_elapsed":
            return _("The period ended on %(day)s; kept while the membership lasts") % until
        return _("Kept until %(day)s at least, and while the membership lasts") % until
    trigger = told.rule.trigger if told.rule else ""
    not_started = told.state_code == "clock_not_started" and EVENTS.get(trigger)
    return str(not_started or OPEN.get(told.state_code, OPEN["while_needed"]))


def _because(rule: RetentionRule) -> str:
    """The clause, what it is about and its figure; a figure that is only suggested promises nothing."""
    has_figure = rule.period is not None and not rule.period.is_zero
    about = {
        "clause": rule.clause,
        "what": said(rule.label),
        "period": period_words(str(rule.period)) if has_figure else "",
    }
    if not rule.stated:
        return _("; that is suggested here and not promised by the policy")
    if not rule.clause:
        return ""
    if not has_figure:
        return _(" because clause %(clause)s says so") % about
    return _(" because clause %(clause)s says so: %(what)s, %(period)s") % about


def _then(told: Explanation) -> str:
    if told.state_code == "hold":
        return _("When that ends, the policy decides again.")
    if told.state_code in {"until", "apart"}:
        return _("Then it is destroyed.")
    if told.state_code in {"while_member", "until_and_while_member"}:
        return _on_leaving(told)
    return ""


def _on_leaving(told: Explanation) -> str:
    fate = told.what_next
    if fate.travels_with:
        return _on_leaving_along(fate)
    until = {"day": words.day(fate.last_day) if fate.last_day else ""}
    if fate.outcome == "destroy":
        return _("On leaving it is destroyed.")
    if fate.outcome == "hold" and fate.last_day:
        return (
            _("On leaving it is destroyed; a fingerprint of it stays, today until %(day)s.") % until
        )
    if fate.last_day:
        return _("On leaving it moves apart, today until %(day)s, and is then destroyed.") % until
    return _("On leaving it moves apart until its period is over.")


def _on_leaving_along(fate: Fate) -> str:
    """A name or log-in ID goes with the records that would mean nothing without it, as long as the longest."""
    own = [fate.last_day] if fate.outcome == "segregate" else []
    known = [end for end in (*own, *(copy.last_day for copy in fate.travels_with)) if end]
    is_open = any(copy.last_day is None for copy in fate.travels_with)
    about = {
        "day": words.day(max(known)) if known else "",
        "hold": words.day(fate.last_day) if fate.last_day else "",
    }
    found = [
        _("On leaving it moves apart with the records it belongs to, until their period is over.")
        if is_open
        else _(
            "On leaving it moves apart with the records it belongs to, today until %(day)s,"
            " and is then destroyed."
        )
        % about
    ]
    if fate.outcome == "hold" and fate.last_day:
        found.append(_("A fingerprint of it stays as well, today until %(hold)s.") % about)
    return " ".join(found)


def _conflict(one: Conflict) -> str:
    about = {"clause": one.rule.clause, "day": words.day(one.until)}
    if one.code == "past_maximum":
        return (
            _("Clause %(clause)s alone would end on %(day)s; a stronger reason keeps it.") % about
        )
    return _("Clause %(clause)s asks for longer, until %(day)s; this needs a decision.") % about

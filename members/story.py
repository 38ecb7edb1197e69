"""One sentence or two about one item: until when it is kept, by which clause, and what happens then.

The same words stand on the member's and on the officer's page. Rules know codes only; this is where they are said.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from compliance.policy_show import period_words
from compliance.register_words import said
from compliance.rules.policy_values import RetentionRule
from compliance.rules.retention import Conflict, Dormant, Explanation, Fate, needs_case
from members import words
from members.rules.dormancy import Terms

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
    conflicts = (_conflict(one) for one in told.conflicts)
    parts = [_dormant(told.dormant), _keeping(told), _then(told), _case(told), *conflicts]
    return " ".join(part for part in parts if part)


def of_dormant(dormant: Dormant) -> str:
    """Tell since when somebody is apart as dormant, by which clause, and what ends that."""
    return f"{_dormant(dormant)} {_asleep(dormant.ends_on)}"


def before_dormancy(terms: Terms, begins_on: date, service: str) -> str:
    """Tell somebody in daily use when dormancy would begin, by which clause, and how to prevent it."""
    about = {
        "service": service,
        "period": period_words(str(terms.period)),
        "clause": terms.clause,
        "day": words.day(begins_on),
    }
    return (
        _(
            "Without any use of %(service)s for %(period)s all of this is stored apart as dormant"
            " (clause %(clause)s): from %(day)s on, and only after a notice. A sign-in prevents that,"
            " and later brings everything back."
        )
        % about
    )


def _dormant(dormant: Dormant | None) -> str:
    if dormant is None:
        return ""
    about = {"day": words.day(dormant.since), "clause": dormant.clause}
    return _("Stored apart as dormant since %(day)s (clause %(clause)s).") % about


def _keeping(told: Explanation) -> str:
    if told.state_code == "dormant":
        return ""
    if told.state_code == "hold":
        return str(HELD_BY.get(told.held_by, _("Kept for as long as a hold is open.")))
    if told.state_code == "period_missing":
        return _("Kept; the policy gives no period yet, and the privacy officer has to enter one.")
    if told.rule is None:
        return _("No rule of the policy keeps it; it is kept as long as its purpose lasts.")
    return _("%(kept)s%(because)s.") % {"kept": _until(told), "because": _because(told.rule)}


def _until(told: Explanation) -> str:
    until = {"day": _last_day(told)}
    if told.state_code in {"until", "apart"}:
        return _("Kept until %(day)s") % until
    if told.state_code == "until_and_while_member":
        if told.what_next.reason_code == "period_elapsed":
            return _("The period ended on %(day)s; kept while the membership lasts") % until
        return _("Kept until %(day)s at least, and while the membership lasts") % until
    trigger = told.rule.trigger if told.rule else ""
    not_started = told.state_code == "clock_not_started" and EVENTS.get(trigger)
    return str(not_started or OPEN.get(told.state_code, OPEN["while_needed"]))


def _last_day(told: Explanation) -> str:
    """The last day, and the day it is counted from where the clock has started."""
    if told.kept_until is None:
        return ""
    about = {
        "day": words.day(told.kept_until),
        "since": words.day(told.since) if told.since else "",
    }
    return _("%(day)s (counted from %(since)s)") % about if told.since else about["day"]


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
    if told.state_code == "dormant":
        return _asleep(told.next_on)
    if told.state_code in {"until", "apart"}:
        return _("Then it is destroyed.")
    if told.state_code in {"while_member", "until_and_while_member"}:
        return _on_leaving(told)
    return ""


def _asleep(ends_on: date | None) -> str:
    if ends_on is None:
        return _("It comes back with the next sign-in; no other end is set.")
    return _(
        "It comes back with the next sign-in; without one the membership ends on %(day)s,"
        " as if the person had left then."
    ) % {"day": words.day(ends_on)}


def _on_leaving(told: Explanation) -> str:
    fate = told.what_next
    if fate.travels_with:
        return _on_leaving_along(fate)
    about = {
        "day": words.day(fate.last_day) if fate.last_day else "",
        "ground": _ground(told, fate),
    }
    if fate.outcome == "destroy":
        return _("On leaving it is destroyed.")
    if fate.outcome == "hold" and fate.last_day:
        return (
            _("On leaving it is destroyed; a digest of it stays%(ground)s, today until %(day)s.")
            % about
        )
    if fate.last_day:
        moves = _(
            "On leaving it moves apart%(ground)s, today until %(day)s, and is then destroyed."
        )
        return moves % about
    return _("On leaving it moves apart until nothing keeps it any more.")


def _ground(told: Explanation, fate: Fate) -> str:
    """The clause of what happens on leaving, where the sentence has not named it yet."""
    if told.rule and fate.rule_code == told.rule.code:
        return ""
    if not fate.stated:
        return _(" (suggested, not promised)")
    return _(" (clause %(clause)s)") % {"clause": fate.clause} if fate.clause else ""


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
        _(
            "On leaving it moves apart with the records it belongs to, until nothing keeps them any more."
        )
        if is_open
        else _(
            "On leaving it moves apart with the records it belongs to, today until %(day)s,"
            " and is then destroyed."
        )
        % about
    ]
    if fate.outcome == "hold" and fate.last_day:
        found.append(_("A digest of it stays as well, today until %(hold)s.") % about)
    return " ".join(found)


def _case(told: Explanation) -> str:
    """No clause of a policy keeps a case secret from the person whom it holds."""
    if told.state_code in {"while_member", "until_and_while_member"}:
        is_case = told.what_next.for_case
    else:
        is_case = told.state_code in {"until", "apart"} and bool(
            told.rule and needs_case(told.rule)
        )
    return _("A confirmed case keeps it that long.") if is_case else ""


def _conflict(one: Conflict) -> str:
    about = {"clause": one.rule.clause, "day": words.day(one.until)}
    if one.code == "past_maximum":
        return (
            _("Clause %(clause)s alone would end on %(day)s; a stronger reason keeps it.") % about
        )
    return _("Clause %(clause)s asks for longer, until %(day)s; this needs a decision.") % about

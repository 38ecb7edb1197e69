"""Words of policies: problems of a file in plain sentences, and whether a figure is promised."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from compliance.rules.policy_schema import Problem

PROBLEMS = {
    "advertiser_without_link": _(
        "Somebody else who advertises acts under a policy of their own, which has to be linked."
    ),
    "aggregate_with_items": _("A recipient of aggregated results must not list items."),
    "auto_disagrees": _("“auto” and the requirement “automatic” do not agree."),
    "blank": _("This is empty."),
    "cookie_outlives_session": _(
        "The policy lets cookies end with the session, so the lifetime of its own has to be “session”."
    ),
    "cookie_without_use": _("No use permits a cookie of its own for “%(value)s”."),
    "duplicate_code": _("“%(value)s” is used by an earlier row already."),
    "duplicate_use": _("The use %(value)s is permitted twice under the same clause."),
    "field_missing": _("This field is missing."),
    "id_without_slug": _("The id “%(value)s” does not start with “%(slug)s-”."),
    "item_not_declared": _("The item “%(value)s” is not declared for “%(subject)s”."),
    "item_of_no_subject": _(
        "The item “%(value)s” is declared for none of the kinds of person in this rule."
    ),
    "item_without_retention": _("No retention rule covers this item."),
    "item_without_use": _("No use mentions this item, and “unused_reason” does not say why."),
    "machine_path": _("This contains a path of a machine."),
    "mandatory_maximum": _("A mandatory holding cannot be only a maximum."),
    "no_obligation": _("At least one promise code is needed."),
    "no_period_no_note": _("A rule without a period needs a note that says why."),
    "no_subjects": _("At least one kind of person is needed."),
    "needed_without_reason": _(
        "What measures or advertises is strictly needed only for a reason. Write it into the note."
    ),
    "not_a_clause_id": _("“%(value)s” is not an id: it must not contain spaces."),
    "not_a_code": _("“%(value)s” is not a code: a letter, then letters, digits, “_”, “.” or “-”."),
    "not_a_country": _("“%(value)s” is not a country code of two capital letters."),
    "not_a_duration": _("“%(value)s” is not a duration such as P30D, P12M, P5Y or PT24H."),
    "not_a_interpretation": _("“%(value)s” is not the code of a reading such as X-ALL-5."),
    "not_a_language": _("“%(value)s” is not a language code such as ko."),
    "not_a_lifetime": _(
        "“%(value)s” is not a lifetime: session, unspecified or a duration such as P1Y."
    ),
    "not_a_obligation": _("“%(value)s” is not a promise code such as ABC-5.2."),
    "not_a_prefix": _("“%(value)s” is not a prefix of two to five capital letters."),
    "not_a_slug": _(
        "“%(value)s” is not a short name: small letters and digits, joined by single hyphens or underscores."
    ),
    "not_a_time": _("“%(value)s” is not a time of day such as 09:00."),
    "not_a_timezone": _("“%(value)s” is not a time zone such as Asia/Seoul."),
    "not_allowed": _("“%(value)s” is not allowed here. Allowed: %(allowed)s."),
    "not_your_service": _(
        "“%(value)s” is no service for which you may write a policy. "
        "A new service is opened on the server, with manage.py load_policy."
    ),
    "not_toml": _("This is not a TOML file: %(reason)s"),
    "other_service": _("The promise “%(value)s” does not start with “%(prefix)s-”."),
    "out_of_range": _("%(value)s is out of range: 1 to %(limit)s."),
    "period_and_trigger": _("“period” and “trigger” belong together."),
    "prefix_changed": _(
        "The promise codes of this service start with “%(value)s-”, and that cannot change."
    ),
    "prefix_taken": _("The service “%(value)s” uses this prefix already."),
    "purpose_without_use": _(
        "“items_stated” says that items belong to this purpose, but no use names it."
    ),
    "recipient_without_use": _(
        "No use permits the item “%(value)s” for the purposes of this recipient."
    ),
    "sensitive_item": _("Sensitive categories cannot be items."),
    "separate_consent_other_basis": _("A purpose with a choice of its own has to rest on consent."),
    "separate_without_purposes": _("Separate storage needs the purposes it may be used for."),
    "service_exists": _(
        "The service “%(value)s” has another policy already. Revise it through a draft (--as-draft)."
    ),
    "stated_without_clause": _("This is marked as stated, but no clause is given."),
    "statutory_without_law": _("A statutory period needs the law it comes from."),
    "subject_twice": _("“%(value)s” is listed twice."),
    "table_missing": _("This table is missing or empty."),
    "third_party_without_consent": _("Giving data to a third party needs a choice of its own."),
    "too_long": _("This is longer than %(limit)s characters."),
    "too_many": _("This has more than %(limit)s entries."),
    "tracker_without_consent": _("It is not strictly needed, so it needs consent."),
    "under_no_clause": _("The promise “%(value)s” stands under no clause."),
    "unknown_clause": _("“%(value)s” is not among the clauses."),
    "unknown_code": _("“%(value)s” is not a code of the table “%(table)s”."),
    "unknown_field": _("This field is not known."),
    "unknown_schema": _("The version of the schema must be %(expected)s."),
    "unknown_table": _("This table is not known."),
    "unprintable": _("This contains control characters."),
    "unreadable_file": _("This file cannot be read: %(reason)s"),
    "use_without_consent": _(
        "The purpose “%(value)s” needs a choice of its own, but this use asks for no consent."
    ),
    "used_with_reason": _("Uses mention this item, so “unused_reason” must go."),
    "wrong_type": _("This must be: %(expected)s. It is: %(found)s."),
}

TYPE_WORDS = {
    "date": _("date"),
    "datetime": _("date and time"),
    "float": _("number with a fraction"),
    "list": _("list"),
    "list of tables": _("list of tables"),
    "table": _("table"),
    "text": _("text"),
    "text, whole number, true or false": _("text, whole number, true or false"),
    "time": _("time of day"),
    "true or false": _("true or false"),
    "whole number": _("whole number"),
}


def sentence(problem: Problem) -> str:
    """Return what is wrong in one sentence, in the language in use."""
    params = dict(problem.params)
    for name in ("expected", "found"):
        if params.get(name) in TYPE_WORDS:
            params[name] = str(TYPE_WORDS[params[name]])
    return str(PROBLEMS[problem.message_code]) % params


def line(problem: Problem) -> str:
    """Return file, table, row, field and sentence on one line.

    Example: ``sixth.toml: retention[orders].period: “1 year” is not a duration such as …``.
    """
    row = f"[{problem.row}]" if problem.row else ""
    place = ".".join(part for part in (f"{problem.table}{row}", problem.field) if part)
    return ": ".join(part for part in (problem.file, place, sentence(problem)) if part)


def figure_status(row: Any) -> str:
    """Return “suggested, not promised” for a row that its policy does not state, else an empty text.

    Works for rows of the database and for values of the rules; shown wherever a figure is shown.
    """
    return "" if row.stated else gettext("suggested, not promised")

"""Words of the promise board: verdicts, checks, reasons and figures in the officer's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

VERDICTS: dict[str, tuple[str, Any]] = {
    "broken": ("bad", _("Broken")),
    "at_risk": ("risk", _("At risk")),
    "waiting_for_person": ("wait", _("Waiting for a person")),
    "not_built": ("quiet", _("No check yet")),
    "kept": ("good", _("Kept")),
}

CHECKS: dict[str, Any] = {
    "confirmation_sent": _("Every leaver was told"),
    "asked_anew": _("What a change adds is asked of everybody, and done only after a yes"),
    "consent_two_answers": _("Both answers are recorded, with the text shown"),
    "contact_published": _("The contact is published"),
    "control_attested": _("A person has attested the measure"),
    "cookie_choice_kept": _("Optional cookies wait for an answer, and a refusal is kept"),
    "cookie_declared": _("The cookie is declared, and our pages set no other"),
    "destruction_certified": _("Every destruction is certified and finished"),
    "dormancy_noticed": _("Everybody is told before dormancy"),
    "holding_announced": _("What is kept of leavers stands in the text"),
    "items_within_register": _("Only listed items are held"),
    "never_collected": _("Nothing of these categories is held"),
    "notice_in_time": _("Changes are announced in time, to everybody"),
    "policy_published": _("The policy is public"),
    "public_display_allow_list": _("Only allowed items may be shown to others"),
    "purpose_only_with_consent": _("Nothing is used without the person's answer"),
    "recipient_agreement": _("Every recipient is under agreement"),
    "recipient_posted": _("Every recipient is on the public list"),
    "rejoin_hold_kept": _("Only digests are held, and not too long"),
    "disputed_not_used": _("What a person disputes is used for nothing until it is settled"),
    "enquiry_answered": _("Every question and complaint is answered, in time"),
    "equal_protection": _("Purchasers without account are served and protected like members"),
    "representative_asked": _("No child is a member without its representative"),
    "retention_rule_met": _("Nothing is held past its last day"),
    "right_in_time": _("Every request is answered in time"),
    "role_limits": _("Access reaches no further than the role"),
    "segregated": _("What is kept apart is apart, and used for nothing else"),
    "uses_within_register": _("Nothing is used beyond its purposes"),
    "version_history_kept": _("Every version is kept unaltered"),
    "withdrawal_complete": _("Every withdrawal is complete"),
}

REASONS: dict[str, Any] = {
    "agency_requests": _("Requests of authorities cannot be registered yet."),
    "analytics": _("Analyses cannot be made or released here yet."),
    "attestation_expired": _("The last attestation has expired."),
    "check_failed": _("The check itself failed. The log names the error."),
    "contact_missing": _("The policy gives no address or number for this contact."),
    "cookie_help_old": _(
        "The steps for refusing cookies were written more than 12 months ago; "
        "somebody has to try them and write them anew."
    ),
    "never_attested": _("Nobody has attested this measure yet."),
    "no_check": _("No check can see this yet."),
    "key_in_environment": _(
        "The key is in the environment and cannot be erased, so an old backup could undo a destruction."
    ),
    "key_roll_late": _("The roll of the keys is late, so an old backup could undo a destruction."),
    "no_policy_in_force": _("The service has no policy in force."),
    "no_recipient": _("No recipient is registered under this row yet."),
    "nobody_appointed": _("Nobody is appointed to this role."),
    "not_in_policy": _("The policy in force does not make this promise."),
    "notice_kind_not_built": _("Notices of this kind are not built yet."),
    "posts": _("Posts are not handled here yet."),
    "provisions": _("Providing data to recipients is not built yet."),
    "provisions_not_built": _("What a recipient holds cannot be followed yet."),
    "rectification": _("Recipients of a wrong value are not told by this software yet."),
    "requests": _("Requests by e-mail, phone or post cannot be registered yet."),
    "right_not_built": _("This right is not exercised through this software."),
    "row_missing": _("The policy in force has no such row."),
    "rule_without_notice": _(
        "The policy gives no notice before dormancy, so nobody is set apart. Enter one."
    ),
    "rule_without_period": _("The policy states no period. Enter one before the rule runs."),
    "service_applications": _("Applications for a service are not known here yet."),
    "service_in_set_up": _("The service is in set-up and not open yet."),
    "service_not_loaded": _("The policy of this service is not loaded."),
}

FACTS: dict[str, Any] = {
    "agreed": _("agreed"),
    "agreement_ending": _("agreements ending within 30 days"),
    "agreement_over": _("agreements over"),
    "altered": _("altered since approval"),
    "announced": _("changes announced"),
    "answers_offered": _("answers offered"),
    "answers_without_record": _("answers without proof"),
    "attested_on": _("attested for"),
    "cannot_be_met": _("planned days that cannot be met"),
    "categories": _("categories"),
    "certificates": _("certificates"),
    "channel": _("channel"),
    "closed_late": _("closed late in 12 months"),
    "confirmations": _("confirmations"),
    "consent": _("consent"),
    "batches": _("paper batches"),
    "destructions": _("destructions"),
    "digests": _("digests held"),
    "disagreed": _("disagreed"),
    "destructions_untold": _("people not told of a destruction for a day"),
    "due_within_24_hours": _("due within 24 hours"),
    "end_is_set": _("end of separate storage set"),
    "failed": _("failed"),
    "filled": _("filled in"),
    "final": _("certificates that are final"),
    "finished": _("withdrawals finished"),
    "foreign_scripts": _("scripts from elsewhere allowed"),
    "house_roles": _("roles here"),
    "in_force": _("version in force"),
    "items_allowed": _("items allowed"),
    "items_listed": _("items listed"),
    "items_not_named": _("items not named by the rule"),
    "items_outside": _("items not listed"),
    "items_refused": _("items refused"),
    "kept_apart": _("records kept apart"),
    "lead": _("lead"),
    "let_through": _("let through"),
    "lifetime": _("lifetime"),
    "live": _("open to the public"),
    "live_of_people_gone": _("live records of people who left"),
    "members_allowing": _("members who allow it"),
    "members_refusing": _("members who refuse it"),
    "missing": _("confirmations missing"),
    "moved_untold": _("set apart without having been told"),
    "never_final": _("never final, the key is in the environment"),
    "not_set_apart": _("unused people not set apart"),
    "not_told": _("people not told yet"),
    "not_shown": _("notices not showing"),
    "members_records": _("records of members"),
    "members_records_unsealed": _("records of members without a seal"),
    "members_requests": _("requests of members"),
    "members_requests_late": _("requests of members late"),
    "open_disputes": _("open disputes"),
    "shown_uninstructed": _("shown without an instruction"),
    "about_to_be_late": _("about to be late"),
    "answered_in_30_days": _("answered in the last 30 days"),
    "closed_unanswered": _("closed without an answer"),
    "in_time_percent": _("in time, per cent"),
    "open_past_due": _("open past due"),
    "open_too_long": _("open for more than an hour"),
    "open_undated": _("open without a due day"),
    "other_uses_allowed": _("other uses let through"),
    "outlives_browser": _("outlives the browser"),
    "overdue": _("past the last day"),
    "page_answers": _("page answers"),
    "paper_due": _("paper batches to destroy now"),
    "pages_that_load_from_elsewhere": _("pages that load something from elsewhere"),
    "past_their_day": _("digests past their day"),
    "people": _("people in the role"),
    "people_apart": _("people kept apart"),
    "places_missing": _("not shown everywhere it was promised"),
    "places_not_built": _("places not shown here yet"),
    "planned": _("changes planned"),
    "postponed": _("postponed by a hold"),
    "cases": _("recorded cases in force"),
    "without_case": _("held without a recorded case"),
    "reviews_late": _("reviews of cases that are late"),
    "waiting_for_approval": _("waits for a second officer"),
    "probes": _("questions put to the gate"),
    "published": _("versions published"),
    "purposes": _("purposes"),
    "purposes_allowed": _("purposes allowed"),
    "purchasers_records": _("records of purchasers"),
    "purchasers_records_unsealed": _("records of purchasers without a seal"),
    "purchasers_requests": _("requests of purchasers"),
    "purchasers_requests_late": _("requests of purchasers late"),
    "readable_records": _("readable records"),
    "records": _("records"),
    "records_left_behind": _("records left behind"),
    "records_outside": _("records with unlisted items"),
    "requests": _("requests"),
    "rounds_told": _("told, and not set apart yet"),
    "roll_late": _("not final after the daily roll"),
    "row": _("row"),
    "running": _("recipients running"),
    "same_database": _("in the same database"),
    "sent": _("sent"),
    "sent_without_answer": _("sent without an answer"),
    "set_here": _("set by our pages"),
    "sign_in_still_open": _("sign-in still open"),
    "steps_written_on": _("steps for refusing written"),
    "still_sending": _("messages on their way for more than a day"),
    "storage_over": _("past the end of separate storage"),
    "stated": _("stated in the policy"),
    "strictly_needed": _("strictly needed"),
    "sweep_silent": _("sweep is silent"),
    "too_late": _("announced too late"),
    "too_wide": _("roles that reach too far"),
    "undeclared_cookies_stopped": _("undeclared cookies are stopped"),
    "uncertified": _("without certificate"),
    "unannounced": _("rules missing from the text"),
    "rules_kept": _("rules that keep something of leavers"),
    "unknown_roles": _("appointments to unknown roles"),
    "unposted": _("not on the public list"),
    "unreachable": _("unreachable"),
    "unreached": _("people whom no message reached"),
    "until": _("valid until"),
    "unwitnessed": _("destructions without a witness"),
    "untold": _("days begun with people untold"),
    "untold_on_the_eve": _("people untold on the eve"),
    "unused_since": _("unused since"),
    "week_late": _("not final after a week"),
    "version": _("version"),
    "visitors_ask": _("answers of visitors: ask each time"),
    "members_without_yes": _("members whose representative has not agreed"),
    "records_of_waiting": _("records of children that wait"),
    "refused_to_join": _("people who said no instead of joining"),
    "representatives_agreed": _("representatives who agreed"),
    "representatives_asked": _("representatives asked"),
    "representatives_unknown": _("representatives who cannot be recognised"),
    "visitors_no": _("answers of visitors: refuse"),
    "visitors_yes": _("answers of visitors: allow"),
    "waiting_too_long": _("waiting for more than an hour"),
    "withdrawals": _("withdrawals"),
    "without_agreement": _("without agreement"),
    "without_clauses": _("versions without clauses"),
    "without_days": _("versions without days"),
    "without_digest": _("versions without digest"),
    "earlier_versions": _("earlier versions that still bind people"),
    "held_without_answer": _("held without a yes"),
    "versions_without_letters": _("changes without letters to everybody"),
    "letters_failed": _("letters that failed"),
    "silent": _("silent"),
    "imported_without_text": _("imported answers without the text shown"),
    "without_text": _("answers without the text shown"),
    "without_hold": _("without a hold"),
}
YES_NO = {True: _("yes"), False: _("no")}


def check(kind: str) -> Any:
    """Return what a check looks at; a kind without words shows as it is."""
    return CHECKS.get(kind, kind)


def reason(code: str) -> Any:
    """Return a reason as a sentence; a code without words shows as it is."""
    return REASONS.get(code, code)


def subject_of(line: Mapping[str, Any]) -> str:
    """Return the row of the policy that a line of evidence is about. Example: ``payment_5y``."""
    named = [str(value) for name, value in line.items() if name.startswith("for_") and value]
    return ", ".join(named)


def figures(line: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Return the figures of a line of evidence as (words, value) pairs, without empty ones."""
    return [
        (FACTS[name], YES_NO[value] if isinstance(value, bool) else value)
        for name, value in line.items()
        if name in FACTS and value != ""
    ]

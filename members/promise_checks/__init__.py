"""Checks over people's rows: what is kept and until when, what was asked, what was answered."""

from compliance import promises
from members.promise_checks import (
    collection,
    consent,
    cookies,
    display,
    disputes,
    dormancy,
    enquiries,
    equality,
    publication,
    reconsent,
    representatives,
    requests,
    retention,
    separation,
)


def register() -> None:
    """Name the checks of this app."""
    promises.register("retention_rule_met", retention.rule_met)
    promises.register("dormancy_noticed", dormancy.noticed)
    promises.register("segregated", separation.segregated)
    promises.register("rejoin_hold_kept", separation.rejoin_hold_kept)
    promises.register("purpose_only_with_consent", consent.purpose_only_with_consent)
    promises.register("asked_anew", reconsent.asked_anew)
    promises.register("consent_two_answers", consent.two_answers)
    promises.register("representative_asked", representatives.asked)
    promises.register("cookie_choice_kept", cookies.choice_kept)
    promises.register("items_within_register", collection.items_within_register)
    promises.register("uses_within_register", collection.uses_within_register)
    promises.register("never_collected", collection.never_collected)
    promises.register("right_in_time", requests.right_in_time)
    promises.register("enquiry_answered", enquiries.answered)
    promises.register("disputed_not_used", disputes.not_used)
    promises.register("equal_protection", equality.protected)
    promises.register("withdrawal_complete", requests.withdrawal_complete)
    promises.register("confirmation_sent", requests.confirmation_sent)
    promises.register("public_display_allow_list", display.public_display_allow_list)
    promises.register("policy_published", publication.policy_published)

"""The closed vocabulary of a policy file: one frozenset per idea, one place for all.

Item and purpose codes are open (a policy brings its own); everything here is closed, because
the software acts on it. The meaning of each value is told in ``docs/policy-schema.md``.
"""

from collections.abc import Mapping
from typing import Final


def _closed(words: str) -> frozenset[str]:
    return frozenset(words.split())


SUBJECT_KIND: Final = _closed("member nonmember business receiver visitor payee")
REQUIREMENT: Final = _closed("required optional conditional automatic")
MOMENT: Final = _closed(
    "join profile identity_verification service_application order payment customs payout "
    "support survey event use"
)
ITEM_CATEGORY: Final = _closed(
    "identity credential contact profile business document delivery payment transaction "
    "communication usage technical record"
)
PURPOSE_GROUP: Final = _closed(
    "membership contract marketing security analytics support display disclosure legal"
)
BASIS: Final = _closed("consent contract legal_obligation legitimate_interest")
RETENTION_BASIS: Final = _closed("statutory internal policy suggested")
RULE: Final = _closed("minimum maximum exact")
STORAGE: Final = _closed("none active separate hold at_recipient")
ACTION: Final = _closed("destroy separate")
TRIGGER: Final = _closed(
    "purpose_achieved contract_or_withdrawal payment_or_supply_later case_closed record_created "
    "contract_terminated membership_left last_use illegal_use_found_or_left purchase_confirmed "
    "partnership_ended contract_ended check_completed session_ended"
)
BLOCKED_BY: Final = _closed("legal_request open_dispute unpaid_claim contract_of_use_running")
PRECEDENCE: Final = _closed(
    "legal_request statutory contract_running internal_hold consent_period destroy"
)
MEDIUM: Final = _closed("electronic paper")
DESTRUCTION_METHOD: Final = _closed("delete_irrecoverable overwrite shred burn chemical")
DEADLINE_BASIS: Final = _closed("policy interpretation law")
RECIPIENT_KIND: Final = _closed(
    "third_party processor authority tracker transaction_party other_users aggregate_only"
)
COOKIE_PROVIDER: Final = _closed("self third_party")
COOKIE_KIND: Final = _closed("first_party third_party analytics advertising")
COOKIE_TECHNOLOGY: Final = _closed("cookie cookie_or_other script link_or_plugin")
COOKIE_CONSENT: Final = _closed("none opt_in")
COOKIE_REFUSAL: Final = _closed("browser browser_allow_confirm_refuse not_offered not_stated")
MARKETING_CHANNEL: Final = _closed("email mobile fax post newsletter web any")
MARKETING_CONSENT: Final = _closed("opt_in subscription not_needed")
MARKETING_EXCEPTION: Final = _closed("same_goods_after_trade")
RIGHT: Final = _closed(
    "access correction deletion withdrawal leave_membership transaction_access "
    "disclosure_refusal marketing_refusal cookie_refusal consent_refusal enquiry complaint"
)
RIGHT_CHANNEL: Final = _closed(
    "self_service email phone fax writing web_form browser service staff"
)
EFFECT: Final = _closed(
    "show_items show_use show_purchases show_amounts show_transactions amend "
    "hold_until_corrected notify_recipients close_login stop_processing split_and_destroy "
    "destroy_elapsed lock_out_of_use confirm stop_disclosure stop_cookies suppress "
    "record_disagree collect_nothing open_case open_dispute"
)
AREA: Final = _closed("all support marketing analytics orders audit separate_store per_task")
CONTROL_KIND: Final = _closed("technical organisational physical guidance")
NOTICE_EVENT: Final = _closed(
    "policy_review policy_revision_general policy_revision_important consent_change "
    "third_party_disclosure business_transfer business_transfer_popup "
    "business_transfer_fallback dormancy withdrawal_confirmation holding_announcement "
    "correction_to_recipients"
)
NOTICE_PLACE: Final = _closed(
    "homepage_notice first_page first_page_popup app app_initial_screen website service policy"
)
NOTICE_CHANNEL: Final = _closed("email phone writing app service")
CONTACT_CHANNEL: Final = _closed("email phone fax post web_form")
ANSWER_KIND: Final = _closed("target binding")
TOPIC: Final = _closed("privacy rights complaints general")
DAY: Final = _closed("mon tue wed thu fri sat sun")
NEVER_COLLECT: Final = _closed(
    "race nationality ideology_belief origin_registered_domicile political_leaning "
    "criminal_record health sex_life"
)
CHECK_KINDS: Final = _closed(
    "retention_rule_met notice_in_time purpose_only_with_consent items_within_register "
    "never_collected recipient_posted recipient_agreement right_in_time destruction_certified "
    "segregated rejoin_hold_kept control_attested contact_published policy_published "
    "version_history_kept withdrawal_complete confirmation_sent role_limits cookie_declared "
    "public_display_allow_list asked_anew consent_two_answers uses_within_register holding_announced "
    "dormancy_noticed cookie_choice_kept representative_asked disputed_not_used "
    "equal_protection enquiry_answered"
)

ALLOWED: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "service": {
        "precedence": PRECEDENCE,
    },
    "never_collect": {
        "categories": NEVER_COLLECT,
    },
    "contacts": {
        "channel": CONTACT_CHANNEL,
        "answer_kind": ANSWER_KIND,
        "topics": TOPIC,
        "hours_days": DAY,
    },
    "notices": {
        "event": NOTICE_EVENT,
        "places": NOTICE_PLACE,
        "individual_channels": NOTICE_CHANNEL,
    },
    "items": {
        "category": ITEM_CATEGORY,
    },
    "items.subjects": {
        "kind": SUBJECT_KIND,
        "requirement": REQUIREMENT,
        "moment": MOMENT,
    },
    "purposes": {
        "group": PURPOSE_GROUP,
        "basis": BASIS,
    },
    "uses": {
        "subjects": SUBJECT_KIND,
    },
    "retention": {
        "subjects": SUBJECT_KIND,
        "trigger": TRIGGER,
        "rule": RULE,
        "basis": RETENTION_BASIS,
        "storage": STORAGE,
        "action": ACTION,
        "blocked_by": BLOCKED_BY,
    },
    "destruction": {
        "medium": MEDIUM,
        "methods": DESTRUCTION_METHOD,
        "deadline_basis": DEADLINE_BASIS,
    },
    "recipients": {
        "kind": RECIPIENT_KIND,
        "subjects": SUBJECT_KIND,
        "basis": BASIS,
        "trigger": TRIGGER,
    },
    "cookies": {
        "provider": COOKIE_PROVIDER,
        "kind": COOKIE_KIND,
        "technology": COOKIE_TECHNOLOGY,
        "subjects": SUBJECT_KIND,
        "consent": COOKIE_CONSENT,
        "refusal": COOKIE_REFUSAL,
    },
    "marketing": {
        "channel": MARKETING_CHANNEL,
        "consent": MARKETING_CONSENT,
        "subjects": SUBJECT_KIND,
        "exception": MARKETING_EXCEPTION,
    },
    "rights": {
        "right": RIGHT,
        "channels": RIGHT_CHANNEL,
        "deadline_basis": DEADLINE_BASIS,
        "effects": EFFECT,
    },
    "roles": {
        "areas": AREA,
    },
    "controls": {
        "kind": CONTROL_KIND,
    },
    "promises": {
        "check": CHECK_KINDS,
    },
}

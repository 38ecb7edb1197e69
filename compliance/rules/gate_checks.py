"""The single checks of the gate, each giving a reason code with its clause, or None.

Source: the `uses`, `purposes`, `recipients`, `marketing` and `retention` rows; MIK-5.2a and
LEJ-DES-2 (data kept apart), LEJ-RGT-4 (data under correction), X-ALL-12 (consent).
"""

from __future__ import annotations

from compliance.rules.gate_values import (
    CHOSEN_CHANNELS,
    CONTACT_ITEMS,
    DUTIES_UNDER_CORRECTION,
    DUTY_PURPOSES,
    GONE,
    Consent,
    Facts,
    Question,
)
from compliance.rules.policy_values import Item, Use

Reason = tuple[str, str]


def refusal_of_all(question: Question, facts: Facts) -> Reason | None:
    """What refuses every item at once: an unknown purpose, the person's state, the recipient.

    Example: anything but a duty for somebody who is leaving gives `left`.
    """
    if question.is_duty:
        return _duty_refusal(question, facts)
    purpose = question.purpose_row
    if purpose is None:
        return "purpose_unknown", ""
    if _is_apart(facts):
        return _recipient_refusal(question, facts.kind)
    if facts.status in GONE:
        return "left", purpose.clause
    if facts.status == "restricted":
        return "restricted", purpose.clause
    if question.purpose in facts.pending_purposes:
        return "not_agreed_yet", purpose.clause
    return _recipient_refusal(question, facts.kind) or _channel_refusal(question, facts.kind)


def _is_apart(facts: Facts) -> bool:
    """True for people whose data lie in the separate store: leavers under a rule, the dormant."""
    return facts.segregated or facts.status == "dormant"


def _duty_refusal(question: Question, facts: Facts) -> Reason | None:
    if facts.status not in DUTY_PURPOSES[question.purpose]:
        return "left", ""
    if facts.segregated and facts.status != "dormant":
        return "segregated", ""
    return None


def _recipient_refusal(question: Question, kind: str) -> Reason | None:
    if question.recipient is None:
        return None
    row = question.recipient_row
    if row is None:
        return "recipient_unknown", ""
    if question.purpose not in row.purposes:
        return "not_permitted", row.clause
    if row.kind == "aggregate_only":
        return "item_not_for_recipient", row.clause
    if kind not in row.subjects:
        return "kind_not_permitted", row.clause
    if row.posted_list and question.recipient not in question.posted:
        return "recipient_not_posted", row.clause
    return None


def _channel_refusal(question: Question, kind: str) -> Reason | None:
    """A marketing purpose may use only the channels its marketing rows name for this kind.

    Rows that hang on an exception (same goods after a trade) open no channel here.
    """
    rows = [row for row in question.policy.marketing if question.purpose in row.purposes]
    if question.channel is None or not rows:
        return None
    open_rows = (row for row in rows if kind in row.subjects and not row.exception)
    if any(row.channel in {question.channel, "any"} for row in open_rows):
        return None
    return "channel_not_permitted", rows[0].clause


def refusal_of_item(question: Question, facts: Facts, code: str) -> Reason | None:
    """What refuses one item: unknown, under correction, not for the recipient, not permitted.

    Example: `password` for `contract_contact` at MIKMIK gives `not_permitted`, clause 3.2 R1.
    """
    item = question.policy.items_by_code.get(code)
    if item is None:
        return "item_unknown", ""
    if question.is_duty:
        return _duty_item_refusal(question, facts, item)
    clause = question.purpose_row.clause if question.purpose_row else ""
    if code in facts.restricted_items:
        return "restricted", clause
    if _is_apart(facts):
        apart = _segregated_refusal(question, facts.kind, code)
        return apart or _recipient_item_refusal(question, code)
    if code in facts.pending_items or is_new(question, facts, code):
        return "not_agreed_yet", clause
    return _recipient_item_refusal(question, code) or _use_refusal(question, facts, item)


def is_new(question: Question, facts: Facts, code: str) -> bool:
    """True where this use, or this handing on, is wider than what the person agreed to (KRN-4.3)."""
    purpose, row = question.purpose, question.recipient_row
    if not facts.pending_uses.isdisjoint(((purpose, code), (purpose, ""))):
        return True
    passes = () if row is None else ((row.code, purpose, code), (row.code, purpose, ""))
    return not facts.pending_passes.isdisjoint(passes)


def _duty_item_refusal(question: Question, facts: Facts, item: Item) -> Reason | None:
    if item.category != "contact" and item.code not in CONTACT_ITEMS:
        return "not_a_contact_item", ""
    if item.code in facts.restricted_items and question.purpose not in DUTIES_UNDER_CORRECTION:
        return "restricted", ""
    return None


def _segregated_refusal(question: Question, kind: str, code: str) -> Reason | None:
    """Data kept apart serve only the purposes of the rules that keep them (MIK-5.2a, LEJ-DES-2)."""
    rules = [
        rule
        for rule in question.policy.retention
        if rule.storage in {"separate", "hold"}
        and kind in rule.subjects
        and code in (*rule.items, *rule.identity_items)
    ]
    if any(question.purpose in rule.allowed_purposes for rule in rules):
        return None
    return "segregated", rules[0].clause if rules else ""


def _recipient_item_refusal(question: Question, code: str) -> Reason | None:
    row = question.recipient_row
    if row is None:
        return None
    for items in (row.items or question.recipient_items or (), question.recipient_items):
        if items is not None and code not in items:
            return "item_not_for_recipient", row.clause
    return None


def _use_refusal(question: Question, facts: Facts, item: Item) -> Reason | None:
    rows = [row for row in question.rows if item.code in row.items]
    mine = [row for row in rows if facts.kind in row.subjects]
    if not mine and not _another_row_permits(question, facts.kind, item):
        clause = rows[0].clause if rows else _purpose_clause(question)
        return ("kind_not_permitted" if rows else "not_permitted"), clause
    clause = mine[0].clause if mine else _purpose_clause(question)
    if not _needs_consent(question, mine) or _has_consent(question, facts):
        return None
    refused = _matching(question, facts.withdrawn)
    return ("withdrawn" if refused else "consent_missing"), clause


def _another_row_permits(question: Question, kind: str, item: Item) -> bool:
    """Where the policy ties no items to a purpose, its recipient or marketing row permits.

    A recipient row gives the items it names; a marketing row reaches people of its kinds by
    their contact items, as MIKMIK's advertising does (19.1).
    """
    if question.rows:
        return False
    if question.recipient_row is not None:
        return True
    reached = any(
        kind in row.subjects and not row.exception and question.purpose in row.purposes
        for row in question.policy.marketing
    )
    return reached and item.category == "contact" and _is_collected_from(item, kind)


def _is_collected_from(item: Item, kind: str) -> bool:
    return any(subject.kind == kind for subject in item.subjects)


def _purpose_clause(question: Question) -> str:
    row = question.recipient_row or question.purpose_row
    return row.clause if row else ""


def _needs_consent(question: Question, rows: list[Use]) -> bool:
    recipient = question.recipient_row
    if recipient is not None and recipient.separate_consent:
        return True
    if rows:
        return all(row.needs_consent for row in rows)
    return question.purpose_row is not None and question.purpose_row.separate_consent


def _has_consent(question: Question, facts: Facts) -> bool:
    return bool(_matching(question, facts.consents))


def _matching(question: Question, consents: frozenset[Consent]) -> list[Consent]:
    return [consent for consent in consents if _answers(question, consent=consent)]


def _answers(question: Question, *, consent: Consent) -> bool:
    """True when one recorded answer is about this purpose, channel and recipient."""
    purpose, channel, recipient = consent
    if purpose != question.purpose:
        return False
    row = question.recipient_row
    wants_recipient = row is not None and row.separate_consent
    if recipient != (question.recipient if wants_recipient else None):
        return False
    if _wants_channel(question):
        return channel == question.channel
    return question.channel is None or channel in {None, question.channel}


def _wants_channel(question: Question) -> bool:
    """A marketing channel is chosen on its own; agreeing to the purpose does not open it."""
    return question.channel is not None and any(
        row.consent in CHOSEN_CHANNELS and question.purpose in row.purposes
        for row in question.policy.marketing
    )

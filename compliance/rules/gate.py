"""The gate: may these items of this person be used for this purpose, and if not, why not.

Source: reading rule 1 of the policy schema (uses are products; a combination needs consent only
if every row permitting it does) and the `uses`, `purposes`, `recipients`, `marketing` and
`retention` rows. Facts of a person come in as values; nothing here loads or writes anything.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from compliance.rules.gate_checks import is_new, refusal_of_all, refusal_of_item
from compliance.rules.gate_values import (
    DUTY_PURPOSES,
    Consent,
    Decision,
    Facts,
    Question,
    Refusal,
)
from compliance.rules.policy_values import Policy

__all__ = [
    "DUTY_PURPOSES",
    "Consent",
    "Decision",
    "Facts",
    "Refusal",
    "decide",
    "decide_many",
]


def decide(
    policy: Policy,
    facts: Facts,
    *,
    purpose: str,
    items: Iterable[str],
    channel: str | None = None,
    recipient: str | None = None,
    posted: Collection[str] = (),
    recipient_items: Collection[str] | None = None,
) -> Decision:
    """Decide for one person. `posted` are the recipients on the published list.

    `recipient` is a recipient row's code, or `code:entry` for one entry of the register under
    that row; consents and `posted` match the text as given. `recipient_items` are the items of
    that entry; rows without items give nothing unless they are named there.
    Reasons: `item_unknown`, `purpose_unknown`, `not_permitted`, `kind_not_permitted`,
    `consent_missing`, `withdrawn`, `not_agreed_yet`, `restricted`, `segregated`, `left`,
    `not_a_contact_item`, `channel_not_permitted`, `recipient_unknown`, `recipient_not_posted`,
    `item_not_for_recipient`.
    Example: MIKMIK `email` for `advertising` without consent: refused, `consent_missing`.
    """
    question = _question(policy, purpose, items, channel, recipient, posted, recipient_items)
    return _answer(question, facts)


def decide_many(
    policy: Policy,
    facts_list: Iterable[Facts],
    *,
    purpose: str,
    items: Iterable[str],
    channel: str | None = None,
    recipient: str | None = None,
    posted: Collection[str] = (),
    recipient_items: Collection[str] | None = None,
) -> tuple[Decision, ...]:
    """`decide` for a whole audience, in its order; people with equal facts are decided once.

    Example: 100,000 members with two different sets of answers cost two decisions.
    """
    question = _question(policy, purpose, items, channel, recipient, posted, recipient_items)
    answers: dict[object, Decision] = {}
    decisions = []
    for facts in facts_list:
        key = _what_matters(question, facts)
        if key not in answers:
            answers[key] = _answer(question, facts)
        decisions.append(answers[key])
    return tuple(decisions)


def _question(
    policy: Policy,
    purpose: str,
    items: Iterable[str],
    channel: str | None,
    recipient: str | None,
    posted: Collection[str],
    recipient_items: Collection[str] | None,
) -> Question:
    return Question(
        policy=policy,
        purpose=purpose,
        items=tuple(dict.fromkeys(items)),
        channel=channel,
        recipient=recipient,
        posted=frozenset(posted),
        recipient_items=None if recipient_items is None else frozenset(recipient_items),
        rows=tuple(row for row in policy.uses if purpose in row.purposes),
    )


def _what_matters(question: Question, facts: Facts) -> object:
    """The part of a person's facts that can change the answer to this question."""
    return (
        facts.kind,
        facts.status,
        facts.segregated,
        question.purpose in facts.pending_purposes,
        _of_purpose(question, facts.consents),
        _of_purpose(question, facts.withdrawn),
        tuple(item in facts.restricted_items for item in question.items),
        tuple(
            item in facts.pending_items or is_new(question, facts, item) for item in question.items
        ),
    )


def _of_purpose(question: Question, consents: frozenset[Consent]) -> frozenset[Consent]:
    return frozenset(consent for consent in consents if consent[0] == question.purpose)


def _answer(question: Question, facts: Facts) -> Decision:
    whole = refusal_of_all(question, facts)
    allowed, refused = [], []
    for code in question.items:
        refusal = whole or refusal_of_item(question, facts, code)
        if refusal is None:
            allowed.append(code)
        else:
            refused.append(Refusal(code, *refusal))
    return Decision(
        allowed=bool(allowed) and not refused,
        allowed_items=tuple(allowed),
        refused=tuple(refused),
        is_duty=question.is_duty,
    )

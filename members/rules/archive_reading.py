"""For which grounds a record apart may be read: those of its rule, and none besides.

Source: MIK-5.2a, LEJ-DES-2 (the law behind the holding, a dispute, a lawful agency request), X-LEJ-2 (rows held by
internal policy serve their two purposes only).
"""

from collections.abc import Collection

from compliance.rules.policy_values import RetentionRule

DISPUTE, AGENCY, CLAIM = "dispute", "agency_request", "unpaid_claim"
GROUND_OF_HOLD = {"open_dispute": DISPUTE, "legal_request": AGENCY, "unpaid_claim": CLAIM}


def grounds_of(rule: RetentionRule, holds: Collection[str] = ()) -> tuple[str, ...]:
    """The codes of the grounds for which records of a rule may be read; ``holds`` are grounds of running holds.

    Example: MIKMIK `payment_5y` gives `statutory_retention`, `dispute`, `agency_request`; LEJE `fraud_hold` gives
    `fraud_recurrence_prevention`, `agency_cooperation` and never more.
    """
    own = rule.allowed_purposes
    if rule.basis == "internal":
        return own
    by_law = (DISPUTE, AGENCY) if rule.basis == "statutory" or rule.mandatory else ()
    held = tuple(ground for hold, ground in GROUND_OF_HOLD.items() if hold in holds)
    return tuple(dict.fromkeys((*own, *by_law, *held)))

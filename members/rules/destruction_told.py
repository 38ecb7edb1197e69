"""Who is told that records of theirs were destroyed, and of which records.

Source: MIK-8.1c (who withdraws, or whose information is destroyed, is told at once) read by X-MIK-31: people who
still have an address are told at each destruction, session cookies aside. One row of the policy promises both.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from compliance.rules.policy_values import Policy

PROMISED_BY = "withdrawal_confirmation"
OF_A_SESSION = "session_ended"


def is_promised(policy: Policy) -> bool:
    """Tell whether a policy promises a message to each person about a withdrawal or a destruction.

    Example: MIKMIK's clause 8.1 does, LEJE has no such row.
    """
    return any(row.event == PROMISED_BY and row.individual for row in policy.notices)


def worth_telling(policy: Policy, lines: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the lines (``class``, ``rule``, ``clause``, ``records``) that are told: all but those of a session.

    Example: of a payment and a cookie only the payment is told.
    """
    return [line for line in lines if not _ends_with_session(policy, line["rule"])]


def _ends_with_session(policy: Policy, code: str) -> bool:
    rule = policy.retention_by_code.get(code)
    return rule is not None and rule.trigger == OF_A_SESSION

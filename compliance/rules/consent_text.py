"""What a question about a recipient has to name before anybody can be asked it: what for, what, and how long.

Source: MIK-6.2 (separate consent naming recipient, purpose, items and period).
"""

from __future__ import annotations

from compliance.rules.policy_diff import PolicyDiff
from compliance.rules.policy_values import Policy, Recipient


def unclear(difference: PolicyDiff, new: Policy) -> tuple[str, ...]:
    """Return the codes of the recipients that a version asks about without saying all of it.

    Rows that were in force before are not looked at: nobody is asked about them anew.
    Example: a new third party without a period gives its code.
    """
    asked = difference.consent_rows("recipients")
    rows = [row for row in new.recipients if row.code in asked and row.separate_consent]
    return tuple(row.code for row in rows if not _says_all(row))


def _says_all(row: Recipient) -> bool:
    return bool(row.purposes and row.items and (row.period or row.trigger))

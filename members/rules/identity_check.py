"""Which item of a policy is a scan of an official document, and for what it may be looked at.

Source: ENG-4.7, X-ENG-4 (identity and name only; the scan goes once the check is recorded).
"""

from compliance.rules import retention
from compliance.rules.policy_values import Policy

CATEGORY, TRIGGER = "document", "check_completed"
MOST_BYTES = 5 * 1024 * 1024
SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
)


def item_for(policy: Policy, kind: str) -> str:
    """Return the item that takes a scan of this kind of person, empty where the policy has none.

    Example: engoo ``id_document`` of a member; the other four policies have none.
    """
    return next((row.code for row in policy.items if _is_scan(policy, row.code, kind)), "")


def purposes_for(policy: Policy, kind: str) -> tuple[str, ...]:
    """Return the purposes for which the scan may be looked at. Example: ``identity_verification``."""
    item = item_for(policy, kind)
    rows = (row for row in policy.uses if item in row.items and kind in row.subjects)
    return tuple(dict.fromkeys(code for row in rows for code in row.purposes)) if item else ()


def media_of(content: bytes) -> str:
    """Return the kind of file that its first bytes say, empty for any other than PDF, JPEG and PNG."""
    return next((media for start, media in SIGNATURES if content.startswith(start)), "")


def _is_scan(policy: Policy, item: str, kind: str) -> bool:
    if policy.items_by_code[item].category != CATEGORY:
        return False
    return any(rule.trigger == TRIGGER for rule in retention.covering(policy, item, kind))

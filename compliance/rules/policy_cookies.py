"""Checks whether the rows about cookies and trackers keep to what the same policy says elsewhere.

Source: MIK-15.4 (no lifetime beyond the session), ENG-3.5 and KRN-1.2 (own cookies serve the uses named, no others),
KRN-1.4 (advertisers under a policy of their own), ENG-3.7 (what measures or advertises is needed for a reason).
"""

from compliance.rules.policy_fields import CheckedRow, Fault
from compliance.rules.policy_references import Found, Read

ITEM = "cookie"
MEASURING = frozenset({"analytics", "marketing"})  # Groups of purposes.


def faults(policy: Read) -> Found:
    """Yield what a row about a cookie may not say."""
    for row in policy.rows["cookies"]:
        if row.get("strictly_needed") is False and row.get("consent") == "none":
            yield row, "consent", Fault("tracker_without_consent")
        yield from _lifetime(row, policy)
        yield from _own_purposes(row, policy)
        yield from _reason(row, policy)
        outside = row.get("kind") == "advertising" and row.get("provider") == "third_party"
        if outside and row.get("policy_link_required") is False:
            yield row, "policy_link_required", Fault("advertiser_without_link")


def _lifetime(row: CheckedRow, policy: Read) -> Found:
    ends = any(
        ITEM in rule.members("items") and rule.get("trigger") == "session_ended"
        for rule in policy.rows["retention"]
    )
    own = row.get("provider") == "self" and row.sure("lifetime")
    if ends and own and row.get("lifetime") != "session":
        yield row, "lifetime", Fault("cookie_outlives_session")


def _own_purposes(row: CheckedRow, policy: Read) -> Found:
    """Own cookies serve what a use permits cookies for, and nothing that is left to a tracker of somebody else."""
    if row.get("provider") != "self" or not policy.sure("uses", "items", "purposes"):
        return
    used = {
        purpose
        for use in policy.rows["uses"]
        if ITEM in use.members("items")
        for purpose in use.members("purposes")
    }
    theirs = {
        purpose
        for recipient in policy.rows["recipients"]
        if recipient.get("kind") == "tracker"
        for purpose in recipient.members("purposes")
    }
    known = policy.codes("purposes")
    for purpose in row.members("purposes"):
        if purpose in known and purpose not in used - theirs:
            yield row, "purposes", Fault("cookie_without_use", {"value": purpose})


def _reason(row: CheckedRow, policy: Read) -> Found:
    groups = {one.get("code"): one.get("group") for one in policy.rows["purposes"]}
    measures = any(groups.get(purpose) in MEASURING for purpose in row.members("purposes"))
    if row.get("strictly_needed") and measures and not row.get("note"):
        yield row, "strictly_needed", Fault("needed_without_reason")

"""Which model holds which table of a policy file, and where a column is named otherwise."""

from compliance.models.policy_clauses import PolicyClause, PolicyFinding, PolicyPromise
from compliance.models.policy_items import (
    PolicyCollectionMethod,
    PolicyItem,
    PolicyItemSubject,
    PolicyPurpose,
    PolicyUse,
)
from compliance.models.policy_people import (
    PolicyContact,
    PolicyMarketing,
    PolicyNoticeRule,
    PolicyRight,
)
from compliance.models.policy_row import PolicyRow
from compliance.models.policy_rules import (
    PolicyControl,
    PolicyDestruction,
    PolicyRetentionRule,
    PolicyRole,
)
from compliance.models.policy_sharing import PolicyCookie, PolicyRecipient
from compliance.models.policy_text import PolicyText

TABLE_MODELS: dict[str, type[PolicyRow]] = {
    "contacts": PolicyContact,
    "notices": PolicyNoticeRule,
    "collection_methods": PolicyCollectionMethod,
    "items": PolicyItem,
    "purposes": PolicyPurpose,
    "uses": PolicyUse,
    "retention": PolicyRetentionRule,
    "destruction": PolicyDestruction,
    "recipients": PolicyRecipient,
    "cookies": PolicyCookie,
    "marketing": PolicyMarketing,
    "rights": PolicyRight,
    "roles": PolicyRole,
    "controls": PolicyControl,
    "findings": PolicyFinding,
    "clauses": PolicyClause,
    "promises": PolicyPromise,
}

# Every table whose rows freeze with their version.
FROZEN_MODELS: tuple[type[PolicyRow], ...] = (*TABLE_MODELS.values(), PolicyItemSubject, PolicyText)

# (table of the file, field of the file) -> column, where Django keeps the name for itself.
RENAMED: dict[tuple[str, str], str] = {
    ("clauses", "id"): "ident",
    ("promises", "check"): "check_kind",
}

# Field of [service] -> column of PolicyVersion, where they differ; slug and prefix are the service's own.
SERVICE_RENAMED: dict[str, str] = {"policy_title": "title", "established": "established_on"}
SERVICE_OWN: tuple[str, ...] = ("slug", "obligation_prefix")

"""Where a person can be written to, and in which language."""

from collections.abc import Mapping
from typing import Any

from compliance.rules.policy_values import Policy
from members.models import DataSubject

ADDRESS_ITEMS = ("email", "receiver_email", "business_contact", "contact_info")
INTERFACE_LANGUAGES = ("en", "ko", "id")


def address_in(values: Mapping[str, Any]) -> str | None:
    """Return the e-mail address among the values of a person's contact items, the usual one first."""
    for item in ADDRESS_ITEMS:
        value = values.get(item)
        if isinstance(value, str) and "@" in value:
            return value
    return None


def address_items(policy: Policy) -> tuple[str, ...]:
    """Return the items of a policy that can hold an e-mail address."""
    return tuple(item for item in ADDRESS_ITEMS if item in policy.items_by_code)


def language_of(subject: DataSubject, policy: Policy) -> str:
    """Return the language to write to a person in: their own if the house speaks it, else the service's first."""
    if subject.language in INTERFACE_LANGUAGES:
        return subject.language
    return next((code for code in policy.notice_languages if code in INTERFACE_LANGUAGES), "en")

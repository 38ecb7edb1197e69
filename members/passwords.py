"""What a password of a person has to be, and how it is read: long, not guessable, the same on every keyboard."""

import unicodedata

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    check_password,
    make_password,
)
from django.contrib.auth.password_validation import MinimumLengthValidator

from compliance.models import Account
from compliance.rules.policy_values import Policy
from members.models import MEMBER_KINDS

LONGEST = 1024
ITEM = "password"


def shortest() -> int:
    """Return how many characters a password needs, as the settings say."""
    rules = password_validation.get_default_password_validators()
    return next(rule.min_length for rule in rules if isinstance(rule, MinimumLengthValidator))


def validate(raw: str) -> None:
    """Raise ``ValidationError``, in words for the person, for a password that is short or easy to guess.

    No composition is asked for: length counts, and the list of common passwords (MIK-12.3.10).
    """
    password_validation.validate_password(_normal(raw))


def prepare(raw: str) -> str:
    """Return the hash of a new password, which is all that may be stored; raises as ``validate`` does."""
    validate(raw)
    return make_password(_normal(raw))


def fits(account: Account | None, raw: str) -> bool:
    """Tell whether this is the password of the account; always at the cost of one hash, whoever is asked for.

    Nobody's account, one of staff, a disabled one and one without a password have none that fits.
    """
    is_theirs = account is not None and account.is_active and not account.is_staff
    known = account.password if account is not None and is_theirs else UNUSABLE_PASSWORD_PREFIX
    return check_password(_normal(raw), known)


def _normal(raw: str) -> str:
    """The same characters however a keyboard composes them (NFKC)."""
    return unicodedata.normalize("NFKC", raw)


def offered_to(policy: Policy, kind: str) -> bool:
    """Whether a policy lists a password of this kind of person; what is not listed is not taken."""
    item = policy.items_by_code.get(ITEM)
    return item is not None and any(one.kind == kind for one in item.subjects)


def offered(policy: Policy) -> bool:
    """Whether some kind of member may have a password at a service."""
    return any(offered_to(policy, kind) for kind in MEMBER_KINDS)

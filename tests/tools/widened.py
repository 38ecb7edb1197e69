"""A next version of a policy that asks for more: one new item, for a purpose of its own."""

from datetime import date

from compliance.models import (
    PolicyItem,
    PolicyItemSubject,
    PolicyPurpose,
    PolicyRetentionRule,
    PolicyUse,
    PolicyVersion,
    Service,
)
from tests.tools import versions

DAY = date(2026, 12, 23)
PURPOSE, ITEM = "fitting", "shoe_size"
LABEL = "Find shoes that fit"


def widen(draft: PolicyVersion, purpose: str = PURPOSE, item: str = ITEM) -> PolicyVersion:
    """Add the item and the purpose to a draft; the purpose also uses the e-mail address."""
    row = PolicyItem.objects.create(
        version=draft, position=900, code=item, label="Shoe size", category="profile"
    )
    PolicyItemSubject.objects.create(
        version=draft, position=900, item=row, kind="member", requirement="optional", moment="join"
    )
    PolicyPurpose.objects.create(
        version=draft,
        position=900,
        code=purpose,
        label=LABEL,
        group="membership",
        basis="contract",
        clause="2",
    )
    PolicyUse.objects.create(
        version=draft,
        position=900,
        clause="2",
        items=[item, "email"],
        purposes=[purpose],
        subjects=["member"],
    )
    rules = PolicyRetentionRule.objects.filter(version=draft).order_by("position")
    rule = next(one for one in rules if "email" in one.items)
    rule.items = [*rule.items, item]  # Kept and destroyed as the e-mail address is.
    rule.save()
    return draft


def in_force(service: Service, purpose: str = PURPOSE, item: str = ITEM) -> PolicyVersion:
    """Put the wider version in force, without the letters in between."""
    draft = widen(versions.draft(service, {}), purpose, item)
    return versions.put_in_force(draft, on=DAY)

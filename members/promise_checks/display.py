"""Is nothing of a person shown to others but what the policy allows to be shown."""

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import gate
from compliance.rules.policy_values import Policy
from compliance.rules.promises import Verdict
from members.models import DataSubject


def public_display_allow_list(context: CheckContext) -> Finding:
    """The gate gives a display purpose the items of its rows and no others; our own pages show nobody to anybody.

    What a row lets be shown on a person's instruction alone is shown to nobody without one (LMK-2h).
    """
    purpose = str(context.params.get("purpose"))
    policy = context.policy
    allowed = {item for row in policy.uses if purpose in row.purposes for item in row.items}
    if not allowed:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    others = [item.code for item in policy.items if item.code not in allowed]
    asked = _on_instruction(policy, purpose)
    shown = uninstructed = 0
    for kind in DataSubject.Kind.values:
        facts = gate.Facts(kind=kind, consents=frozenset({(purpose, None, None)}))
        shown += len(gate.decide(policy, facts, purpose=purpose, items=others).allowed_items)
        silent = gate.Facts(kind=kind)
        decision = gate.decide(policy, silent, purpose=purpose, items=asked)
        uninstructed += len(decision.allowed_items)
    return found(
        gravest([(shown + uninstructed > 0, Verdict.BROKEN)]),
        row=purpose,
        items_allowed=len(allowed),
        items_refused=len(others),
        let_through=shown,
        shown_uninstructed=uninstructed,
    )


def _on_instruction(policy: Policy, purpose: str) -> list[str]:
    """Items that every row of the purpose lets be shown with an agreement only."""
    rows = [row for row in policy.uses if purpose in row.purposes]
    free = {item for row in rows if not row.needs_consent for item in row.items}
    return [item for row in rows if row.needs_consent for item in row.items if item not in free]

"""Is what people dispute used for nothing, from the second they said so until it is settled (MIK-7.2, LEJ-RGT-4)."""

from collections.abc import Iterable

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import gate
from compliance.rules.promises import Verdict
from members.models import Restriction, RightsRequest

OPEN = (RightsRequest.State.OPEN, RightsRequest.State.WAITING)
AWAY = ("dormant", "leaving", "withdrawn")  # Used for nothing anyway.


def not_used(context: CheckContext) -> Finding:
    """Every open dispute has a hold on all its items, and the gate refuses them for every purpose of the policy."""
    asked = RightsRequest.objects.filter(
        service=context.service, kind=RightsRequest.Kind.RECTIFICATION, state__in=OPEN
    ).exclude(subject__status__in=AWAY)
    disputes = list(asked.values_list("pk", "subject__kind", "items"))
    held = _held(pk for pk, _, _ in disputes)
    unheld = sum(not set(items) <= held.get(pk, set()) for pk, _, items in disputes)
    let_through = sum(
        _let_through(context, kind, item)
        for kind, item in {(kind, item) for _, kind, items in disputes if kind for item in items}
    )
    return found(
        gravest([(unheld + let_through > 0, Verdict.BROKEN)]),
        open_disputes=len(disputes),
        without_hold=unheld,
        let_through=let_through,
        page="admin:members_rightsrequest_changelist",
    )


def _held(requests: Iterable[int]) -> dict[int, set[str]]:
    rows = Restriction.objects.filter(request__in=list(requests), ended_at=None, blocks_use=True)
    found_items: dict[int, set[str]] = {}
    for pk, items in rows.values_list("request_id", "items"):
        found_items.setdefault(pk, set()).update(items)
    return found_items


def _let_through(context: CheckContext, kind: str, item: str) -> int:
    """For how many purposes the gate would give a held item of somebody who agreed to everything."""
    policy = context.policy
    purposes = [row.code for row in policy.purposes]
    facts = gate.Facts(
        kind=kind,
        consents=frozenset((code, None, None) for code in purposes),
        restricted_items=frozenset({item}),
    )
    decided = (gate.decide(policy, facts, purpose=code, items=[item]) for code in purposes)
    return sum(bool(one.allowed_items) for one in decided)

"""Is only that held and used which the policy lists."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Count

from compliance.promises import CheckContext, Finding, found, gravest
from compliance.rules import gate
from compliance.rules.gate_values import DUTY_PURPOSES
from compliance.rules.policy_values import Policy
from compliance.rules.promises import Verdict
from members.archive.models import ArchivedRecord
from members.models import DataSubject, Record

Held = tuple[str, list[str], int]
NARROWED_BY = {"clause": "clause", "subject": "kind", "moment": "moment"}


def items_within_register(context: CheckContext) -> Finding:
    """Every item held, live or apart, is listed for that kind of person; counted by distinct lists of items.

    ``clause``, ``subject`` or ``moment`` narrow the register to the rows that the promise is about.
    """
    listed = _listed(context.policy, context.params)
    if not listed:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    allowed = {(item.code, entry.kind) for item in context.policy.items for entry in item.subjects}
    kinds = {kind for _, kind in listed}
    held = unlisted = 0
    strangers: set[str] = set()
    for kind, codes, records in _held(context):
        if kind not in kinds:
            continue
        outside = {code for code in codes if (code, kind) not in allowed}
        held += records
        unlisted += records if outside else 0
        strangers |= outside
    return found(
        gravest([(unlisted > 0, Verdict.BROKEN)]),
        items_listed=len({item for item, _ in listed}),
        records=held,
        records_outside=unlisted,
        items_outside=" ".join(sorted(strangers))[:160],
    )


def _listed(policy: Policy, params: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return (item, kind) pairs of the register that the parameters speak of.

    A clause that collects nothing itself speaks of the items that its uses name.
    """
    wanted = {name: params[param] for param, name in NARROWED_BY.items() if param in params}
    listed = {
        (item.code, entry.kind)
        for item in policy.items
        for entry in item.subjects
        if all(getattr(entry, name) == value for name, value in wanted.items())
    }
    return listed or {
        (item, kind)
        for row in policy.uses
        if row.clause and row.clause == params.get("clause")
        for item in row.items
        for kind in row.subjects
    }


def _held(context: CheckContext) -> list[Held]:
    """Return (kind, item codes, records) for each distinct list of items; one query per database and run."""
    found: list[Held] = context.once("items_held", lambda: list(_count_held(context)))
    return found


def _count_held(context: CheckContext) -> Iterator[Held]:
    live = Record.objects.filter(subject__service=context.service)
    apart = ArchivedRecord.objects.filter(subject__service_slug=context.service.slug)
    for rows in (live, apart):
        groups = rows.order_by().values_list("subject__kind", "item_codes").annotate(Count("pk"))
        yield from groups.iterator()


def uses_within_register(context: CheckContext) -> Finding:
    """The gate lets nothing through for the purposes of a clause but the items that a row names for them.

    ``clause`` narrows to the purposes of one clause; without it all purposes are probed.
    """
    policy, clause = context.policy, context.params.get("clause")
    purposes = {
        code for row in policy.uses if clause in (None, row.clause) for code in row.purposes
    }
    if not purposes:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    probes = let_through = 0
    for purpose in sorted(purposes - set(DUTY_PURPOSES)):
        for kind in DataSubject.Kind.values:
            items = [
                item.code
                for item in policy.items
                if not _permitted(policy, purpose, item.code, kind)
            ]
            decision = gate.decide(policy, _agreeing(kind, purpose), purpose=purpose, items=items)
            probes += len(items)
            let_through += len(decision.allowed_items)
    return found(
        gravest([(let_through > 0, Verdict.BROKEN)]),
        purposes=len(purposes),
        probes=probes,
        let_through=let_through,
    )


def _agreeing(kind: str, purpose: str) -> gate.Facts:
    return gate.Facts(kind=kind, consents=frozenset({(purpose, None, None)}))


def _permitted(policy: Policy, purpose: str, item: str, kind: str) -> bool:
    return any(
        purpose in row.purposes and item in row.items and kind in row.subjects
        for row in policy.uses
    )


def never_collected(context: CheckContext) -> Finding:
    """No item of a category that is never collected is listed or held."""
    categories = set(context.policy.never_collect.categories)
    if not categories:
        return found(Verdict.NOT_BUILT, reason="row_missing")
    listed = sum(item.sensitive or item.code in categories for item in context.policy.items)
    held = sum(records for _, codes, records in _held(context) if categories & set(codes))
    return found(
        gravest([(listed + held > 0, Verdict.BROKEN)]),
        categories=len(categories),
        items_listed=listed,
        records=held,
    )

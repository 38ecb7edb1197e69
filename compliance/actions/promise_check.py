"""Look at every promise of a service and write down what changed.

Invariants: one current row per promise; a change of verdict adds a row and keeps the old one, anything else only
moves ``checked_at``; looking happens outside the transaction that writes, and evidence holds no personal data.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from compliance import ledger, promises, selectors
from compliance.models import Account, PromiseCheck, Service
from compliance.promise_gaps import gaps
from compliance.promises import CheckContext, Finding
from compliance.rules.policy_values import Policy
from compliance.rules.promises import Binding, Verdict, derive_bindings, worst

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What was found about one promise: its clause, the worst verdict of its checks, their evidence."""

    code: str
    clause: str
    verdict: Verdict
    evidence: list[dict[str, Any]]


@dataclass
class Report:
    """How many promises have which verdict, and which turned broken in this run."""

    counts: Counter[str] = field(default_factory=Counter)
    changed: int = 0
    broke: list[str] = field(default_factory=list)


def look(service: Service, *, now: datetime) -> list[Outcome]:
    """Return what is found about every promise of the policy in force, in the order of its clauses; writes nothing.

    Equal checks run once. Empty without a policy in force.
    """
    version = selectors.policy_in_force(service)
    if version is None:
        return []
    policy = selectors.policy_values(version)
    bound = _bindings(policy)
    findings: dict[str, Finding] = {}
    memo: dict[str, Any] = {}
    for binding in (one for bindings in bound.values() for one in bindings):
        if binding.key not in findings:
            findings[binding.key] = _run(
                binding, CheckContext(service, version, policy, binding.params, now, memo)
            )
    return [
        _outcome(code, clause, bound.get(code, ()), findings)
        for code, clause in _promised(policy).items()
    ]


def check_service(service: Service, *, actor: Account | None = None, now: datetime) -> Report:
    """Look, write down the verdicts, and record the run; each promise that turned broken gets an entry of its own."""
    outcomes = look(service, now=now)
    report = Report(Counter(str(one.verdict) for one in outcomes))
    with transaction.atomic():
        Service.objects.select_for_update().get(pk=service.pk)
        known = {
            row.code: row for row in PromiseCheck.objects.filter(service=service, current=True)
        }
        changed = [one for one in outcomes if _is_changed(known.get(one.code), one)]
        _confirm(known, [one for one in outcomes if not _is_changed(known.get(one.code), one)], now)
        _replace(service, changed, {one.code for one in outcomes}, now)
        report.changed = len(changed)
        for one in changed:
            if one.verdict is Verdict.BROKEN:
                report.broke.append(one.code)
                _tell_broken(service, one, known.get(one.code), actor, now)
        counts = {verdict.value: report.counts[verdict.value] for verdict in Verdict}
        ledger.record(
            "compliance.promise.checked", actor=actor, now=now, service=service, data=counts
        )
    return report


def _bindings(policy: Policy) -> dict[str, list[Binding]]:
    found: dict[str, list[Binding]] = {}
    for binding in derive_bindings(policy):
        found.setdefault(binding.obligation, []).append(binding)
    return found


def _promised(policy: Policy) -> dict[str, str]:
    """Promise codes with the clause that makes them first."""
    found: dict[str, str] = {}
    for clause in policy.clauses:
        for code in clause.obligations:
            found.setdefault(code, clause.clause)
    return found


def _run(binding: Binding, context: CheckContext) -> Finding:
    try:
        return promises.run(binding, context)
    except Exception as error:  # One failing check must not hide the others.
        log.error("check %s failed: %s", binding.check, type(error).__name__)
        facts = {"check": binding.check, "verdict": str(Verdict.AT_RISK), "reason": "check_failed"}
        return Finding(Verdict.AT_RISK, (facts,))


def _outcome(
    code: str, clause: str, bindings: Iterable[Binding], findings: Mapping[str, Finding]
) -> Outcome:
    mine = [(binding, findings[binding.key]) for binding in bindings]
    verdicts = [finding.verdict for _, finding in mine]
    evidence = [
        dict(line) | {"clause": one.clause or clause}
        for one, finding in mine
        for line in finding.evidence
    ]
    reason = gaps().get(code) or ("" if mine else "no_check")
    if reason:
        verdicts.append(Verdict.NOT_BUILT)
        evidence.append(
            {"check": "", "clause": clause, "verdict": str(Verdict.NOT_BUILT), "reason": reason}
        )
    return Outcome(code, clause, worst(verdicts), evidence)


def _is_changed(row: PromiseCheck | None, outcome: Outcome) -> bool:
    return row is None or row.verdict != outcome.verdict


def _confirm(known: Mapping[str, PromiseCheck], outcomes: Iterable[Outcome], now: datetime) -> None:
    rows = []
    for one in outcomes:
        row = known[one.code]
        row.clause, row.evidence, row.checked_at = one.clause, one.evidence, now
        rows.append(row)
    PromiseCheck.objects.bulk_update(rows, ["clause", "evidence", "checked_at"], batch_size=100)


def _replace(service: Service, changed: list[Outcome], promised: set[str], now: datetime) -> None:
    """Close the rows of changed promises and of promises that the policy no longer makes; add the new rows."""
    mine = PromiseCheck.objects.filter(service=service, current=True)
    mine.filter(code__in=[one.code for one in changed]).update(current=False)
    mine.exclude(code__in=promised).update(current=False)
    PromiseCheck.objects.bulk_create(
        PromiseCheck(
            service=service,
            code=one.code,
            clause=one.clause,
            verdict=one.verdict.value,
            evidence=one.evidence,
            since=now,
            checked_at=now,
        )
        for one in changed
    )


def _tell_broken(
    service: Service,
    outcome: Outcome,
    before: PromiseCheck | None,
    actor: Account | None,
    now: datetime,
) -> None:
    ledger.record(
        "compliance.promise.broke",
        actor=actor,
        now=now,
        service=service,
        obj=f"promise:{outcome.code}",
        clause=outcome.clause if ledger.CLAUSE.fullmatch(outcome.clause) else "",
        data={"promise": outcome.code, "before": before.verdict if before else "unknown"},
    )

"""Registry of live checks: check kind -> function that looks at the rows of this installation.

Each app registers its checks in `AppConfig.ready()`; a policy binds its promises to them as data, so a
company that nobody here has seen gets its board without code.

    promises.register("retention_rule_met", retention.rule_met)

    def rule_met(context: CheckContext) -> Finding:
        ...
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from compliance.models import PolicyVersion, Service
from compliance.rules.calendar import local_day
from compliance.rules.policy_values import Policy
from compliance.rules.promises import Binding, Verdict

Fact = bool | int | date | str
Evidence = tuple[Mapping[str, Fact], ...]
CODE = re.compile(r"[^@\r\n]{0,160}")


class EvidenceRefused(ValueError):
    """A check wanted to show something that is no code, count or date."""


@dataclass(frozen=True)
class CheckContext:
    """What a check is asked: a service, its version in force, what that says, the parameters, the moment (UTC).

    ``memo`` is shared by all checks of one run, for what several of them have to count.
    """

    service: Service
    version: PolicyVersion
    policy: Policy
    params: Mapping[str, Any]
    now: datetime
    memo: dict[str, Any] = field(default_factory=dict, compare=False)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what ``make`` gives, computed once in a run. Example: ``once("held", count)``."""
        if name not in self.memo:
            self.memo[name] = make()
        return self.memo[name]

    @property
    def today(self) -> date:
        """The day in the zone of the service."""
        return local_day(self.now, self.policy.timezone)


@dataclass(frozen=True)
class Finding:
    """A verdict with its evidence: codes, counts, dates and names of pages; never personal data."""

    verdict: Verdict
    evidence: Evidence = ()


Check = Callable[[CheckContext], Finding]
_checks: dict[str, Check] = {}


def register(kind: str, check: Check) -> None:
    """Add a check; a kind registered twice replaces the first, so that reloads do no harm."""
    _checks[kind] = check


def kinds() -> frozenset[str]:
    """Return the kinds that have a live check."""
    return frozenset(_checks)


def found(verdict: Verdict, **facts: Fact) -> Finding:
    """Return a verdict with one line of evidence. Example: ``found(Verdict.BROKEN, overdue=3)``."""
    return Finding(verdict, (facts,))


def gravest(parts: Iterable[tuple[bool, Verdict]]) -> Verdict:
    """Return the verdict of the first part that applies, kept if none does; name the gravest first."""
    return next((verdict for applies, verdict in parts if applies), Verdict.KEPT)


def run(binding: Binding, context: CheckContext) -> Finding:
    """Run the check of a binding and name clause, row and check in its evidence.

    A kind without a live check, or a check whose row the policy does not have, is not built.
    """
    check = _checks.get(binding.check)
    finding = check(context) if check else found(Verdict.NOT_BUILT, reason="no_check")
    return Finding(
        finding.verdict,
        tuple(_line(binding, finding, facts) for facts in finding.evidence or ({},)),
    )


def _line(binding: Binding, finding: Finding, facts: Mapping[str, Fact]) -> Mapping[str, Fact]:
    named = {"check": binding.check, "clause": binding.clause, "verdict": str(finding.verdict)}
    line = (
        named | {f"for_{name}": str(value) for name, value in binding.params.items()} | dict(facts)
    )
    return {name: _plain(name, value) for name, value in line.items()}


def _plain(name: str, value: Any) -> Fact:
    if isinstance(value, bool | int):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, str) and CODE.fullmatch(value):
        return value
    raise EvidenceRefused(f"{name} is no code, count or date")

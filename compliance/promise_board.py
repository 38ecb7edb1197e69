"""The whole board as data: every promise of the register, and of every other service that has a policy here."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from compliance import obligations, selectors
from compliance.actions import promise_check
from compliance.models import Service
from compliance.policy_files import PRESET_NAMES
from compliance.rules.promises import Verdict

Row = dict[str, Any]


def rows(*, service: str = "", now: datetime) -> list[Row]:
    """Return ``{service, code, clause, verdict, evidence}`` for every promise, looked at now; writes nothing.

    A service that is not loaded, or a promise that its policy in force no longer makes, is not built.
    """
    loaded = {one.slug: one for one in Service.objects.order_by("slug")}
    wanted = [slug for slug in dict.fromkeys((*PRESET_NAMES, *loaded)) if service in ("", slug)]
    return [row for slug in wanted for row in _of_service(slug, loaded.get(slug), now)]


def known(slug: str) -> bool:
    """Tell whether a service has a board: it ships with the software, or is loaded."""
    return slug in PRESET_NAMES or Service.objects.filter(slug=slug).exists()


def _of_service(slug: str, service: Service | None, now: datetime) -> Iterator[Row]:
    outcomes = {one.code: one for one in promise_check.look(service, now=now)} if service else {}
    for code, one in outcomes.items():
        yield _row(slug, code, one.clause, one.verdict, one.evidence)
    reason = _why_missing(service, bool(outcomes))
    for code in obligations.all_codes(slug):
        register = obligations.get(code)
        if code not in outcomes and register:
            evidence = [{"check": "", "clause": register.clause, "reason": reason}]
            yield _row(slug, code, register.clause, Verdict.NOT_BUILT, evidence)


def _why_missing(service: Service | None, has_outcomes: bool) -> str:
    if service is None:
        return "service_not_loaded"
    if not has_outcomes and selectors.policy_in_force(service) is None:
        return "no_policy_in_force"
    return "not_in_policy"


def _row(
    slug: str, code: str, clause: str, verdict: Verdict, evidence: list[dict[str, Any]]
) -> Row:
    return {
        "service": slug,
        "code": code,
        "clause": clause,
        "verdict": verdict.value,
        "evidence": evidence,
    }

"""Promises: verdicts, and the checks that follow from the rows of a policy.

Source: every clause is bound to a live check whose figures come from the policy's rows. A row that
names an obligation is proof of what has to be checked, so a new company gets its own board from
its own policy; explicit `[[promises]]` rows add to that or replace it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from compliance.rules import holding_notice, policy_diff
from compliance.rules.policy_values import Policy

DEFAULT_ATTESTATION = "P12M"
REVISION_EVENTS = frozenset({"policy_revision_general", "policy_revision_important"})
HOLD = "hold_until_corrected"
CASES = frozenset({"open_case", "open_dispute"})
CHOICE = frozenset({"opt_in", "subscription"})


class Verdict(StrEnum):
    """What a check says about a promise, from good to bad in the order of `worst`."""

    KEPT = "kept"
    NOT_BUILT = "not_built"
    WAITING_FOR_PERSON = "waiting_for_person"
    AT_RISK = "at_risk"
    BROKEN = "broken"


_SEVERITY = {verdict: rank for rank, verdict in enumerate(Verdict)}


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; `not_built` for none, as nothing was checked.

    Example: kept and at risk together are at risk.
    """
    return max(verdicts, key=_SEVERITY.__getitem__, default=Verdict.NOT_BUILT)


@dataclass(frozen=True, slots=True)
class Binding:
    """One clause's obligation tied to a check kind with parameters (a read-only mapping)."""

    obligation: str
    clause: str
    check: str
    params: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    @property
    def key(self) -> str:
        """A stable name of the check with its parameters, to run equal checks once.

        Example: `retention_rule_met(rule=payment_5y)`.
        """
        inner = ",".join(f"{name}={self.params[name]}" for name in sorted(self.params))
        return f"{self.check}({inner})"


@dataclass(frozen=True, slots=True)
class _Found:
    """A check that a row asks for, before it is tied to the obligations of the row."""

    obligations: tuple[str, ...]
    clause: str
    check: str
    params: Mapping[str, Any]


def derive_bindings(policy: Policy) -> tuple[Binding, ...]:
    """The bindings of a policy: derived from its rows, then overridden by its `promises` rows.

    An explicit row takes the place of the derived bindings of its obligation that have the same
    check, and stands beside the others. Equal bindings appear once.
    Example: MIKMIK's row `payment_5y` binds MIK-5.2.2 to `retention_rule_met`.
    """
    explicit = tuple(_explicit(policy))
    replaced = {(binding.obligation, binding.check) for binding in explicit}
    derived = (
        binding
        for binding in _derived(policy)
        if (binding.obligation, binding.check) not in replaced
    )
    return _once((*derived, *explicit))


def unbound(policy: Policy, bindings: Iterable[Binding]) -> tuple[str, ...]:
    """The obligations named by the clauses that no binding checks, in clause order.

    Example: a clause of plain words without any row stays here until somebody adds a row.
    """
    bound = {binding.obligation for binding in bindings}
    named = dict.fromkeys(code for clause in policy.clauses for code in clause.obligations)
    return tuple(code for code in named if code not in bound)


def _once(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
    named = {(binding.obligation, binding.key): binding for binding in reversed(tuple(bindings))}
    return tuple(reversed(named.values()))


def _explicit(policy: Policy) -> Iterator[Binding]:
    for row in policy.promises:
        clause = _clause_of(policy, row.obligation)
        yield Binding(row.obligation, clause, row.check, MappingProxyType(dict(row.params)))


def _clause_of(policy: Policy, obligation: str) -> str:
    clauses = (row.clause for row in policy.clauses if obligation in row.obligations)
    return next(clauses, "")


def _derived(policy: Policy) -> Iterator[Binding]:
    sources = (
        _from_retention,
        _from_notices,
        _from_permissions,
        _from_uses,
        _from_recipients,
        _from_rights,
        _from_people_and_measures,
        _from_collection,
        _from_destruction,
    )
    for source in sources:
        for found in source(policy):
            for obligation in found.obligations:
                clause = found.clause or _clause_of(policy, obligation)
                yield Binding(obligation, clause, found.check, MappingProxyType(found.params))


def _from_retention(policy: Policy) -> Iterator[_Found]:
    storage_checks = {"separate": "segregated", "hold": "rejoin_hold_kept"}
    for row in policy.retention:
        params = {"rule": row.code}
        yield _Found(row.obligations, row.clause, "retention_rule_met", params)
        if row.storage in storage_checks:
            yield _Found(row.obligations, row.clause, storage_checks[row.storage], params)


def _from_notices(policy: Policy) -> Iterator[_Found]:
    for row in policy.notices:
        params = {"notice": row.code}
        if row.event in REVISION_EVENTS:
            yield _Found(row.obligations, row.clause, "notice_in_time", params)
        elif row.event == "withdrawal_confirmation":
            yield _Found(row.obligations, row.clause, "confirmation_sent", params)
        elif row.event == "dormancy":
            yield _Found(row.obligations, row.clause, "dormancy_noticed", params)
        elif row.event == policy_diff.ASKS_ANEW:
            yield _Found(row.obligations, row.clause, "asked_anew", {})
        elif row.event == holding_notice.EVENT:
            yield _Found(row.obligations, row.clause, "holding_announced", params)


def _from_permissions(policy: Policy) -> Iterator[_Found]:
    """Uses name no obligation, their clause does: nothing beyond its rows may be used for its purposes."""
    for clause in dict.fromkeys(row.clause for row in policy.uses if row.clause):
        obligations = _obligations_of(policy, clause)
        yield _Found(obligations, clause, "uses_within_register", {"clause": clause})


def _from_uses(policy: Policy) -> Iterator[_Found]:
    """Purposes that need consent; these rows name no obligation, their clause does."""
    asked = {
        (row.clause, purpose): None
        for row in policy.uses
        if row.needs_consent
        for purpose in row.purposes
    }
    asked |= {(row.clause, row.code): None for row in policy.purposes if row.separate_consent}
    for clause, purpose in asked:
        obligations = _obligations_of(policy, clause)
        yield _Found(obligations, clause, "purpose_only_with_consent", {"purpose": purpose})
    for row in policy.marketing:
        for purpose in row.purposes if row.consent in CHOICE else ():
            params = {"purpose": purpose, "channel": row.channel}
            yield _Found(row.obligations, row.clause, "purpose_only_with_consent", params)


def _obligations_of(policy: Policy, clause: str) -> tuple[str, ...]:
    rows = (row.obligations for row in policy.clauses if clause and row.clause == clause)
    return tuple(code for obligations in rows for code in obligations)


def _from_recipients(policy: Policy) -> Iterator[_Found]:
    for row in policy.recipients:
        params = {"recipient": row.code}
        if row.posted_list:
            yield _Found(row.obligations, row.clause, "recipient_posted", params)
        if row.contract_required:
            yield _Found(row.obligations, row.clause, "recipient_agreement", params)


def _from_rights(policy: Policy) -> Iterator[_Found]:
    for row in policy.rights:
        if row.deadline is not None:
            params = {"right": row.right, "channels": ",".join(row.channels)}
            yield _Found(row.obligations, row.clause, "right_in_time", params)
        if HOLD in row.effects:
            yield _Found(row.obligations, row.clause, "disputed_not_used", {})
        if CASES.intersection(row.effects):
            yield _Found(row.obligations, row.clause, "enquiry_answered", {})


def _from_people_and_measures(policy: Policy) -> Iterator[_Found]:
    for control in policy.controls:
        interval = str(control.interval) if control.interval else DEFAULT_ATTESTATION
        params = {"control": control.code, "interval": interval}
        yield _Found(control.obligations, control.clause, "control_attested", params)
    for role in policy.roles:
        yield _Found(role.obligations, role.clause, "role_limits", {"role": role.code})
    for contact in policy.contacts:
        params = {"contact": contact.code}
        yield _Found(contact.obligations, contact.clause, "contact_published", params)


def _from_collection(policy: Policy) -> Iterator[_Found]:
    never = policy.never_collect
    yield _Found(never.obligations, never.clause, "never_collected", {})
    for row in policy.cookies:
        params = {"cookie": row.code}
        yield _Found(row.obligations, row.clause, "cookie_declared", params)
        if row.consent in CHOICE:
            yield _Found(row.obligations, row.clause, "cookie_choice_kept", params)


def _from_destruction(policy: Policy) -> Iterator[_Found]:
    for row in policy.destruction:
        yield _Found(row.obligations, "", "destruction_certified", {"medium": row.medium})

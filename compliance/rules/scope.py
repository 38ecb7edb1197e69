"""What a version of a policy covers for a kind of person, and what of it somebody has not agreed to yet.

Source: KRN-4.3 and X-KRN-3 (silence keeps the old scope, per person), X-ALL-6 (lists are closed: an addition is a
change that needs agreement), MIK-11.1, X-ALL-12 (what the law demands is no question of agreement).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from compliance.rules.calendar import longer_than
from compliance.rules.gate_values import Consent
from compliance.rules.policy_values import Policy, Recipient

OF_ITEM, WIDER, LONGER = "items:", "wider:", "longer:"  # Questions about parts of what is known.
BY_LAW = "legal_obligation"
OWN_GROUND = frozenset({"processor", "authority", "aggregate_only"})  # Told of, not asked about.
ASKED_ELSEWHERE = frozenset({"tracker"})  # On the page of cookies.
EVERYTHING = ""  # In place of an item: whatever the row lets through.

Pair = tuple[str, str]  # purpose, item
Pass = tuple[str, str, str]  # recipient, purpose, item


@dataclass(frozen=True, slots=True)
class Scope:
    """What holds for one kind of person: items taken, their uses, those without consent, and what is handed on."""

    purposes: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    uses: frozenset[Pair] = frozenset()
    free: frozenset[Pair] = frozenset()
    passes: frozenset[Pass] = frozenset()
    handed_freely: frozenset[Pass] = frozenset()


@dataclass(frozen=True, slots=True)
class Pending:
    """What of a version one person has not agreed to: refused until they do."""

    purposes: frozenset[str] = frozenset()
    items: frozenset[str] = frozenset()
    uses: frozenset[Pair] = frozenset()
    passes: frozenset[Pass] = frozenset()

    def __bool__(self) -> bool:
        """Whether anything waits for an answer."""
        return bool(self.purposes or self.items or self.uses or self.passes)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and the version whose words were answered; a no settles a question as well as a yes does."""

    question: Consent
    policy: Policy = field(compare=False)
    agreed: bool = True


def of(policy: Policy, kind: str) -> Scope:
    """Return what a version covers for one kind of person.

    Example: at MIKMIK `("contract_contact", "email")` is one of the uses of a member.
    """
    passes = list(_passes(policy, kind))
    return Scope(
        purposes=frozenset(policy.purposes_by_code),
        items=frozenset(i.code for i in policy.items if any(s.kind == kind for s in i.subjects)),
        uses=frozenset(pair for pair, _ in _uses(policy, kind)),
        free=frozenset(pair for pair, is_free in _uses(policy, kind) if is_free),
        passes=frozenset(one for one, _ in passes),
        handed_freely=frozenset(one for one, is_free in passes if is_free),
    )


def pending(base: Policy, new: Policy, kind: str, answered: Iterable[Answered] = ()) -> Pending:
    """Return what `new` adds for somebody who is bound to `base` and gave these answers since.

    What the law demands, and companies that work for the operator, are told of and not asked about.
    Example: a new purpose is pending for everybody, and no longer for who agreed to it.
    """
    target, known = of(new, kind), _known(base, new, kind, answered)
    by_law = frozenset(row.code for row in new.purposes if row.basis == BY_LAW)
    uses = (target.uses - known.uses) | (target.free - known.free)
    return Pending(
        purposes=target.purposes - known.purposes - by_law,
        items=frozenset(
            item for item in target.items - known.items if not _only_by_law(target, item, by_law)
        ),
        uses=frozenset(pair for pair in uses if pair[0] not in by_law),
        passes=frozenset(
            one
            for one in (target.passes - known.passes) | (target.handed_freely - known.handed_freely)
            if one[1] not in by_law and not _covered(one, known)
        ),
    )


def _known(base: Policy, new: Policy, kind: str, answered: Iterable[Answered]) -> Scope:
    known = _as_told(of(base, kind), base, new)
    for one in answered:
        known = _with(known, one, _as_told(of(one.policy, kind), one.policy, new))
    return known


def _with(known: Scope, answered: Answered, at: Scope) -> Scope:
    """Add what an answer covers: the rows of its question as they stood in the version that was shown."""
    purpose, _, recipient = answered.question
    by_item = purpose.startswith(OF_ITEM)
    only_passes = purpose.startswith(WIDER) and bool(recipient)
    code = purpose.removeprefix(OF_ITEM).removeprefix(WIDER)
    uses = frozenset(pair for pair in at.uses if pair[by_item] == code and not only_passes)
    passes = frozenset(one for one in at.passes if one[:2] == (recipient, code))
    items = frozenset({code}) if by_item else frozenset(item for _, item in uses)
    return Scope(
        purposes=known.purposes | (set() if by_item or only_passes else {code} & at.purposes),
        items=known.items | (items & at.items),
        uses=known.uses | uses,
        free=known.free | (uses if answered.agreed else uses & at.free),
        passes=known.passes | passes,
        handed_freely=known.handed_freely
        | (passes if answered.agreed else passes & at.handed_freely),
    )


def _uses(policy: Policy, kind: str) -> Iterator[tuple[Pair, bool]]:
    """Each permitted pair, and whether it needs no consent; a pair is free if one row lets it through freely."""
    for row in policy.uses:
        if kind in row.subjects:
            for purpose in row.purposes:
                yield from (((purpose, item), not row.needs_consent) for item in row.items)
    tied = {purpose for row in policy.uses for purpose in row.purposes}
    for one in policy.purposes:
        if one.code not in tied:
            yield (one.code, EVERYTHING), not one.separate_consent


def _passes(policy: Policy, kind: str) -> Iterator[tuple[Pass, bool]]:
    for row in policy.recipients:
        if row.kind in OWN_GROUND | ASKED_ELSEWHERE or kind not in row.subjects:
            continue
        for purpose in row.purposes:
            for item in row.items or (EVERYTHING,):
                yield (row.code, purpose, item), not row.separate_consent


def _as_told(scope: Scope, old: Policy, new: Policy) -> Scope:
    """Leave out recipients that are others by now: another name or country, or a longer keeping."""
    others = {
        row.code
        for row in new.recipients
        if row.code in old.recipients_by_code and _is_another(old.recipients_by_code[row.code], row)
    }
    return replace(
        scope,
        passes=frozenset(one for one in scope.passes if one[0] not in others),
        handed_freely=frozenset(one for one in scope.handed_freely if one[0] not in others),
    )


def _is_another(was: Recipient, now: Recipient) -> bool:
    keeps_longer = was.period is not None and (
        now.period is None or longer_than(now.period, was.period)
    )
    return was.name != now.name or was.country != now.country or keeps_longer


def _only_by_law(scope: Scope, item: str, by_law: frozenset[str]) -> bool:
    purposes = {purpose for purpose, used in scope.uses if used == item}
    return bool(purposes) and purposes <= by_law


def _covered(one: Pass, known: Scope) -> bool:
    """True where the recipient was known, without a question, for whatever items its agreement names."""
    return (*one[:2], EVERYTHING) in known.handed_freely

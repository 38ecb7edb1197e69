"""Which columns a file of people may have, by the policy: items it lists, and nothing else.

Sources: MIK-3.2a and the like (sensitive categories are never registered), MIK-3.1a (only listed
items), X-ENG-4 (an item without a purpose stays blocked). Passwords never come in through a file.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from compliance.rules import retention
from compliance.rules.policy_values import Item, Policy
from compliance.rules.retention_classes import RECORD_EVENTS

FACTS = ("external_id", "kind", "language", "joined_at", "agreed_at", "last_used_at")
CONSENT = "consent"
EVENT_MOMENTS = frozenset({"support", "survey", "event", "use"})
JOINING_MOMENTS = frozenset({"join"})
ORDER_MOMENTS = frozenset({"order"})
NOT_PEOPLE = frozenset({"visitor"})
CARD_CODE_NAMES = frozenset(
    {"cvv", "cvv2", "cvc", "cvc2", "cid", "card_security_code", "security_code", "credit_card_cvv"}
)
PASSWORD_NAMES = frozenset(
    {"password", "passwd", "pwd", "password_hash", "비밀번호", "kata_sandi", "sandi"}
)
SENSITIVE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        word: category
        for category, words in {
            "race": "race ethnicity ethnic_origin skin_colour skin_color 인종 민족 ras suku",
            "nationality": "nationality citizenship 국적 kewarganegaraan",
            "ideology_belief": "ideology belief religion creed ideology_belief 종교 사상 신념 agama",
            "origin_registered_domicile": "origin registered_domicile origin_registered_domicile "
            "place_of_origin birthplace 본적 출신지 tempat_lahir",
            "political_leaning": "political_leaning politics political_opinion party_membership "
            "정치 정치적_성향 pandangan_politik",
            "criminal_record": "criminal_record criminal_records convictions 범죄기록 전과 "
            "catatan_kriminal",
            "health": "health health_status medical_history illness disability blood_type 건강 "
            "병력 kesehatan",
            "sex_life": "sex_life sexual_orientation sexuality 성생활 성적_지향 orientasi_seksual",
        }.items()
        for word in words.split()
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is refused: a code, its parameters, and the column it is about."""

    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a file means, by position; `problems` refuse the whole file."""

    names: tuple[str, ...]
    problems: tuple[Reason, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The names that are neither facts nor answers."""
        return tuple(n for n in self.names if n not in FACTS and not n.startswith(f"{CONSENT}:"))


def kinds_of(policy: Policy) -> tuple[str, ...]:
    """The kinds of people a policy lists items for. Example: letsmasak has `member` only."""
    kinds = dict.fromkeys(entry.kind for item in policy.items for entry in item.subjects)
    return tuple(kind for kind in kinds if kind not in NOT_PEOPLE)


def people_items(policy: Policy, kind: str) -> tuple[str, ...]:
    """The items that a file of people of one kind may hold, in the order of the policy."""
    return tuple(item.code for item in policy.items if not obstacle(policy, item, (kind,)))


def required_items(policy: Policy, kind: str) -> tuple[str, ...]:
    """The items without which nobody of a kind is taken in: those asked for on joining.

    Kinds that never join (purchasers, receivers) need what their order needs.
    Example: MIKMIK member needs name, login_id, mobile and email.
    """
    return _required_at(policy, kind, JOINING_MOMENTS) or _required_at(policy, kind, ORDER_MOMENTS)


def _required_at(policy: Policy, kind: str, moments: frozenset[str]) -> tuple[str, ...]:
    allowed = frozenset(people_items(policy, kind))
    return tuple(
        item.code
        for item in policy.items
        if item.code in allowed
        for entry in item.subjects
        if entry.kind == kind and entry.requirement == "required" and entry.moment in moments
    )


def obstacle(policy: Policy, item: Item, kinds: Sequence[str]) -> str:
    """The code of the reason why an item cannot be a column of a file of people, or nothing."""
    entries = [entry for entry in item.subjects if entry.kind in kinds]
    if item.sensitive:
        return "never_collect"
    if item.category == "credential":
        return "password_column"
    if item.unused_reason:
        return "item_without_purpose"
    if not entries:
        return "item_not_for_kind"
    if item.auto or all(entry.moment in EVENT_MOMENTS for entry in entries):
        return "item_comes_as_event"
    if all(_counted_from_event(policy, item.code, entry.kind) for entry in entries):
        return "item_comes_as_event"
    return ""


def _counted_from_event(policy: Policy, code: str, kind: str) -> bool:
    home = retention.home_class(policy, code, kind)
    rule = retention.home_rule(policy, home, kind) if home else None
    return rule is not None and rule.trigger in RECORD_EVENTS


def consent_questions(policy: Policy) -> Mapping[str, frozenset[str]]:
    """Purposes that people are asked about, each with its channels.

    Example: MIKMIK `advertising` with `email`, `mobile` and `any`.
    """
    asked: dict[str, set[str]] = {p.code: set() for p in policy.purposes if p.separate_consent}
    for row in policy.marketing:
        for purpose in row.purposes:
            asked.setdefault(purpose, set()).add(row.channel)
    return {purpose: frozenset(channels) for purpose, channels in asked.items()}


def map_people(policy: Policy, header: Sequence[str]) -> Columns:
    """What the columns of a file of people mean; unknown, doubled and forbidden ones are named."""
    titles = _titles(policy)
    names = tuple(_meaning(cell, titles) for cell in header)
    problems = [_people_problem(policy, name) for name in dict.fromkeys(names)]
    problems.extend(doubled(names))
    if "external_id" not in names:
        problems.append(Reason("column_missing", "external_id"))
    return Columns(names, tuple(problem for problem in problems if problem))


def doubled(names: Sequence[str]) -> Iterable[Reason]:
    """A reason for every name that stands twice in a header."""
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            yield Reason("column_doubled", name)
        seen.add(name)


def _people_problem(policy: Policy, name: str) -> Reason | None:
    if name in FACTS:
        return None
    if name.startswith(f"{CONSENT}:"):
        return _consent_problem(policy, name)
    item = policy.items_by_code.get(name)
    if item is None:
        return unknown(policy, name)
    code = obstacle(policy, item, kinds_of(policy))
    return Reason(code, name) if code else None


def _consent_problem(policy: Policy, name: str) -> Reason | None:
    _, purpose, *channel = name.split(":")
    asked = consent_questions(policy)
    if purpose not in asked or len(channel) > 1:
        return Reason("consent_purpose_unknown", name)
    if channel and channel[0] not in asked[purpose]:
        return Reason("consent_channel_unknown", name)
    return None


def unknown(policy: Policy, name: str) -> Reason:
    """Why a name that is no item of the policy is refused."""
    if not name:
        return Reason("column_unnamed")
    if name in PASSWORD_NAMES:
        return Reason("password_column", name)
    if name in CARD_CODE_NAMES:
        return Reason("card_code_column", name)
    category = SENSITIVE_NAMES.get(name)
    if category in policy.never_collect.categories:
        clause = policy.never_collect.clause
        return Reason("never_collect", name, {"category": category, "clause": clause})
    return Reason("item_not_listed", name)


def title_of(cell: str) -> str:
    """The comparable form of a column's title. Example: ` E-mail Address ` is `e-mail_address`."""
    shown = "".join(sign for sign in cell if unicodedata.category(sign) not in ("Cf", "Cc"))
    text = unicodedata.normalize("NFKC", shown).strip().casefold()
    return re.sub(r"\s+", "_", text)[:80]


def _titles(policy: Policy) -> Mapping[str, str]:
    """Titles that stand for an item: its label in English and in the policy's language."""
    found: dict[str, str] = {}
    for item in policy.items:
        for label in (item.label, item.label_local):
            found.setdefault(title_of(label), item.code)
    found.pop("", None)
    return found


def _meaning(cell: str, titles: Mapping[str, str]) -> str:
    title = title_of(cell)
    return titles.get(title, title)

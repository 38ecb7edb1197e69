"""The rows of a policy as immutable values, one class per table of the policy file.

Fields are named as in ``docs/policy-schema.md``: lists become tuples, durations become `Period`
or ``None``, absent texts become ``""``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from compliance.rules.calendar import Period

Texts = tuple[str, ...]
NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverCollect:
    """Categories of data that may not be registered at all."""

    categories: Texts = ()
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One published way to reach the operator; hours are local times such as ``09:00``."""

    code: str
    channel: str
    value: str
    label: str
    stated: bool = False
    hours_from: str = ""
    hours_to: str = ""
    hours_days: Texts = ()
    hours_timezone: str = ""
    answer_within: Period | None = None
    answer_kind: str = ""
    topics: Texts = ()
    clause: str = ""
    obligations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRule:
    """How long before an event, and where, people are told; ``fallback`` is another code."""

    code: str
    event: str
    lead: Period | None = None
    duration: Period | None = None
    more_than: bool = False
    places: Texts = ()
    individual: bool = False
    individual_channels: Texts = ()
    fallback: str = ""
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()
    interpretations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionMethod:
    """One way in which information reaches the operator."""

    code: str
    label: str
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSubject:
    """For which kind of person an item is collected, how bindingly, and when."""

    kind: str
    requirement: str
    moment: str
    clause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of personal data; ``encrypt`` items are always masked."""

    code: str
    label: str
    label_local: str = ""
    category: str
    auto: bool = False
    sensitive: bool = False
    encrypt: bool = False
    subjects: tuple[ItemSubject, ...] = ()
    unused_reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """One purpose; ``separate_consent`` asks for a choice of its own."""

    code: str
    label: str
    group: str
    basis: str
    separate_consent: bool = False
    clause: str = ""
    heading: str = ""
    items_stated: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A product of items, purposes and subjects: every combination is permitted."""

    clause: str = ""
    items: Texts = ()
    purposes: Texts = ()
    subjects: Texts = ()
    stated: bool = False
    needs_consent: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """How long the items of one record class are kept; no period means: must not run yet."""

    code: str
    record_class: str
    label: str
    items: Texts = ()
    identity_items: Texts = ()
    subjects: Texts = ()
    period: Period | None = None
    trigger: str
    rule: str
    basis: str
    law: str = ""
    storage: str
    action: str
    stated: bool = False
    mandatory: bool = False
    blocked_by: Texts = ()
    allowed_purposes: Texts = ()
    clause: str = ""
    obligations: Texts = ()
    interpretations: Texts = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """By which methods a medium is destroyed, and how soon after becoming due."""

    medium: str
    methods: Texts = ()
    stated: bool = False
    deadline: Period | None = None
    deadline_basis: str
    obligations: Texts = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Who may be given which items for what; ``period`` ends the holding at the recipient."""

    code: str
    name: str
    kind: str
    named: bool = False
    items: Texts = ()
    purposes: Texts = ()
    subjects: Texts = ()
    basis: str
    separate_consent: bool = False
    contract_required: bool = False
    posted_list: bool = False
    country: str = ""
    period: Period | None = None
    trigger: str = ""
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One cookie or tracker; ``lifetime`` is a duration, ``session`` or ``unspecified``."""

    code: str
    name: str
    provider: str
    kind: str
    technology: str
    purposes: Texts = ()
    subjects: Texts = ()
    lifetime: str
    strictly_needed: bool = False
    consent: str
    refusal: str
    refusal_effect: str = ""
    recipient: str = ""
    policy_link_required: bool = False
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marketing:
    """What a marketing channel needs before it may be used."""

    channel: str
    consent: str
    at_signup: bool = False
    purposes: Texts = ()
    subjects: Texts = ()
    exception: str = ""
    period: Period | None = None
    period_stated: bool | None = None
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A right, where it can be exercised, how soon it is answered and what follows."""

    right: str
    channels: Texts = ()
    deadline: Period | None = None
    deadline_words: str = ""
    deadline_basis: str
    stated: bool = False
    representative: bool = False
    effects: Texts = ()
    clause: str = ""
    obligations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a group of staff may see."""

    code: str
    label: str
    areas: Texts = ()
    consenting_only: bool = False
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A protection measure that a person attests, every ``interval`` if there is one."""

    code: str
    label: str
    kind: str
    interval: Period | None = None
    interval_stated: bool | None = None
    stated: bool = False
    clause: str = ""
    obligations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A gap of the text; ``blocks_live`` keeps the service in set-up until it is settled."""

    code: str
    text: str
    interpretations: Texts = ()
    blocks_live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause, its obligations and the readings chosen for it."""

    id: str
    clause: str
    title: str
    text: str
    obligations: Texts = ()
    interpretations: Texts = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseRow:
    """Binds one obligation to a generic check with parameters (read-only mapping)."""

    obligation: str
    check: str
    params: Mapping[str, Any] = field(default_factory=lambda: NO_PARAMS, hash=False)
    note: str = ""

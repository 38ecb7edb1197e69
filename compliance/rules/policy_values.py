"""One policy as immutable values: what the rules read instead of rows of a database.

The classes of the rows live in `policy_rows` and can be imported from here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from compliance.rules.calendar import Period
from compliance.rules.policy_rows import (
    Clause,
    CollectionMethod,
    Contact,
    Control,
    Cookie,
    Destruction,
    Finding,
    Item,
    ItemSubject,
    Marketing,
    NeverCollect,
    NoticeRule,
    PromiseRow,
    Purpose,
    Recipient,
    RetentionRule,
    Right,
    Role,
    Texts,
    Use,
)

__all__ = [
    "TABLES",
    "Clause",
    "CollectionMethod",
    "Contact",
    "Control",
    "Cookie",
    "Destruction",
    "Finding",
    "Item",
    "ItemSubject",
    "Marketing",
    "NeverCollect",
    "NoticeRule",
    "Period",
    "Policy",
    "PromiseRow",
    "Purpose",
    "Recipient",
    "RetentionRule",
    "Right",
    "Role",
    "Use",
    "from_toml",
]

Row = TypeVar("Row")
DURATIONS = frozenset({"answer_within", "lead", "duration", "period", "deadline", "interval"})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Everything one version of a policy says. ``prefix`` is the service's obligation prefix."""

    slug: str
    prefix: str = ""
    version: int = 1
    name: str = ""
    operator: str = ""
    operator_stated: bool = False
    operator_country: str = ""
    market_country: str = ""
    country_stated: bool = False
    timezone: str = "UTC"
    timezone_stated: bool = False
    policy_languages: Texts = ()
    notice_languages: Texts = ()
    policy_title: str = ""
    established: date | None = None
    effective_from: date | None = None
    representative: str = ""
    officer_stated: bool = False
    laws_cited: Texts = ()
    law_regimes: Texts = ()
    precedence: Texts = ()
    age_threshold: int | None = None
    min_group_size: int = 10
    note: str = ""
    never_collect: NeverCollect = field(default_factory=NeverCollect)
    contacts: tuple[Contact, ...] = ()
    notices: tuple[NoticeRule, ...] = ()
    collection_methods: tuple[CollectionMethod, ...] = ()
    items: tuple[Item, ...] = ()
    purposes: tuple[Purpose, ...] = ()
    uses: tuple[Use, ...] = ()
    retention: tuple[RetentionRule, ...] = ()
    destruction: tuple[Destruction, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    marketing: tuple[Marketing, ...] = ()
    rights: tuple[Right, ...] = ()
    roles: tuple[Role, ...] = ()
    controls: tuple[Control, ...] = ()
    findings: tuple[Finding, ...] = ()
    clauses: tuple[Clause, ...] = ()
    promises: tuple[PromiseRow, ...] = ()

    @cached_property
    def items_by_code(self) -> Mapping[str, Item]:
        """``{item code: Item}``, read-only."""
        return MappingProxyType({row.code: row for row in self.items})

    @cached_property
    def purposes_by_code(self) -> Mapping[str, Purpose]:
        """``{purpose code: Purpose}``, read-only."""
        return MappingProxyType({row.code: row for row in self.purposes})

    @cached_property
    def retention_by_code(self) -> Mapping[str, RetentionRule]:
        """``{retention rule code: RetentionRule}``, read-only."""
        return MappingProxyType({row.code: row for row in self.retention})

    @cached_property
    def recipients_by_code(self) -> Mapping[str, Recipient]:
        """``{recipient code: Recipient}``, read-only."""
        return MappingProxyType({row.code: row for row in self.recipients})

    @cached_property
    def notices_by_code(self) -> Mapping[str, NoticeRule]:
        """``{notice code: NoticeRule}``, read-only."""
        return MappingProxyType({row.code: row for row in self.notices})


TABLES: Mapping[str, type[Any]] = MappingProxyType(
    {
        "contacts": Contact,
        "notices": NoticeRule,
        "collection_methods": CollectionMethod,
        "items": Item,
        "purposes": Purpose,
        "uses": Use,
        "retention": RetentionRule,
        "destruction": Destruction,
        "recipients": Recipient,
        "cookies": Cookie,
        "marketing": Marketing,
        "rights": Right,
        "roles": Role,
        "controls": Control,
        "findings": Finding,
        "clauses": Clause,
        "promises": PromiseRow,
    }
)


def from_toml(data: Mapping[str, Any], *, version: int = 1) -> Policy:
    """Build the values of a policy file that `policy_schema.validate` found free of problems."""
    facts: dict[str, Any] = {name: _frozen(value) for name, value in data["service"].items()}
    facts["prefix"] = facts.pop("obligation_prefix")
    facts["never_collect"] = _row(NeverCollect, data.get("never_collect") or {})
    for name, cls in TABLES.items():
        facts[name] = _rows(cls, data.get(name) or ())
    return Policy(version=version, **facts)


def _rows(cls: type[Row], rows: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    return tuple(_row(cls, row) for row in rows)


def _row(cls: type[Row], row: Mapping[str, Any]) -> Row:
    known: tuple[Field[Any], ...] = fields(cls)  # type: ignore[arg-type]
    return cls(**{f.name: _value(cls, f.name, row[f.name]) for f in known if f.name in row})


def _value(cls: type[Any], name: str, value: Any) -> Any:
    if name in DURATIONS:
        return Period.parse(value)
    if cls is Item and name == "subjects":
        return _rows(ItemSubject, value)
    return _frozen(value)


def _frozen(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_frozen(member) for member in value)
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(member) for key, member in value.items()})
    return value

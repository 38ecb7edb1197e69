"""The schema of a policy file as data: table -> field -> what its value must be.

Allowed values of closed enumerations are in `terms.ALLOWED`; the words for people are in
``docs/policy-schema.md``. Checking is the work of `policy_schema`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

SCHEMA_VERSION: Final = 1

CODE_LENGTH: Final = 64
SHORT: Final = 500
LONG: Final = 20_000
MOST_MEMBERS: Final = 300
MOST_ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Field:
    """What one field must hold.

    ``kind`` is text, flag, whole, day, list, subjects or params; ``form`` names a pattern of
    `policy_fields.FORMS` that a text (or each text of a list) must match; ``ref`` names the table
    whose codes it cites; ``limit`` is the longest text in characters.
    """

    kind: str
    required: bool = True
    blank: bool = False
    form: str = ""
    ref: str = ""
    limit: int = SHORT


def _optional(field: Field) -> Field:
    return replace(field, required=False)


TEXT = Field("text")
PROSE = Field("text", limit=LONG)
NOTE = Field("text", required=False, blank=True, limit=LONG)
CODE = Field("text", form="code", limit=CODE_LENGTH)
FLAG = Field("flag")
LIST = Field("list")
PERIOD = Field("text", form="duration", limit=CODE_LENGTH)
CLAUSE = Field("text", blank=True, ref="clauses", limit=CODE_LENGTH)
OBLIGATIONS = Field("list", form="obligation")
READINGS = Field("list", form="interpretation")
ITEMS = Field("list", ref="items")
PURPOSES = Field("list", ref="purposes")
LANGUAGES = Field("list", form="language")
COUNTRY = Field("text", blank=True, form="country", limit=2)
ZONE = Field("text", form="timezone", limit=CODE_LENGTH)
TIME = Field("text", required=False, form="time", limit=5)
OPTIONAL_TEXT = Field("text", required=False, blank=True)
OPTIONAL_DAY = Field("day", required=False)

SERVICE: Final[Mapping[str, Field]] = {
    "slug": Field("text", form="slug", limit=50),
    "name": TEXT,
    "obligation_prefix": Field("text", form="prefix", limit=5),
    "operator": Field("text", blank=True),
    "operator_stated": FLAG,
    "operator_country": COUNTRY,
    "market_country": COUNTRY,
    "country_stated": FLAG,
    "timezone": ZONE,
    "timezone_stated": FLAG,
    "policy_languages": LANGUAGES,
    "notice_languages": LANGUAGES,
    "policy_title": TEXT,
    "established": OPTIONAL_DAY,
    "effective_from": OPTIONAL_DAY,
    "representative": Field("text", blank=True),
    "officer_stated": FLAG,
    "laws_cited": LIST,
    "law_regimes": LIST,
    "precedence": LIST,
    "age_threshold": Field("whole", required=False),
    "min_group_size": Field("whole"),
    "note": NOTE,
}

NEVER_COLLECT: Final[Mapping[str, Field]] = {
    "categories": LIST,
    "stated": FLAG,
    "clause": CLAUSE,
    "obligations": OBLIGATIONS,
}

ITEM_SUBJECT: Final[Mapping[str, Field]] = {
    "kind": TEXT,
    "requirement": TEXT,
    "moment": TEXT,
    "clause": _optional(CLAUSE),
}

TABLES: Final[Mapping[str, Mapping[str, Field]]] = {
    "contacts": {
        "code": CODE,
        "channel": TEXT,
        "value": Field("text", blank=True),
        "label": TEXT,
        "stated": FLAG,
        "hours_from": TIME,
        "hours_to": TIME,
        "hours_days": LIST,
        "hours_timezone": _optional(ZONE),
        "answer_within": _optional(PERIOD),
        "answer_kind": _optional(TEXT),
        "topics": LIST,
        "clause": _optional(CLAUSE),
        "obligations": OBLIGATIONS,
    },
    "notices": {
        "code": CODE,
        "event": TEXT,
        "lead": _optional(PERIOD),
        "duration": _optional(PERIOD),
        "more_than": FLAG,
        "places": LIST,
        "individual": FLAG,
        "individual_channels": LIST,
        "fallback": Field("text", required=False, ref="notices", limit=CODE_LENGTH),
        "stated": FLAG,
        "clause": _optional(CLAUSE),
        "obligations": OBLIGATIONS,
        "interpretations": READINGS,
    },
    "collection_methods": {
        "code": CODE,
        "label": TEXT,
        "stated": FLAG,
        "clause": CLAUSE,
        "obligations": OBLIGATIONS,
    },
    "items": {
        "code": CODE,
        "label": TEXT,
        "label_local": OPTIONAL_TEXT,
        "category": TEXT,
        "auto": FLAG,
        "sensitive": FLAG,
        "encrypt": FLAG,
        "subjects": Field("subjects"),
        "unused_reason": NOTE,
        "note": NOTE,
    },
    "purposes": {
        "code": CODE,
        "label": TEXT,
        "group": TEXT,
        "basis": TEXT,
        "separate_consent": FLAG,
        "clause": CLAUSE,
        "heading": OPTIONAL_TEXT,
        "items_stated": FLAG,
        "note": NOTE,
    },
    "uses": {
        "clause": _optional(CLAUSE),
        "items": ITEMS,
        "purposes": PURPOSES,
        "subjects": LIST,
        "stated": FLAG,
        "needs_consent": FLAG,
        "note": NOTE,
    },
    "retention": {
        "code": CODE,
        "record_class": CODE,
        "label": TEXT,
        "items": ITEMS,
        "identity_items": ITEMS,
        "subjects": LIST,
        "period": _optional(PERIOD),
        "trigger": TEXT,
        "rule": TEXT,
        "basis": TEXT,
        "law": OPTIONAL_TEXT,
        "storage": TEXT,
        "action": TEXT,
        "stated": FLAG,
        "mandatory": FLAG,
        "blocked_by": LIST,
        "allowed_purposes": PURPOSES,
        "clause": _optional(CLAUSE),
        "obligations": OBLIGATIONS,
        "interpretations": READINGS,
        "note": NOTE,
    },
    "destruction": {
        "medium": TEXT,
        "methods": LIST,
        "stated": FLAG,
        "deadline": PERIOD,
        "deadline_basis": TEXT,
        "obligations": OBLIGATIONS,
        "note": NOTE,
    },
    "recipients": {
        "code": CODE,
        "name": TEXT,
        "kind": TEXT,
        "named": FLAG,
        "items": ITEMS,
        "purposes": PURPOSES,
        "subjects": LIST,
        "basis": TEXT,
        "separate_consent": FLAG,
        "contract_required": FLAG,
        "posted_list": FLAG,
        "country": _optional(COUNTRY),
        "period": _optional(PERIOD),
        "trigger": _optional(TEXT),
        "stated": FLAG,
        "clause": _optional(CLAUSE),
        "obligations": OBLIGATIONS,
        "note": NOTE,
    },
    "cookies": {
        "code": CODE,
        "name": TEXT,
        "provider": TEXT,
        "kind": TEXT,
        "technology": TEXT,
        "purposes": PURPOSES,
        "subjects": LIST,
        "lifetime": Field("text", form="lifetime", limit=CODE_LENGTH),
        "strictly_needed": FLAG,
        "consent": TEXT,
        "refusal": TEXT,
        "refusal_effect": Field("text", blank=True, limit=LONG),
        "recipient": Field("text", required=False, ref="recipients", limit=CODE_LENGTH),
        "policy_link_required": FLAG,
        "stated": FLAG,
        "clause": CLAUSE,
        "obligations": OBLIGATIONS,
        "note": NOTE,
    },
    "marketing": {
        "channel": TEXT,
        "consent": TEXT,
        "at_signup": FLAG,
        "purposes": PURPOSES,
        "subjects": LIST,
        "exception": _optional(TEXT),
        "period": _optional(PERIOD),
        "period_stated": _optional(FLAG),
        "stated": FLAG,
        "clause": _optional(CLAUSE),
        "obligations": OBLIGATIONS,
        "note": NOTE,
    },
    "rights": {
        "right": TEXT,
        "channels": LIST,
        "deadline": _optional(PERIOD),
        "deadline_words": Field("text", blank=True),
        "deadline_basis": TEXT,
        "stated": FLAG,
        "representative": FLAG,
        "effects": LIST,
        "clause": _optional(CLAUSE),
        "obligations": OBLIGATIONS,
    },
    "roles": {
        "code": CODE,
        "label": TEXT,
        "areas": LIST,
        "consenting_only": FLAG,
        "stated": FLAG,
        "clause": _optional(CLAUSE),
        "obligations": OBLIGATIONS,
    },
    "controls": {
        "code": CODE,
        "label": TEXT,
        "kind": TEXT,
        "interval": _optional(PERIOD),
        "interval_stated": _optional(FLAG),
        "stated": FLAG,
        "clause": CLAUSE,
        "obligations": OBLIGATIONS,
    },
    "findings": {
        "code": CODE,
        "text": PROSE,
        "interpretations": READINGS,
        "blocks_live": FLAG,
    },
    "clauses": {
        "id": Field("text", form="clause_id", limit=120),
        "clause": Field("text", limit=CODE_LENGTH),
        "title": TEXT,
        "text": PROSE,
        "obligations": OBLIGATIONS,
        "interpretations": READINGS,
    },
    "promises": {
        "obligation": Field("text", form="obligation", limit=CODE_LENGTH),
        "check": TEXT,
        "params": Field("params", required=False),
        "note": NOTE,
    },
}

SCHEMA: Final[Mapping[str, Mapping[str, Field]]] = {
    "service": SERVICE,
    "never_collect": NEVER_COLLECT,
    "items.subjects": ITEM_SUBJECT,
    **TABLES,
}

MAY_BE_ABSENT: Final = frozenset(
    {
        "collection_methods",
        "recipients",
        "cookies",
        "marketing",
        "roles",
        "controls",
        "findings",
        "promises",
    }
)

MAY_BE_WITHOUT_OBLIGATION: Final = frozenset({"never_collect"})

PARAM_TABLES: Final[Mapping[str, str]] = {
    "rule": "retention",
    "notice": "notices",
    "purpose": "purposes",
    "item": "items",
    "recipient": "recipients",
    "cookie": "cookies",
    "control": "controls",
    "role": "roles",
    "contact": "contacts",
    "clause": "clauses",
}

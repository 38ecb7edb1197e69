"""How a personal value looks while it is masked: one rule for every page and every list.

Kinds: name `김*수`, email `ab***@example.com`, phone `010-****-5678`, address (its first word),
anything else as dots. Identity and card numbers are never shown: "held" stands for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

NEVER_SHOWN = frozenset({"ci", "di", "rrn", "card_number", "account_number", "password"})
KINDS = {
    "name": "name",
    "full_name": "name",
    "receiver_name": "name",
    "nickname": "name",
    "contact_person_name": "name",
    "business_representative_name": "name",
    "email": "email",
    "receiver_email": "email",
    "phone": "phone",
    "mobile": "phone",
    "address": "address",
}
DOTS = "•••"
HELD = _("held")


def mask_item(item_code: str, value: Any) -> Any:
    """The masked form of an item's value, by the code of the item; empty values stay empty."""
    if value in (None, "", [], {}):
        return ""
    code = item_code.rsplit(".", 1)[-1]
    if code in NEVER_SHOWN or isinstance(value, Mapping):  # A mapping is a file.
        return HELD
    return mask(KINDS.get(code, ""), str(value))


def mask(kind: str, value: str) -> str:
    """The masked form of a text. Example: mask("phone", "010-1234-5678") is "010-****-5678"."""
    text = value.strip()
    if not text:
        return ""
    rule = {"name": _name, "email": _email, "phone": _phone, "address": _address}.get(kind)
    return rule(text) if rule else DOTS


def _name(text: str) -> str:
    return " ".join(_word(word) for word in text.split())


def _word(word: str) -> str:
    if len(word) <= 2:
        return word[0] + "*" * (len(word) - 1) if len(word) > 1 else "*"
    return word[0] + "*" * (len(word) - 2) + word[-1]


def _email(text: str) -> str:
    local, at, domain = text.partition("@")
    kept = local[:2] if len(local) > 2 else local[:1]
    return f"{kept}***{at}{domain}" if at else DOTS


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)
    if len(digits) < 7:
        return DOTS
    return f"{digits[:3]}-****-{digits[-4:]}"


def _address(text: str) -> str:
    return f"{text.split()[0]} {DOTS}" if " " in text else DOTS

"""The digest of what a policy says, so that the same content is recognised whatever its file."""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from hashlib import sha256
from typing import Any

from compliance.rules.calendar import Period
from compliance.rules.policy_values import Policy


def content_hash(policy: Policy) -> str:
    """Return the SHA-256, in hex, of everything the policy says; its version number is left out.

    Example: comments, the order of keys and ``P2W`` instead of ``P14D`` do not change it.
    """
    content = _plain(policy)
    del content["version"]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return sha256(text.encode("ascii")).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Period | date):
        return str(value)
    if is_dataclass(value):
        return {spec.name: _plain(getattr(value, spec.name)) for spec in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return value

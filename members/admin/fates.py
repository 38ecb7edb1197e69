"""What leaving means for one person, as rows of a table: destroyed now, kept, until when, because of what."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from compliance.register_words import said
from compliance.rules.policy_values import Policy
from members import words
from members.rules.leaving import Part


@dataclass(frozen=True)
class FateRow:
    """Parts of one rule with one fate; `destroyed` and `kept` count records."""

    title: str
    items: list[str]
    destroyed: int
    kept: int
    until: date | None
    because: str
    stated: bool
    digests_only: bool


def rows(policy: Policy, parts: Sequence[Part]) -> list[FateRow]:
    """One row per rule, fate and last day: what is destroyed first, then by last day."""
    groups: dict[tuple[str, ...], list[Part]] = {}
    for part in parts:
        key = (part.outcome, part.rule or part.record_class, str(part.last_day or ""), part.reason)
        groups.setdefault(key, []).append(part)
    made = [_row(policy, found) for found in groups.values()]
    return sorted(
        made, key=lambda row: (row.kept > 0, row.until is None, row.until or date.max, row.title)
    )


def totals(table: Sequence[FateRow]) -> tuple[int, int]:
    """How many parts are destroyed and how many are kept."""
    return sum(row.destroyed for row in table), sum(row.kept for row in table)


def digest(parts: Sequence[Part]) -> str:
    """A name for exactly this plan, so that what was shown is what is carried out."""
    text = json.dumps([part.as_json() for part in parts], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _row(policy: Policy, parts: Sequence[Part]) -> FateRow:
    first = parts[0]
    rule = policy.retention_by_code.get(first.rule)
    is_kept = first.outcome != "destroy"
    return FateRow(
        title=said(rule.label) if rule else words.record_class(policy, first.record_class),
        items=words.items(policy, [item for part in parts for item in part.items]),
        destroyed=0 if is_kept else len(parts),
        kept=len(parts) if is_kept else 0,
        until=first.last_day if is_kept else None,
        because=_because(first, said(rule.law) if rule else ""),
        stated=first.stated or first.reason == "travels_along",
        digests_only=first.outcome == "hold",
    )


def _because(part: Part, law: str) -> str:
    reason = words.KEPT_BECAUSE.get(part.reason, "")
    if part.reason == "travels_along":
        reason = _("Goes with the records it belongs to")
    found = [str(reason), part.clause, law]
    return " · ".join(text for text in found if text) or _("No rule keeps it")

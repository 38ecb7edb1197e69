"""The five presets as values, read once, and a small policy to bend in tests."""

import tomllib
from functools import cache
from pathlib import Path

from compliance.rules.policy_values import (
    Item,
    ItemSubject,
    Policy,
    Purpose,
    RetentionRule,
    Use,
    from_toml,
)

PRESETS = Path(__file__).resolve().parents[3] / "compliance" / "presets"
SLUGS = ("engoo", "krainpop", "leje", "letsmasak", "mikmik")


@cache
def preset(slug: str) -> Policy:
    with (PRESETS / f"{slug}.toml").open("rb") as file:
        return from_toml(tomllib.load(file))


def item(code: str, *kinds: str, category: str = "identity", requirement="required") -> Item:
    return Item(
        code=code,
        label=code,
        category=category,
        subjects=tuple(
            ItemSubject(kind=kind, requirement=requirement, moment="join")
            for kind in kinds or ("member",)
        ),
    )


def purpose(code: str, *, separate_consent: bool = False, basis: str = "contract") -> Purpose:
    return Purpose(
        code=code,
        label=code,
        group="membership",
        basis=basis,
        separate_consent=separate_consent,
        clause="1",
    )


def use(items, purposes, kinds=("member",), *, needs_consent: bool = False, clause="2") -> Use:
    return Use(
        items=tuple(items),
        purposes=tuple(purposes),
        subjects=tuple(kinds),
        needs_consent=needs_consent,
        clause=clause,
    )


def rule(code: str, items, period, **changes) -> RetentionRule:
    values = {
        "code": code,
        "record_class": f"{code}_class",
        "label": code,
        "items": tuple(items),
        "subjects": ("member",),
        "period": period,
        "trigger": "purpose_achieved",
        "rule": "exact",
        "basis": "policy",
        "storage": "none",
        "action": "destroy",
        "clause": "3",
    }
    return RetentionRule(**{**values, **changes})

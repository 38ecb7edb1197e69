"""Policies for tests: the five presets, and two services that are like none of them."""

import copy
from typing import Any

from compliance.policy_files import PRESET_NAMES, preset_file, read


def preset(name: str) -> dict[str, Any]:
    """A fresh copy of the data of a preset."""
    return read(preset_file(name))[0]


def all_presets() -> dict[str, dict[str, Any]]:
    return {name: preset(name) for name in PRESET_NAMES}


def boot_shop() -> dict[str, Any]:
    """A German seller of riding boots with items and purposes of its own and no cookies."""
    ref = {"stated": True, "clause": "1", "obligations": ["BOO-1"]}
    return copy.deepcopy(
        {
            "schema": 1,
            "service": _service("boots", "BOO", "DE", "Europe/Berlin", "de"),
            "never_collect": {"categories": ["health"], **ref},
            "contacts": [_contact("desk", ref)],
            "notices": [_notice("change", "P14D", ref)],
            "items": [_item("saddle_size", "member"), _item("riding_level", "member")],
            "purposes": [
                _purpose("boot_fitting", "contract"),
                _purpose("stable_letter", "consent"),
            ],
            "uses": [
                _use(["saddle_size"], ["boot_fitting"], "member", needs_consent=False),
                _use(["riding_level"], ["stable_letter"], "member", needs_consent=True),
            ],
            "retention": [
                _retention("fitting", ["saddle_size", "riding_level"], "member", "P18M", ref)
            ],
            "destruction": [_destruction("P10D", ["BOO-1"])],
            "rights": [_right("access", "P1M", ref)],
            "findings": [],
            "clauses": [_clause("boots", "BOO")],
        }
    )


def ferry() -> dict[str, Any]:
    """A Brazilian ferry with visitors only, no individual notices, and a recipient."""
    ref = {"stated": False, "obligations": ["FY-9.a"]}
    data = boot_shop()
    data |= {
        "service": _service("ferry-line", "FY", "BR", "America/Sao_Paulo", "pt-BR"),
        "never_collect": {"categories": [], "stated": False, "clause": "", "obligations": []},
        "contacts": [_contact("pier", ref)],
        "notices": [_notice("timetable", "P3D", ref)],
        "items": [_item("cabin_wish", "visitor"), _item("plate_number", "visitor")],
        "purposes": [_purpose("boarding", "contract")],
        "uses": [
            _use(["cabin_wish", "plate_number"], ["boarding"], "visitor", needs_consent=False)
        ],
        "retention": [_retention("voyage", ["cabin_wish", "plate_number"], "visitor", "P45D", ref)],
        "destruction": [_destruction("P0D", ["FY-9.a"])],
        "rights": [_right("deletion", "P15D", ref)],
        "clauses": [_clause("ferry-line", "FY")],
        "promises": [
            {"obligation": "FY-9.a", "check": "retention_rule_met", "params": {"rule": "voyage"}}
        ],
    }
    data["clauses"][0]["obligations"] = ["FY-9.a"]
    return data


def _service(slug: str, prefix: str, country: str, zone: str, language: str) -> dict[str, Any]:
    stated = dict.fromkeys(
        ("operator_stated", "country_stated", "timezone_stated", "officer_stated"), True
    )
    return {
        "slug": slug,
        "name": slug.title(),
        "obligation_prefix": prefix,
        "operator": f"{slug} operator",
        "operator_country": country,
        "market_country": country,
        "timezone": zone,
        "policy_languages": [language],
        "notice_languages": [language],
        "policy_title": "Privacy",
        "representative": "",
        "laws_cited": [],
        "law_regimes": [],
        "precedence": ["legal_request", "statutory", "destroy"],
        "min_group_size": 12,
        **stated,
    }


def _contact(code: str, ref: dict[str, Any]) -> dict[str, Any]:
    row = {"code": code, "channel": "email", "value": "office@example.org", "label": "Office"}
    return {**row, "hours_days": [], "topics": ["privacy"], **ref}


def _notice(code: str, lead: str, ref: dict[str, Any]) -> dict[str, Any]:
    row = {"code": code, "event": "policy_revision_general", "lead": lead, "more_than": False}
    lists = {"places": ["website"], "individual_channels": [], "interpretations": []}
    return {**row, "individual": False, **lists, **ref}


def _item(code: str, kind: str) -> dict[str, Any]:
    subject = {"kind": kind, "requirement": "required", "moment": "order", "clause": "1"}
    flags = {"auto": False, "sensitive": False, "encrypt": False}
    return {
        "code": code,
        "label": code.title(),
        "category": "profile",
        "subjects": [subject],
        **flags,
    }


def _purpose(code: str, basis: str) -> dict[str, Any]:
    row = {"code": code, "label": code.title(), "group": "contract", "basis": basis, "clause": "1"}
    return {**row, "separate_consent": basis == "consent", "items_stated": True}


def _use(
    items: list[str], purposes: list[str], subject: str, *, needs_consent: bool
) -> dict[str, Any]:
    row = {"clause": "1", "items": items, "purposes": purposes, "subjects": [subject]}
    return {**row, "stated": True, "needs_consent": needs_consent}


def _retention(
    code: str, items: list[str], subject: str, period: str, ref: dict[str, Any]
) -> dict[str, Any]:
    lists = {"identity_items": [], "blocked_by": [], "allowed_purposes": [], "interpretations": []}
    row = {"code": code, "record_class": code, "label": code, "items": items, "subjects": [subject]}
    kind = {
        "trigger": "last_use",
        "rule": "exact",
        "basis": "policy",
        "storage": "none",
        "action": "destroy",
    }
    return {**row, **lists, **kind, "period": period, "mandatory": False, **ref}


def _destruction(deadline: str, obligations: list[str]) -> dict[str, Any]:
    row = {"medium": "electronic", "methods": ["overwrite"], "stated": True, "deadline": deadline}
    return {**row, "deadline_basis": "policy", "obligations": obligations}


def _right(right: str, deadline: str, ref: dict[str, Any]) -> dict[str, Any]:
    row = {"right": right, "channels": ["email"], "deadline": deadline, "deadline_words": "soon"}
    return {
        **row,
        "deadline_basis": "policy",
        "representative": False,
        "effects": ["confirm"],
        **ref,
    }


def _clause(slug: str, prefix: str) -> dict[str, Any]:
    row = {"id": f"{slug}-1", "clause": "1", "title": "All of it", "text": "Everything is here."}
    return {**row, "obligations": [f"{prefix}-1"], "interpretations": []}

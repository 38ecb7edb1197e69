"""The schema reference tells every table, field and allowed value, and no words are missing."""

import re
from pathlib import Path

import pytest

from compliance.policy_words import PROBLEMS
from compliance.rules import terms
from compliance.rules.policy_spec import SCHEMA

REFERENCE = Path("docs/policy-schema.md").read_text(encoding="utf-8")
RULES = Path("compliance/rules")


@pytest.mark.parametrize("table", SCHEMA)
def test_every_field_is_told(table):
    told = set(re.findall(r"[a-z_]+", REFERENCE))
    assert set(SCHEMA[table]) <= told


@pytest.mark.parametrize("table", terms.ALLOWED)
def test_every_allowed_value_is_told(table):
    told = set(re.findall(r"`([a-z_]+)`", REFERENCE))
    for values in terms.ALLOWED[table].values():
        assert values <= told


def test_every_fault_has_words():
    source = "".join(file.read_text(encoding="utf-8") for file in RULES.glob("policy_*.py"))
    codes = set(re.findall(r'Fault\(\s*"(\w+)"', source))
    forms = {f"not_a_{form}" for form in re.findall(r'form="(\w+)"', source)}
    assert codes | forms <= set(PROBLEMS)

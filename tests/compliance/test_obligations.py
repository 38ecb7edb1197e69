"""The register of promises and readings covers the presets exactly."""

import pytest

from compliance import obligations
from compliance.policy_files import PRESET_NAMES
from compliance.policy_words import figure_status
from compliance.rules.policy_values import from_toml
from tests.compliance.policy_files import preset


def test_the_register_holds_238_promises_and_89_readings():
    assert len(obligations.all_codes()) == len(set(obligations.all_codes())) == 238
    assert len(obligations._readings()) == 89


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_the_clauses_of_a_preset_make_exactly_the_promises_of_the_register(name):
    policy = from_toml(preset(name))
    made = {code for clause in policy.clauses for code in clause.obligations}
    assert made == set(obligations.all_codes(name))


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_every_reading_that_a_clause_cites_is_explained(name):
    for clause in from_toml(preset(name)).clauses:
        for code in clause.interpretations:
            assert obligations.reading(code).chosen


def test_a_code_of_another_company_is_unknown_and_no_error():
    assert obligations.get("BOO-1") is None
    assert obligations.reading("X-BOO-1") is None


def test_a_suggested_figure_is_shown_as_suggested():
    rules = from_toml(preset("letsmasak")).retention
    assert figure_status(rules[0]) == ("" if rules[0].stated else "suggested, not promised")
    assert {figure_status(rule) for rule in from_toml(preset("mikmik")).retention} >= {""}

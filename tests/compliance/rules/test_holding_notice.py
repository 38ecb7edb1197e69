"""Rule-to-text comparison: which rules keep something of leavers, and which of them the text leaves out."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.rules import holding_notice
from compliance.rules.policy_values import from_toml

PRESETS = Path("compliance/presets")
NAMES = ("engoo", "krainpop", "leje", "letsmasak", "mikmik")


def preset(name="mikmik"):
    return from_toml(tomllib.loads((PRESETS / f"{name}.toml").read_text(encoding="utf-8")))


def changed(policy, code, **fields):
    rules = [replace(row, **fields) if row.code == code else row for row in policy.retention]
    return replace(policy, retention=tuple(rules))


@pytest.mark.parametrize("name", NAMES)
def test_the_presets_announce_whatever_they_keep(name):
    assert holding_notice.gaps(preset(name)) == ()


def test_what_goes_at_once_or_lies_with_a_recipient_needs_no_announcement():
    kept = [row.code for row in preset().retention if holding_notice.keeps_after_leaving(row)]
    assert kept == [
        "contract_5y",
        "payment_5y",
        "complaint_3y",
        "rejoin_identity_1m",
        "rejoin_log_12m",
        "illegal_use_1m",
    ]


@pytest.mark.parametrize(
    ("clause", "reason"), [("", "rule_without_clause"), ("99.9", "clause_missing")]
)
def test_a_rule_without_a_clause_of_this_version_is_missing(clause, reason):
    (gap,) = holding_notice.gaps(changed(preset(), "payment_5y", clause=clause))
    assert (gap.rule, gap.reason_code) == ("payment_5y", reason)


def test_a_clause_that_says_nothing_announces_nothing():
    policy = preset()
    clauses = [replace(row, text=" ") if row.clause == "8.3" else row for row in policy.clauses]
    (gap,) = holding_notice.gaps(replace(policy, clauses=tuple(clauses)))
    assert (gap.rule, gap.reason_code) == ("illegal_use_1m", "clause_silent")


def test_a_text_shown_in_place_of_the_clauses_has_to_name_them():
    policy = preset()
    whole = "5.2.1 contracts, 5.2.2 payments, 5.2.3. complaints, (5.4) rejoining, 8.3 misuse"
    assert holding_notice.gaps(policy, [whole]) == ()
    other = whole.replace("(5.4)", "15.4 cookies, 5.4.1 and")
    assert {gap.reason_code for gap in holding_notice.gaps(policy, [whole, other])} == {
        "text_silent"
    }
    assert [gap.clause for gap in holding_notice.gaps(policy, [whole, other])] == ["5.4", "5.4"]


def test_only_a_policy_that_promises_to_announce_it_is_held_to_it():
    assert holding_notice.is_promised(preset())
    assert not holding_notice.is_promised(preset("engoo"))

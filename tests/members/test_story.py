from datetime import date

import pytest

from compliance.rules.calendar import Period
from compliance.rules.policy_values import Policy
from compliance.rules.retention import explain
from members import story
from tests.compliance.rules.policies import preset, rule

ON = date(2026, 11, 25)
PAID = {"payment": date(2026, 11, 20), "supply": date(2026, 11, 22)}


def told(slug, item, anchors=None, kind="member", on=ON, **how):
    policy = slug if isinstance(slug, Policy) else preset(slug)
    return story.of(explain(policy, kind, item, anchors or {}, on, **how))


@pytest.mark.promise("MIK-5.2.2")
def test_a_period_says_its_last_day_clause_figure_and_what_follows():
    assert told("mikmik", "payment_records", PAID, kind="nonmember") == (
        "Kept until 22 Nov 2031 (counted from 22 Nov 2026) because clause 5.2.2 says so:"
        " Records of payment and supply of goods, 5 years. Then it is destroyed."
    )


def test_while_a_member_it_says_what_leaving_would_do():
    assert told("mikmik", "password") == (
        "Kept while the membership lasts because clause 5.1 says so. On leaving it is destroyed."
    )
    assert told("mikmik", "ci").endswith(
        "On leaving it is destroyed; a digest of it stays (clause 5.4), today until 25 Dec 2026."
    )
    assert told("mikmik", "login_records").endswith(
        "On leaving it moves apart (clause 5.4), today until 25 Nov 2027, and is then destroyed."
    )


@pytest.mark.promise("MIK-5.2.4")
def test_a_running_contract_of_use_is_named_beside_the_period():
    assert told("mikmik", "payment_records", PAID) == (
        "Kept until 22 Nov 2031 (counted from 22 Nov 2026) at least, and while the membership lasts"
        " because clause 5.2.2 says so:"
        " Records of payment and supply of goods, 5 years."
        " On leaving it moves apart, today until 22 Nov 2031, and is then destroyed."
    )
    assert told("mikmik", "contract_records", {"contract": date(2019, 5, 1)}).startswith(
        "The period ended on 1 May 2024 (counted from 1 May 2019); kept while the membership lasts because clause 5.2.1"
    )


def test_an_open_case_a_hold_a_missing_figure_and_no_rule_are_said():
    assert told("mikmik", "complaint_records", kind="nonmember").startswith(
        "Kept; the period begins when the case is closed because clause 5.2.3"
    )
    assert told("mikmik", "payment_records", PAID, blocks=["legal_request"]) == (
        "Kept for as long as a legal request is open. When that ends, the policy decides again."
    )
    assert "no period yet" in told("krainpop", "payment_info")
    assert told(Policy(slug="bare"), "name").startswith("No rule of the policy keeps it")


def test_a_suggested_figure_is_never_said_as_a_promise():
    sentence = told("letsmasak", "nickname")
    assert "suggested here and not promised by the policy" in sentence
    assert "says so" not in sentence


def test_after_leaving_it_says_until_when_it_lies_apart():
    sentence = told("mikmik", "payment_records", PAID, left_on=date(2026, 11, 24))
    assert sentence.startswith(
        "Kept until 22 Nov 2031 (counted from 22 Nov 2026) because clause 5.2.2"
    )
    assert sentence.endswith("Then it is destroyed.")


def overlapping():
    return Policy(
        slug="made",
        timezone="Asia/Seoul",
        retention=(
            rule("short", ["order"], Period.parse("P3M"), trigger="record_created", basis="policy",
                 rule="maximum", storage="separate", stated=True, clause="4"),
            rule("three", ["order"], Period.parse("P3Y"), trigger="record_created", basis="statutory",
                 mandatory=True, storage="separate", stated=True, clause="5"),
            rule("five", ["order"], Period.parse("P5Y"), trigger="record_created", basis="statutory",
                 mandatory=True, storage="separate", stated=True, clause="6", rule="minimum"),
        ),
    )  # fmt: skip


def test_of_overlapping_reasons_the_longest_minimum_wins_and_the_conflict_is_said():
    days = {"record_created": date(2026, 1, 15)}
    found = explain(overlapping(), "member", "order", days, ON)
    assert (found.rule.code, found.kept_until, found.next_on) == (
        "five",
        date(2031, 1, 15),
        date(2031, 1, 16),
    )
    assert [(one.code, one.rule.code, one.until) for one in found.conflicts] == [
        ("past_maximum", "three", date(2029, 1, 15)),
        ("past_maximum", "short", date(2026, 4, 15)),
    ]
    assert story.of(found).endswith(
        "Clause 4 alone would end on 15 Apr 2026; a stronger reason keeps it."
    )
    left = explain(overlapping(), "member", "order", days, ON, left_on=ON)
    assert (left.rule.code, left.next_on) == ("five", date(2031, 1, 16))


def test_a_hold_that_the_rule_does_not_name_is_a_conflict_with_its_maximum():
    days = {"record_created": date(2026, 1, 15)}
    log = explain(preset("leje"), "member", "access_logs", days, ON, blocks=["unpaid_claim"])
    assert [(one.code, one.rule.code) for one in log.conflicts] == [("past_maximum", "log_3m")]
    named = explain(preset("leje"), "member", "access_logs", days, ON, blocks=["legal_request"])
    assert named.conflicts == ()


@pytest.mark.parametrize("on", [date(2026, 1, 1), date(2029, 2, 28), date(2031, 11, 22)])
def test_the_end_is_the_same_whenever_one_asks(on):
    found = explain(preset("mikmik"), "nonmember", "payment_records", PAID, on)
    assert (found.since, found.kept_until) == (date(2026, 11, 22), date(2031, 11, 22))


def test_a_moment_after_the_last_day_of_a_leaver_is_gone():
    left = date(2026, 11, 24)
    at = [
        explain(preset("mikmik"), "member", "payment_records", PAID, on, left_on=left).state_code
        for on in (date(2026, 11, 23), left, date(2031, 11, 22), date(2031, 11, 23))
    ]
    assert at == ["until_and_while_member", "apart", "apart", "gone"]

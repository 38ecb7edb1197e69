import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.policy_values import Policy, PromiseRow
from compliance.rules.promises import Binding, Verdict, derive_bindings, unbound, worst
from tests.compliance.rules.policies import SLUGS, preset

FROM_BAD_TO_GOOD = ("broken", "at_risk", "waiting_for_person", "not_built", "kept")


def bound(slug: str) -> set[tuple[str, str]]:
    return {(one.obligation, one.key) for one in derive_bindings(preset(slug))}


@pytest.mark.parametrize(("worse", "better"), list(itertools.combinations(FROM_BAD_TO_GOOD, 2)))
def test_the_worse_verdict_wins(worse, better):
    assert worst([Verdict(better), Verdict(worse)]) == worse


@given(st.lists(st.sampled_from(Verdict), min_size=1))
def test_the_worst_of_many_is_the_first_found_from_the_bad_end(verdicts):
    assert worst(verdicts) == next(name for name in FROM_BAD_TO_GOOD if name in verdicts)


def test_nothing_checked_is_not_kept():
    assert worst([]) is Verdict.NOT_BUILT


@pytest.mark.parametrize(
    ("slug", "obligation", "key"),
    [
        ("mikmik", "MIK-5.2.2", "retention_rule_met(rule=payment_5y)"),
        ("mikmik", "MIK-5.2.2", "segregated(rule=payment_5y)"),
        ("mikmik", "MIK-5.4a", "rejoin_hold_kept(rule=rejoin_identity_1m)"),
        ("mikmik", "MIK-20b", "notice_in_time(notice=revision_important)"),
        ("mikmik", "MIK-8.1c", "confirmation_sent(notice=withdrawal_confirmation)"),
        ("mikmik", "MIK-2.2c", "purpose_only_with_consent(purpose=surveys)"),
        ("mikmik", "MIK-19.1", "purpose_only_with_consent(channel=email,purpose=advertising)"),
        ("mikmik", "MIK-6.1c", "recipient_posted(recipient=sellers)"),
        ("mikmik", "MIK-6.4a", "recipient_agreement(recipient=partners)"),
        ("mikmik", "MIK-3.2a", "never_collected()"),
        ("mikmik", "MIK-12.1", "control_attested(control=protection_policy,interval=P12M)"),
        ("mikmik", "MIK-12.3.5b", "control_attested(control=password_renewal,interval=P90D)"),
        ("mikmik", "MIK-17.2", "contact_published(contact=phone)"),
        ("mikmik", "MIK-15.4", "cookie_declared(cookie=session)"),
        ("mikmik", "MIK-12.3.1", "role_limits(role=marketing)"),
        ("mikmik", "MIK-9.1.2b", "destruction_certified(medium=electronic)"),
        ("leje", "LEJ-RET-5", "retention_rule_met(rule=log_3m)"),
        ("krainpop", "KRN-9", "notice_in_time(notice=revision_important)"),
    ],
)
def test_a_row_binds_its_obligation_to_its_check(slug, obligation, key):
    if obligation == "MIK-12.3.5b":
        control = next(row for row in preset(slug).controls if obligation in row.obligations)
        key = f"control_attested(control={control.code},interval={control.interval})"
        assert str(control.interval) == "P90D"
    assert (obligation, key) in bound(slug)


@pytest.mark.parametrize("slug", SLUGS)
def test_no_binding_is_without_a_clause_that_names_its_obligation(slug):
    policy = preset(slug)
    named = {code for clause in policy.clauses for code in clause.obligations}
    for binding in derive_bindings(policy):
        assert binding.obligation in named
        assert binding.clause


@pytest.mark.parametrize("slug", SLUGS)
def test_every_obligation_is_bound_or_listed_as_unbound(slug):
    policy = preset(slug)
    bindings = derive_bindings(policy)
    named = {code for clause in policy.clauses for code in clause.obligations}
    assert {one.obligation for one in bindings} | set(unbound(policy, bindings)) == named


@pytest.mark.parametrize("slug", SLUGS)
def test_equal_bindings_appear_once(slug):
    keys = [(one.obligation, one.key) for one in derive_bindings(preset(slug))]
    assert len(keys) == len(set(keys))


def test_an_explicit_row_takes_the_place_of_the_same_check_and_joins_the_others():
    policy = replace(
        preset("mikmik"),
        promises=(
            PromiseRow(
                obligation="MIK-5.2.2", check="retention_rule_met", params={"rule": "contract_5y"}
            ),
            PromiseRow(obligation="MIK-13.1", check="control_attested", params={"control": "x"}),
        ),
    )
    bindings = derive_bindings(policy)
    mine = {one.key for one in bindings if one.obligation == "MIK-5.2.2"}
    assert mine == {"retention_rule_met(rule=contract_5y)", "segregated(rule=payment_5y)"}
    new = next(one for one in bindings if one.obligation == "MIK-13.1")
    assert (new.key, new.clause) == ("control_attested(control=x)", "13.1")


def test_an_empty_policy_promises_nothing():
    assert derive_bindings(Policy(slug="s")) == ()
    assert Binding("A-1", "1", "never_collected").key == "never_collected()"

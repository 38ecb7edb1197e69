from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.gate import DUTY_PURPOSES, Facts, decide, decide_many
from compliance.rules.policy_values import Marketing, Policy, Recipient
from tests.compliance.rules.policies import SLUGS, item, preset, purpose, rule, use

MEMBER = Facts(kind="member")


def agreed(*consents, kind="member", **more) -> Facts:
    return Facts(kind=kind, consents=frozenset(consents), **more)


def ask(slug, facts, purpose, items, **more):
    return decide(preset(slug), facts, purpose=purpose, items=items, **more)


def reasons(decision) -> dict[str, str]:
    return {refusal.item: refusal.reason_code for refusal in decision.refused}


def test_what_a_row_permits_is_allowed():
    decision = ask("mikmik", MEMBER, "contract_contact", ["name", "email"])
    assert decision.allowed
    assert (decision.allowed_items, decision.refused, decision.is_duty) == (
        ("name", "email"),
        (),
        False,
    )


@pytest.mark.promise("MIK-3.2b")
@pytest.mark.parametrize(
    ("facts", "purpose_code", "items", "reason", "clause"),
    [
        (MEMBER, "contract_contact", ["password"], "not_permitted", "3.2 R1"),
        (MEMBER, "contract_contact", ["shoe_size"], "item_unknown", ""),
        (MEMBER, "selling", ["email"], "purpose_unknown", ""),
        (Facts(kind="nonmember"), "surveys", ["email"], "kind_not_permitted", "3.2 R1"),
        (MEMBER, "surveys", ["email"], "consent_missing", "3.2 R1"),
        (
            Facts(kind="member", withdrawn=frozenset({("surveys", None, None)})),
            "surveys",
            ["email"],
            "withdrawn",
            "3.2 R1",
        ),
        (
            Facts(kind="member", restricted_items=frozenset({"email"})),
            "contract_contact",
            ["email"],
            "restricted",
            "3.2 R1",
        ),
        (
            Facts(kind="member", status="restricted"),
            "contract_contact",
            ["email"],
            "restricted",
            "3.2 R1",
        ),
        (Facts(kind="member", status="leaving"), "contract_contact", ["email"], "left", "3.2 R1"),
        (Facts(kind="member", status="withdrawn"), "contract_contact", ["email"], "left", "3.2 R1"),
        (
            Facts(kind="member", status="dormant"),
            "contract_contact",
            ["email"],
            "segregated",
            "5.4",
        ),
        (
            Facts(kind="member", pending_purposes=frozenset({"contract_contact"})),
            "contract_contact",
            ["email"],
            "not_agreed_yet",
            "3.2 R1",
        ),
        (
            Facts(kind="member", pending_items=frozenset({"email"})),
            "contract_contact",
            ["email"],
            "not_agreed_yet",
            "3.2 R1",
        ),
    ],
)
def test_each_refusal_names_its_reason_and_clause(facts, purpose_code, items, reason, clause):
    decision = ask("mikmik", facts, purpose_code, items)
    assert not decision.allowed
    assert [(one.reason_code, one.clause) for one in decision.refused] == [(reason, clause)]


def test_a_partly_refused_question_names_what_is_allowed():
    decision = ask("mikmik", MEMBER, "contract_contact", ["email", "password"])
    assert not decision.allowed
    assert decision.allowed_items == ("email",)
    assert reasons(decision) == {"password": "not_permitted"}


def test_a_question_without_items_is_not_allowed():
    assert not ask("mikmik", MEMBER, "contract_contact", []).allowed


@pytest.mark.promise("MIK-3.1b")
def test_a_recorded_consent_opens_the_use_and_nothing_else():
    facts = agreed(("surveys", None, None))
    assert ask("mikmik", facts, "surveys", ["email"]).allowed
    assert not ask("mikmik", facts, "recommendations", ["email"]).allowed


def test_consent_is_needed_only_if_every_row_permitting_the_use_asks_for_it():
    policy = Policy(
        slug="s",
        items=(item("email"),),
        purposes=(purpose("news"),),
        uses=(use(["email"], ["news"], needs_consent=True), use(["email"], ["news"])),
    )
    assert decide(policy, MEMBER, purpose="news", items=["email"]).allowed
    asking = replace(policy, uses=policy.uses[:1])
    assert not decide(asking, MEMBER, purpose="news", items=["email"]).allowed


@pytest.mark.parametrize(
    ("consents", "channel", "reason"),
    [
        ([("advertising", "email", None)], "email", None),
        ([("advertising", "email", None)], "mobile", "consent_missing"),
        ([("advertising", None, None)], "email", "consent_missing"),
        ([("advertising", "email", None)], "fax", "channel_not_permitted"),
        ([("advertising", "email", None)], None, None),
        ([("advertising", "email", "sellers")], "email", "consent_missing"),
    ],
)
@pytest.mark.promise("MIK-19.1")
def test_advertising_is_agreed_to_channel_by_channel(consents, channel, reason):
    decision = ask("mikmik", agreed(*consents), "advertising", ["email"], channel=channel)
    assert reasons(decision).get("email") == reason


@pytest.mark.promise("MIK-19.1.1")
def test_mikmik_advertising_reaches_contact_items_of_members_only():
    yes = ("advertising", "email", None)
    decision = ask("mikmik", agreed(yes), "advertising", ["email", "name"], channel="email")
    assert decision.allowed_items == ("email",)
    nonmember = agreed(yes, kind="nonmember")
    assert not ask("mikmik", nonmember, "advertising", ["email"], channel="email").allowed


@pytest.mark.promise("ENG-4.4")
def test_engoo_has_no_advertising_by_email_whatever_was_agreed():
    facts = agreed(("direct_mail_ads", "email", None), ("direct_mail_ads", None, None))
    by_mail = ask("engoo", facts, "direct_mail_ads", ["name", "address"], channel="email")
    assert set(reasons(by_mail).values()) == {"channel_not_permitted"}
    by_post = agreed(("direct_mail_ads", "post", None))
    assert ask("engoo", by_post, "direct_mail_ads", ["name", "address"], channel="post").allowed


@pytest.mark.promise("KRN-4.2")
def test_krainpop_ip_addresses_serve_abuse_prevention_only():
    policy = preset("krainpop")
    allowed = {
        row.code
        for row in policy.purposes
        if decide(policy, MEMBER, purpose=row.code, items=["ip_address"]).allowed
    }
    assert allowed == {"abuse_prevention"}


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("duty", sorted(DUTY_PURPOSES))
def test_a_duty_may_use_contact_items_in_every_service_and_shows_as_such(slug, duty):
    decision = ask(slug, MEMBER, duty, ["email"])
    assert decision.allowed
    assert decision.is_duty


@pytest.mark.parametrize(
    ("facts", "duty", "items", "reason"),
    [
        (MEMBER, "policy_notice", ["name"], "not_a_contact_item"),
        (MEMBER, "policy_notice", ["password"], "not_a_contact_item"),
        (Facts(kind="member", status="leaving"), "confirmation", ["email"], None),
        (Facts(kind="member", status="leaving"), "policy_notice", ["email"], "left"),
        (Facts(kind="member", status="withdrawn", segregated=True), "confirmation", ["email"],
         "segregated"),
        (Facts(kind="member", status="dormant", segregated=True), "sign_in_code", ["email"], None),
        (Facts(kind="member", status="dormant"), "policy_notice", ["email"], None),
        (Facts(kind="member", restricted_items=frozenset({"email"})), "policy_notice", ["email"],
         "restricted"),
        (Facts(kind="member", restricted_items=frozenset({"email"})), "request_answer", ["email"],
         None),
        (Facts(kind="member", status="restricted"), "policy_notice", ["email"], None),
        (Facts(kind="business"), "policy_notice", ["business_contact"], None),
        (Facts(kind="receiver"), "request_answer", ["receiver_email"], None),
    ],
)  # fmt: skip
def test_duties_have_limits_too(facts, duty, items, reason):
    assert set(reasons(ask("mikmik", facts, duty, items)).values()) == (
        {reason} if reason else set()
    )


def test_a_duty_does_not_open_the_door_to_a_recipient():
    decision = ask("mikmik", MEMBER, "policy_notice", ["email"], recipient="paypal")
    assert reasons(decision) == {"email": "purpose_unknown"}


CODES = ("a", "b", "c")
KINDS = ("member", "visitor")
ROWS = st.lists(
    st.tuples(
        st.sets(st.sampled_from(CODES)),
        st.sets(st.sampled_from(("p", "q"))),
        st.sets(st.sampled_from(KINDS)),
        st.booleans(),
    ),
    max_size=6,
)
PEOPLE = st.builds(
    Facts,
    kind=st.sampled_from(KINDS),
    status=st.sampled_from(("active", "restricted", "leaving", "withdrawn", "dormant")),
    consents=st.sets(st.sampled_from([("p", None, None), ("q", None, None)])).map(frozenset),
    restricted_items=st.sets(st.sampled_from(CODES)).map(frozenset),
    segregated=st.booleans(),
    pending_purposes=st.sets(st.sampled_from(("p", "q"))).map(frozenset),
)


def bent(rows) -> Policy:
    return Policy(
        slug="s",
        items=tuple(item(code, *KINDS) for code in CODES),
        purposes=(purpose("p"), purpose("q")),
        uses=tuple(use(sorted(i), sorted(p), sorted(k), needs_consent=c) for i, p, k, c in rows),
    )


@given(ROWS, PEOPLE, st.sampled_from(("p", "q")))
def test_the_gate_agrees_with_spelling_out_every_product(rows, facts, asked):
    """Oracle: a plain list of (item, purpose, kind, asks) combinations, filtered."""
    combinations = [(i, p, k, c) for items, ps, kinds, c in rows for i in items for p in ps
                    for k in kinds]  # fmt: skip
    usable = set()
    if facts.status == "active" and not facts.segregated and asked not in facts.pending_purposes:
        for code in CODES:
            asks = [c for i, p, k, c in combinations if (i, p, k) == (code, asked, facts.kind)]
            said_yes = (asked, None, None) in facts.consents
            if asks and (False in asks or said_yes) and code not in facts.restricted_items:
                usable.add(code)
    decision = decide(bent(rows), facts, purpose=asked, items=CODES)
    assert set(decision.allowed_items) == usable
    assert decision.allowed == (usable == set(CODES))
    assert {refusal.item for refusal in decision.refused} == set(CODES) - usable


@given(ROWS, st.lists(PEOPLE, max_size=8))
def test_the_set_form_answers_as_one_by_one(rows, people):
    policy = bent(rows)
    together = decide_many(policy, people, purpose="p", items=CODES)
    assert together == tuple(decide(policy, facts, purpose="p", items=CODES) for facts in people)


def test_an_exception_row_opens_no_channel():
    policy = Policy(
        slug="s",
        items=(item("email"),),
        purposes=(purpose("ads"),),
        uses=(use(["email"], ["ads"], needs_consent=True),),
        marketing=(
            Marketing(
                channel="any",
                consent="not_needed",
                purposes=("ads",),
                subjects=("member",),
                exception="same_goods_after_trade",
            ),
        ),
    )
    decision = decide(policy, agreed(("ads", None, None)), purpose="ads", items=["email"],
                      channel="email")  # fmt: skip
    assert reasons(decision) == {"email": "channel_not_permitted"}


def test_the_row_of_a_recipient_permits_where_the_policy_ties_no_items_to_the_purpose():
    policy = Policy(
        slug="s",
        items=(item("email"),),
        purposes=(purpose("hosting"),),
        recipients=(
            Recipient(
                code="host",
                name="",
                kind="processor",
                purposes=("hosting",),
                subjects=("member",),
                basis="contract",
                clause="9",
            ),
        ),
        retention=(rule("r", ["email"], None),),
    )
    given_items = {"recipient": "host", "recipient_items": ["email"]}
    assert decide(policy, MEMBER, purpose="hosting", items=["email"], **given_items).allowed
    assert not decide(policy, MEMBER, purpose="hosting", items=["email"]).allowed

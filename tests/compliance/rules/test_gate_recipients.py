"""The gate and third parties: posted, agreed, listed, and nothing beyond."""

from dataclasses import replace

import pytest

from compliance.rules.gate import Facts, decide
from tests.compliance.rules.policies import preset

MEMBER = Facts(kind="member")


def agreed(*consents, kind="member", **more) -> Facts:
    return Facts(kind=kind, consents=frozenset(consents), **more)


def ask(slug, facts, purpose, items, **more):
    return decide(preset(slug), facts, purpose=purpose, items=items, **more)


def reasons(decision) -> dict[str, str]:
    return {refusal.item: refusal.reason_code for refusal in decision.refused}


SELLER = "sellers:one"
SELLER_CONSENT = ("seller_fulfilment", None, SELLER)


@pytest.mark.promise("MIK-6.1c")
@pytest.mark.parametrize(
    ("recipient", "posted", "consents", "items", "reason"),
    [
        (SELLER, [SELLER], [SELLER_CONSENT], ["name"], None),
        (SELLER, [], [SELLER_CONSENT], ["name"], "recipient_not_posted"),
        (SELLER, [SELLER], [], ["name"], "consent_missing"),
        (SELLER, [SELLER], [("seller_fulfilment", None, None)], ["name"], "consent_missing"),
        ("sellers:two", ["sellers:two"], [SELLER_CONSENT], ["name"], "consent_missing"),
        (SELLER, [SELLER], [SELLER_CONSENT], ["email"], "item_not_for_recipient"),
        ("nobody", ["nobody"], [], ["name"], "recipient_unknown"),
        ("paypal", [], [], ["name"], "not_permitted"),
    ],
)
def test_a_recipient_gets_only_what_was_posted_agreed_and_listed(
    recipient, posted, consents, items, reason
):
    decision = ask(
        "mikmik",
        agreed(*consents),
        "seller_fulfilment",
        items,
        recipient=recipient,
        posted=posted,
    )
    assert set(reasons(decision).values()) == ({reason} if reason else set())


def test_the_register_entry_narrows_the_items_of_its_row():
    consent = agreed(SELLER_CONSENT)
    decision = ask(
        "mikmik",
        consent,
        "seller_fulfilment",
        ["name", "mobile"],
        recipient=SELLER,
        posted=[SELLER],
        recipient_items=["name"],
    )
    assert decision.allowed_items == ("name",)
    assert reasons(decision) == {"mobile": "item_not_for_recipient"}


def test_a_row_without_items_gives_nothing_until_its_entry_names_them():
    ask_for = {"purpose": "legal_request", "items": ["name"], "recipient": "authorities"}
    nothing = decide(preset("mikmik"), MEMBER, **ask_for)
    assert reasons(nothing) == {"name": "item_not_for_recipient"}
    assert decide(preset("mikmik"), MEMBER, **ask_for, recipient_items=["name"]).allowed


@pytest.mark.promise("LMK-2c")
def test_an_advertiser_gets_results_and_never_items():
    decision = ask(
        "letsmasak",
        MEMBER,
        "advertiser_analysis",
        ["age"],
        recipient="advertisers_and_providers",
        recipient_items=["age"],
    )
    assert reasons(decision) == {"age": "item_not_for_recipient"}


@pytest.mark.promise("MIK-5.2a")
@pytest.mark.promise("LEJ-DES-2")
@pytest.mark.parametrize(
    ("slug", "purpose_code", "item_code", "allowed"),
    [
        ("mikmik", "statutory_retention", "payment_records", True),
        ("mikmik", "statutory_retention", "password", True),
        ("mikmik", "duplicate_join_prevention", "ci", True),
        ("mikmik", "advertising", "email", False),
        ("leje", "statutory_retention", "payment_records", True),
        ("leje", "fraud_recurrence_prevention", "email", True),
        ("leje", "advertising", "email", False),
        ("leje", "statutory_retention", "address", False),
    ],
)
def test_separated_data_serve_only_the_purposes_of_their_rules(
    slug, purpose_code, item_code, allowed
):
    facts = agreed(
        ("advertising", "email", None), kind="member", status="withdrawn", segregated=True
    )
    decision = ask(slug, facts, purpose_code, [item_code])
    assert decision.allowed is allowed
    assert set(reasons(decision).values()) <= {"segregated"}


@pytest.mark.promise("LEJ-RGT-4")
def test_a_correction_and_a_recipients_scope_bite_in_the_separate_store_too():
    apart = Facts(kind="member", status="withdrawn", segregated=True)
    to_agency = {
        "purpose": "agency_cooperation",
        "items": ["name", "email"],
        "recipient": "investigative_agencies",
        "recipient_items": ["name"],
    }
    assert reasons(decide(preset("leje"), apart, **to_agency)) == {
        "email": "item_not_for_recipient"
    }
    disputed = replace(apart, restricted_items=frozenset({"name"}))
    assert reasons(decide(preset("leje"), disputed, **to_agency))["name"] == "restricted"

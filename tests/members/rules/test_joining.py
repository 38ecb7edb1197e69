"""What joining asks for, policy by policy, and where the age begins."""

import tomllib
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from compliance.rules.policy_values import Item, ItemSubject, from_toml
from members.rules import joining

PRESETS = Path(__file__).parents[3] / "compliance" / "presets"


def policy(slug):
    return from_toml(tomllib.loads((PRESETS / f"{slug}.toml").read_text(encoding="utf-8")))


def asked(slug, kind="member"):
    return {one.item: one.requirement for one in joining.asked(policy(slug), kind)}


def with_item(slug, **fields):
    subject = ItemSubject(kind="member", requirement=fields.pop("requirement"), moment="join")
    item = Item(**{"label": "X", "category": "profile", **fields}, subjects=(subject,))
    old = policy(slug)
    return replace(old, items=(*old.items, item))


@pytest.mark.promise("LEJ-1.1")
@pytest.mark.promise("LEJ-1.2")
def test_leje_asks_for_five_items_and_neither_address_nor_payment():
    assert asked("leje") == dict.fromkeys(("name", "login_id", "mobile", "email"), "required")
    assert joining.asks_password(policy("leje"), "member")


@pytest.mark.promise("MIK-3.2-R8")
@pytest.mark.promise("MIK-3.2-R13")
def test_mikmik_asks_for_no_birthday_no_sex_no_identity_value_and_no_address():
    assert set(asked("mikmik")) == {"name", "login_id", "mobile", "email"}


@pytest.mark.promise("ENG-3.1")
@pytest.mark.promise("ENG-3.4")
def test_engoo_asks_for_nothing_without_a_purpose_and_voluntary_details_later():
    assert asked("engoo") == dict.fromkeys(("name", "address", "phone", "email"), "required")


@pytest.mark.promise("KRN-1.1")
def test_krainpop_needs_only_an_address_for_the_code_and_a_login_id():
    found = asked("krainpop")
    assert {item for item, how in found.items() if how == "required"} == {"email", "login_id"}
    assert {item for item, how in found.items() if how == "conditional"} == {
        "name",
        "address",
        "phone",
    }


@pytest.mark.promise("MIK-3.2-R5")
def test_a_kind_that_needs_an_identity_check_does_not_join_here():
    assert joining.kinds(policy("mikmik")) == ("member",)
    assert {slug: joining.kinds(policy(slug)) for slug in ("leje", "engoo", "letsmasak")} == {
        "leje": ("member",),
        "engoo": ("member",),
        "letsmasak": ("member",),
    }


@pytest.mark.promise("ENG-3.4")
@pytest.mark.promise("ENG-4.13")
def test_an_extra_question_is_asked_with_what_it_is_used_for_and_never_without():
    extended = with_item("engoo", code="hobby", requirement="optional")
    use = replace(extended.uses[0], items=("hobby",), purposes=("customer_support",))
    stated = replace(extended, uses=(*extended.uses, use))
    found = {one.item: one for one in joining.asked(stated, "member")}
    assert (found["hobby"].requirement, found["hobby"].purposes) == (
        "optional",
        ("customer_support",),
    )
    assert "hobby" not in {one.item for one in joining.asked(extended, "member")}
    blocked = with_item("engoo", code="hobby", requirement="required", unused_reason="none")
    assert "hobby" not in {one.item for one in joining.asked(blocked, "member")}


def test_required_items_come_first_in_the_order_of_the_policy():
    bare = with_item("leje", code="hobby", requirement="optional")
    use = replace(bare.uses[0], items=("hobby",))
    extended = replace(bare, uses=(use, *bare.uses))
    codes = [one.item for one in joining.asked(extended, "member")]
    assert codes == ["name", "login_id", "mobile", "email", "hobby"]


def test_sensitive_items_are_never_asked_for():
    extended = with_item("leje", code="religion", requirement="required", sensitive=True)
    assert "religion" not in {one.item for one in joining.asked(extended, "member")}


TURNS_14 = date(2026, 11, 23)


@pytest.mark.promise("LEJ-2.4")
@pytest.mark.parametrize(
    ("born", "says", "under"),
    [
        (None, True, False),
        (None, False, True),
        (date(2012, 11, 23), True, False),
        (date(2012, 11, 24), True, True),
        (date(2012, 11, 24), False, True),
        (date(2012, 2, 29), False, False),
    ],
)
def test_the_age_is_reached_on_the_birthday_and_a_date_counts_more_than_a_word(born, says, under):
    assert joining.is_under_age(policy("leje"), born, says, TURNS_14) is under


def test_a_birthday_of_29_february_is_reached_on_1_march():
    born, leje = date(2012, 2, 29), policy("leje")
    assert joining.is_under_age(leje, born, True, date(2026, 2, 28))
    assert not joining.is_under_age(leje, born, True, date(2026, 3, 1))


def test_without_an_age_in_the_policy_nobody_is_under_it():
    assert not joining.is_under_age(policy("krainpop"), None, False, TURNS_14)


def test_the_time_for_an_answer_is_five_days():
    assert timedelta(days=5) == joining.ANSWER_WITHIN

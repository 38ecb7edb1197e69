"""Which columns a file of people may have, for the five policies and for one that nobody has seen."""

import pytest

from compliance.rules.policy_values import NeverCollect, Policy
from members.rules import import_columns as columns
from members.rules.import_check import PeopleCheck, Rejected
from tests.compliance.rules.policies import item, preset
from tests.members.imports.files import NOW, PEOPLE, person


def codes(policy, *header):
    return {
        (p.code, p.column) for p in columns.map_people(policy, ("external_id", *header)).problems
    }


@pytest.mark.promise("MIK-3.1a")
def test_a_member_of_mikmik_needs_the_items_asked_for_on_joining():
    assert columns.required_items(preset("mikmik"), "member") == (
        "name",
        "login_id",
        "mobile",
        "email",
    )


@pytest.mark.promise("MIK-10.2.2")
def test_a_purchaser_without_account_needs_what_the_order_needs():
    assert columns.required_items(preset("mikmik"), "nonmember") == ("name", "mobile", "email")


@pytest.mark.parametrize("slug", ["mikmik", "letsmasak", "leje", "krainpop", "engoo"])
def test_no_policy_lets_a_password_or_a_log_into_a_file_of_people(slug):
    policy = preset(slug)
    for kind in columns.kinds_of(policy):
        held = {policy.items_by_code[code] for code in columns.people_items(policy, kind)}
        assert not [one.code for one in held if one.category == "credential" or one.auto]


@pytest.mark.promise("MIK-3.2a")
@pytest.mark.parametrize(
    "name", ["race", "Nationality", "religion", "건강", "sexual orientation", "agama", "전과"]
)
def test_sensitive_categories_are_refused_by_name_with_the_clause(name):
    (problem,) = columns.map_people(preset("mikmik"), ("external_id", name)).problems
    assert problem.code == "never_collect"
    assert problem.params["clause"] == "3.2"


def test_a_category_that_a_policy_does_not_name_is_still_no_item():
    bare = Policy(slug="bare", items=(item("name"),), never_collect=NeverCollect())
    assert codes(bare, "religion") == {("item_not_listed", "religion")}


@pytest.mark.promise("ENG-3.1")
@pytest.mark.parametrize("name", ["date_of_birth", "contact_info"])
def test_an_item_without_a_purpose_stays_blocked(name):
    assert codes(preset("engoo"), name) == {("item_without_purpose", name)}


def test_labels_stand_for_items_in_any_width_and_case():
    policy = preset("engoo")
    assert codes(policy, "Alamat", "ＮＡＭＡ", " nomor   telepon ") == set()


def test_purposes_are_those_that_people_are_asked_about():
    policy = preset("mikmik")
    assert codes(policy, "consent:advertising:email", "consent:surveys") == set()
    assert codes(policy, "consent:payment") == {("consent_purpose_unknown", "consent:payment")}


@pytest.mark.parametrize(("born", "is_refused"), [("2012-11-23", False), ("2012-11-24", True)])
def test_under_the_age_of_the_policy_nobody_is_taken_in(born, is_refused):
    policy = preset("mikmik")
    header = columns.map_people(policy, (*PEOPLE, "date_of_birth"))
    found = PeopleCheck(policy, header, ("en", "ko", "id"), NOW).check(2, [*person(1), born])
    assert isinstance(found, Rejected) == is_refused

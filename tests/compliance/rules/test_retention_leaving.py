from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.calendar import Period
from compliance.rules.policy_values import Policy
from compliance.rules.retention import HeldRecord, fates_of_person, fates_on_leaving
from tests.compliance.rules.policies import SLUGS, preset, rule

LEFT = date(2027, 1, 31)


def fates(slug, items, anchors=None, left_on=LEFT, kind="member", **more):
    found = fates_on_leaving(preset(slug), kind, items, anchors or {}, left_on, **more)
    return {fate.item: fate for fate in found}


def items_of(slug: str, kind: str) -> list[str]:
    return [
        row.code for row in preset(slug).items if any(each.kind == kind for each in row.subjects)
    ]


@pytest.mark.promise("MIK-5.1b")
@pytest.mark.promise("MIK-9.1.1")
def test_one_withdrawal_at_mikmik_ends_in_five_fates():
    anchors = {
        "contract": LEFT,
        "payment": LEFT,
        "supply": LEFT,
        "case_closed": LEFT,
    }
    found = fates("mikmik", items_of("mikmik", "member"), anchors)
    ends = Counter(fate.last_day for fate in found.values() if fate.outcome != "destroy")
    assert set(ends) - {None} == {
        date(2027, 2, 28),
        date(2028, 1, 31),
        date(2030, 1, 31),
        date(2032, 1, 31),
    }
    assert found["password"].outcome == "destroy"
    assert {code for code, fate in found.items() if fate.outcome == "hold"} == {
        "name",
        "login_id",
        "ci",
        "email",
    }
    assert {code for code, fate in found.items() if fate.last_day == date(2028, 1, 31)} == {
        "login_records",
        "ip_address",
    }


@pytest.mark.promise("MIK-5.4a")
def test_the_password_is_not_held_against_rejoining():
    found = fates("mikmik", ["password", "ci"])
    assert (found["password"].outcome, found["password"].reason_code) == (
        "destroy",
        "purpose_ended",
    )
    assert (found["ci"].outcome, found["ci"].clause) == ("hold", "5.4")


@pytest.mark.promise("MIK-5.2.4")
@pytest.mark.parametrize(
    ("left_on", "outcome", "reason"),
    [
        (date(2026, 4, 30), "segregate", "period_runs"),
        (date(2026, 5, 1), "segregate", "period_runs"),
        (date(2026, 5, 2), "destroy", "period_elapsed"),
        (date(2026, 12, 1), "destroy", "period_elapsed"),
    ],
)
def test_a_period_that_ran_out_during_membership_ends_at_leaving(left_on, outcome, reason):
    anchors = {"contract": date(2021, 5, 1)}
    fate = fates("mikmik", ["contract_records"], anchors, left_on)["contract_records"]
    assert (fate.outcome, fate.reason_code, fate.rule_code) == (outcome, reason, "contract_5y")


@pytest.mark.promise("LEJ-RET-0")
@pytest.mark.promise("LEJ-RET-1")
def test_a_leje_leaver_without_a_case_is_destroyed_whole():
    found = fates("leje", ["name", "login_id", "password", "mobile", "email"])
    assert {fate.outcome for fate in found.values()} == {"destroy"}


@pytest.mark.promise("LEJ-RET-1")
def test_only_a_flagged_leje_leaver_is_held_ten_years():
    found = fates("leje", ["name", "email", "address"], flags=["fraud_hold"])
    assert (found["name"].outcome, found["name"].last_day) == ("segregate", date(2037, 1, 31))
    assert found["address"].outcome == "destroy"


@pytest.mark.promise("LEJ-RET-6")
def test_a_leje_order_stays_and_takes_name_and_login_id_along():
    anchors = {"payment": date(2026, 3, 1), "supply": date(2026, 3, 5)}
    found = fates("leje", ["name", "login_id", "email", "payment_records"], anchors)
    assert found["payment_records"].outcome == "segregate"
    assert found["email"].outcome == "destroy"
    for code in ("name", "login_id"):
        assert (found[code].outcome, found[code].reason_code) == ("segregate", "travels_along")
        assert found[code].last_day == date(2031, 3, 5)


def test_identity_travels_only_with_records_that_stay():
    anchors = {"payment": date(2016, 3, 1), "supply": date(2016, 3, 5)}
    found = fates("leje", ["name", "payment_records"], anchors)
    assert found["payment_records"].reason_code == "period_elapsed"
    assert (found["name"].outcome, found["name"].travels_with) == ("destroy", ())


def test_a_held_identity_item_also_travels():
    anchors = {"payment": date(2026, 3, 1), "supply": date(2026, 3, 5)}
    found = fates("mikmik", ["name", "email", "payment_records"], anchors)
    assert found["name"].outcome == "hold"
    assert [copy.record_class for copy in found["name"].travels_with] == ["payment_records"]
    assert found["email"].travels_with == ()


def test_over_several_records_identity_travels_as_long_as_the_longest():
    def order(ref: str, year: int) -> HeldRecord:
        day = date(year, 3, 1)
        return HeldRecord(ref, ("payment_records",), {"payment": day, "supply": day})

    records = [
        HeldRecord("account", ("name", "email"), {}),
        order("old", 2016),
        order("one", 2025),
        order("two", 2026),
    ]
    found = fates_of_person(preset("leje"), "member", records, LEFT)
    assert found["old"][0].outcome == "destroy"
    assert [found[ref][0].last_day for ref in ("one", "two")] == [
        date(2030, 3, 1),
        date(2031, 3, 1),
    ]
    name, email = found["account"]
    assert (name.outcome, name.last_day) == ("segregate", date(2031, 3, 1))
    assert email.outcome == "destroy"


@pytest.mark.promise("KRN-6.1")
def test_a_rule_without_a_figure_gives_way_to_destruction():
    found = fates("krainpop", ["payment_info", "ip_address", "name"])
    assert {fate.outcome for fate in found.values()} == {"destroy"}
    assert found["payment_info"].rule_code == "purpose_end"


@pytest.mark.promise("MIK-14.2")
def test_a_rule_without_a_figure_that_stands_alone_keeps_and_says_so():
    fate = fates("mikmik", ["post_content"])["post_content"]
    assert (fate.outcome, fate.reason_code, fate.stated) == ("keep", "period_missing", False)


@pytest.mark.promise("ENG-4.7")
def test_an_unfinished_check_does_not_keep_the_document_of_a_leaver():
    fate = fates("engoo", ["id_document"])["id_document"]
    assert fate.outcome == "destroy"


@pytest.mark.parametrize(
    ("block", "kept"),
    [
        ("legal_request", {"password", "email", "payment_records"}),
        ("open_dispute", {"password", "email", "payment_records"}),
        ("unpaid_claim", {"password", "email"}),
        ("contract_of_use_running", set()),
    ],
)
def test_a_running_hold_keeps_what_its_rules_name(block, kept):
    anchors = {"payment": date(2026, 3, 1), "supply": date(2026, 3, 5)}
    found = fates("mikmik", ["password", "email", "payment_records"], anchors, blocks=[block])
    held = {code for code, fate in found.items() if fate.reason_code == block}
    assert held == kept
    assert all(found[code].outcome == "keep" for code in held)


@pytest.mark.parametrize("order", [("statutory", "legal_request"), ("legal_request", "statutory")])
def test_the_services_own_order_of_reasons_decides(order):
    kept = rule(
        "law",
        ["name"],
        Period(years=1),
        basis="statutory",
        storage="separate",
        trigger="membership_left",
        blocked_by=("legal_request",),
    )
    policy = Policy(slug="s", precedence=order, retention=(kept,))
    fate = fates_on_leaving(policy, "member", ["name"], {}, LEFT, blocks=["legal_request"])[0]
    assert fate.outcome == ("segregate" if order[0] == "statutory" else "keep")


def test_a_flagged_case_is_also_released_by_a_later_day():
    found = fates(
        "mikmik",
        ["di"],
        {"illegal_use_found": date(2026, 10, 22)},
        date(2026, 11, 22),
        flags=["illegal_use_1m"],
    )
    assert (found["di"].outcome, found["di"].last_day) == ("hold", date(2026, 11, 22))
    found = fates(
        "mikmik",
        ["di"],
        {"illegal_use_found": date(2026, 10, 22)},
        date(2026, 11, 23),
        flags=["illegal_use_1m"],
    )
    assert found["di"].outcome == "destroy"


@pytest.mark.parametrize("slug", SLUGS)
def test_every_item_of_every_policy_has_one_fate_with_a_reason(slug):
    policy = preset(slug)
    kinds = {each.kind for row in policy.items for each in row.subjects}
    for kind in sorted(kinds):
        codes = items_of(slug, kind)
        found = fates_on_leaving(policy, kind, codes, {}, LEFT)
        assert [fate.item for fate in found] == codes
        assert all(fate.reason_code for fate in found)


PERIODS = st.sampled_from([None, 0, 1, 5, 30, 400])
RULES = st.lists(
    st.tuples(
        st.sets(st.sampled_from("abc"), min_size=1),
        PERIODS,
        st.sampled_from(["statutory", "internal", "policy"]),
        st.sampled_from(["separate", "hold", "active", "none"]),
    ),
    max_size=5,
)


@given(RULES, st.integers(0, 500))
def test_an_item_is_destroyed_exactly_when_no_day_of_any_rule_is_left(rows, ago):
    """Oracle: list the days each rule keeps, without ranks, and look for today or later."""
    rules = tuple(
        rule(
            f"r{number}",
            sorted(items),
            None if days is None else Period(days=days),
            basis=basis,
            storage=storage,
            trigger="record_created",
        )
        for number, (items, days, basis, storage) in enumerate(rows)
    )
    anchor = LEFT - timedelta(days=ago)
    policy = Policy(slug="s", retention=rules)
    for fate in fates_on_leaving(policy, "member", "abc", {"record_created": anchor}, LEFT):
        mine = [row for row in rows if fate.item in row[0]]
        kept_today = any(
            days and LEFT in {anchor + timedelta(days=n) for n in range(days + 1)}
            for _, days, _, _ in mine
        )
        figureless = bool(mine) and all(days is None for _, days, _, _ in mine)
        assert (fate.outcome == "destroy") == (not kept_today and not figureless)
        if fate.last_day:
            assert fate.last_day >= LEFT


@pytest.mark.promise("MIK-8.3")
@pytest.mark.parametrize(
    ("found_on", "outcome", "last_day"),
    [
        (date(2027, 1, 15), "hold", date(2027, 2, 15)),
        (date(2026, 12, 30), "destroy", None),
    ],
)
def test_what_is_a_victims_leaves_a_month_after_the_finding_and_travels_with_nothing(
    found_on, outcome, last_day
):
    aside = HeldRecord("aside", ("name", "login_id", "email"), {"illegal_use_found": found_on})
    paid = HeldRecord("paid", ("payment_records",), {"payment": LEFT, "supply": LEFT})
    fates = fates_of_person(
        preset("mikmik"), "member", [aside, paid], LEFT, flags={"illegal_use_1m"}
    )
    assert fates["paid"][0].outcome == "segregate"
    for fate in fates["aside"]:
        assert (fate.outcome, fate.last_day, fate.travels_with) == (outcome, last_day, ())
        assert fate.rule_code == "illegal_use_1m"

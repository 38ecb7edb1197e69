from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.calendar import Period
from compliance.rules.policy_values import Policy
from compliance.rules.retention import (
    due,
    explain,
    group_by_class,
    held_on,
    home_class,
    home_rule,
    needs_case,
)
from tests.compliance.rules.policies import SLUGS, preset, rule

DAYS = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


def retention_rule(slug: str, code: str):
    return preset(slug).retention_by_code[code]


CLOCKS = [
    pytest.param("mikmik", "contract_5y", {"contract": "2021-11-22"}, "2026-11-22",
                 marks=pytest.mark.promise("MIK-5.2.1")),
    pytest.param("mikmik", "payment_5y", {"payment": "2021-11-20", "supply": "2021-11-22"},
                 "2026-11-22", marks=pytest.mark.promise("MIK-5.2.2")),
    pytest.param("mikmik", "complaint_3y", {"case_closed": "2023-11-22"}, "2026-11-22",
                 marks=pytest.mark.promise("MIK-5.2.3")),
    pytest.param("mikmik", "rejoin_identity_1m", {"membership_left": "2027-01-31"}, "2027-02-28",
                 marks=pytest.mark.promise("MIK-5.4a")),
    pytest.param("mikmik", "rejoin_log_12m", {"membership_left": "2025-11-22"}, "2026-11-22",
                 marks=pytest.mark.promise("MIK-5.4b")),
    pytest.param("mikmik", "dormancy_1y", {"last_use": "2014-08-17"}, "2015-08-17",
                 marks=pytest.mark.promise("MIK-5.5b")),
    pytest.param("mikmik", "illegal_use_1m",
                 {"illegal_use_found": "2026-10-22", "membership_left": "2026-11-01"},
                 "2026-11-22", marks=pytest.mark.promise("MIK-8.3")),
    pytest.param("mikmik", "seller_3m", {"purchase_confirmed": "2026-11-30"}, "2027-02-28",
                 marks=pytest.mark.promise("MIK-6.1d")),
    pytest.param("leje", "fraud_hold", {"contract_terminated": "2016-11-22"}, "2026-11-22",
                 marks=pytest.mark.promise("LEJ-RET-1")),
    pytest.param("leje", "contract_5y", {"contract": "2021-11-22"}, "2026-11-22",
                 marks=pytest.mark.promise("LEJ-RET-2")),
    pytest.param("leje", "payment_5y", {"payment": "2021-03-01", "supply": "2021-03-05"},
                 "2026-03-05", marks=pytest.mark.promise("LEJ-RET-3")),
    pytest.param("leje", "complaint_3y", {"case_closed": "2023-05-01"}, "2026-05-01",
                 marks=pytest.mark.promise("LEJ-RET-4")),
    pytest.param("leje", "log_3m", {"record_created": "2026-11-30"}, "2027-02-28",
                 marks=pytest.mark.promise("LEJ-RET-5")),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "code", "anchors", "last"), CLOCKS)
def test_each_rule_keeps_through_its_last_day_and_ends_the_day_after(slug, code, anchors, last):
    found, days = retention_rule(slug, code), {name: day(text) for name, text in anchors.items()}
    ends = due(found, days, preset(slug).timezone)
    assert ends.last_day == day(last)
    assert ends.due_on == day(last) + timedelta(days=1)
    for offset, held in ((-1, True), (0, True), (1, False)):
        assert held_on(found, days, day(last) + timedelta(days=offset)).held is held


def test_destruction_may_run_from_local_midnight_of_the_day_after():
    ends = due(
        retention_rule("mikmik", "contract_5y"), {"contract": day("2021-11-22")}, "Asia/Seoul"
    )
    assert ends.destroy_from == datetime(2026, 11, 22, 15, tzinfo=UTC)


def test_at_once_is_due_on_the_day_of_the_event_itself():
    ends = due(
        retention_rule("mikmik", "purpose_end"), {"purpose_achieved": day("2026-12-01")}, "UTC"
    )
    assert (ends.at_once, ends.due_on) == (True, day("2026-12-01"))


@pytest.mark.parametrize(
    "anchors", [{}, {"payment": date(2026, 1, 1)}, {"supply": date(2026, 1, 1)}]
)
def test_the_later_of_payment_and_supply_is_unknown_until_both_happened(anchors):
    found = retention_rule("mikmik", "payment_5y")
    assert due(found, anchors, "Asia/Seoul") is None
    assert held_on(found, anchors, day("2050-01-01")).reason_code == "clock_not_started"


def test_a_clock_stored_under_its_own_name_needs_no_parts():
    anchors = {"payment_or_supply_later": day("2021-03-05")}
    ends = due(retention_rule("leje", "payment_5y"), anchors, "Asia/Seoul")
    assert (ends.last_day, dict(ends.inputs)) == (day("2026-03-05"), anchors)


def test_a_withdrawn_contract_runs_from_its_withdrawal():
    anchors = {"contract": day("2021-01-10"), "withdrawal": day("2021-02-10")}
    ends = due(retention_rule("mikmik", "contract_5y"), anchors, "Asia/Seoul")
    assert ends.last_day == day("2026-02-10")


@pytest.mark.promise("LEJ-RET-4")
def test_an_open_case_does_not_expire():
    found = retention_rule("leje", "complaint_3y")
    assert held_on(found, {}, day("2036-01-01")).held


@pytest.mark.promise("KRN-6.2")
def test_a_rule_without_a_figure_never_runs():
    found = retention_rule("krainpop", "legal_period")
    anchors = {"record_created": day("2026-11-22")}
    assert due(found, anchors, "Asia/Seoul") is None
    assert held_on(found, anchors, day("2026-11-22")).reason_code == "period_missing"


@pytest.mark.promise("MIK-5.2.4")
def test_a_period_that_is_over_does_not_end_while_the_contract_of_use_runs():
    found, anchors = retention_rule("mikmik", "contract_5y"), {"contract": day("2019-05-01")}
    running = held_on(found, anchors, day("2026-11-22"), blocks=["contract_of_use_running"])
    assert (running.held, running.reason_code) == (True, "contract_of_use_running")
    assert running.last_day == day("2024-05-01")


def test_a_block_counts_only_where_the_rule_names_it():
    found, anchors = retention_rule("leje", "contract_5y"), {"contract": day("2019-05-01")}
    blocked = held_on(found, anchors, day("2026-11-22"), blocks=["contract_of_use_running"])
    assert not blocked.held


@given(DAYS, st.integers(0, 11), st.integers(0, 45), st.integers(-3, 3))
def test_a_record_is_held_exactly_on_the_days_of_its_period(anchor, months, days, offset):
    period = Period(months=months, days=days)
    one = rule("one", ["name"], period)
    kept_days = {anchor + timedelta(days=n) for n in range(1, days + 1)} if not months else None
    on = anchor + timedelta(days=days + offset)
    held = held_on(one, {"purpose_achieved": anchor}, on).held
    if kept_days is not None and on > anchor:
        assert held == (on in kept_days)
    ends = due(one, {"purpose_achieved": anchor}, "Asia/Seoul")
    assert held_on(one, {"purpose_achieved": anchor}, ends.due_on).held is False
    assert held_on(one, {"purpose_achieved": anchor}, ends.due_on - timedelta(days=1)).held


@pytest.mark.parametrize(
    ("slug", "item", "kind", "home"),
    [
        ("mikmik", "name", "member", "account_data"),
        ("mikmik", "payment_records", "member", "payment_records"),
        ("mikmik", "payment_records", "nonmember", "payment_records"),
        ("mikmik", "complaint_records", "business", "complaint_records"),
        ("mikmik", "login_records", "member", "account_data"),
        ("mikmik", "post_content", "member", "user_posts"),
        ("mikmik", "receiver_name", "receiver", "account_data"),
        ("mikmik", "nickname", "member", None),
        ("leje", "access_logs", "member", "log_records"),
        ("leje", "ip_address", "member", "account_data"),
        ("leje", "abuse_records", "member", "account_data"),
        ("krainpop", "ip_address", "visitor", "log_records"),
        ("engoo", "id_document", "payee", "id_documents"),
        ("letsmasak", "purchase_history", "member", "account_data"),
    ],
)
def test_an_item_lives_in_the_class_whose_clock_it_obeys(slug, item, kind, home):
    assert home_class(preset(slug), item, kind) == home


@pytest.mark.parametrize("slug", SLUGS)
def test_every_item_of_every_kind_of_person_has_a_home_with_a_rule(slug):
    policy = preset(slug)
    for row in policy.items:
        for subject in row.subjects:
            home = home_class(policy, row.code, subject.kind)
            assert home is not None, (row.code, subject.kind)
            assert home_rule(policy, home, subject.kind) is not None


def test_items_are_grouped_by_class_in_their_order():
    assert group_by_class(
        preset("mikmik"), "member", ["payment_records", "name", "email", "x"]
    ) == {
        "payment_records": ("payment_records",),
        "account_data": ("name", "email"),
        None: ("x",),
    }


@pytest.mark.parametrize(
    ("slug", "code", "case"),
    [
        ("leje", "fraud_hold", True),
        ("mikmik", "illegal_use_1m", True),
        ("mikmik", "rejoin_identity_1m", False),
        ("mikmik", "rejoin_log_12m", False),
        ("krainpop", "ip_visit", False),
        ("leje", "purpose_end", False),
    ],
)
def test_a_ceiling_of_an_internal_policy_is_no_default_for_everybody(slug, code, case):
    assert needs_case(retention_rule(slug, code)) is case


@pytest.mark.parametrize(
    ("slug", "item", "anchors", "state", "until", "next_outcome"),
    [
        ("mikmik", "password", {}, "while_member", None, "destroy"),
        ("mikmik", "email", {}, "while_member", None, "hold"),
        ("mikmik", "login_records", {}, "while_member", None, "segregate"),
        ("mikmik", "contract_records", {"contract": "2021-11-22"}, "until_and_while_member",
         "2026-11-22", "segregate"),
        ("mikmik", "contract_records", {"contract": "2019-05-01"}, "until_and_while_member",
         "2024-05-01", "destroy"),
        ("mikmik", "complaint_records", {}, "clock_not_started", None, "segregate"),
        ("leje", "access_logs", {"record_created": "2026-11-01"}, "until", "2027-02-01",
         "segregate"),
        ("leje", "email", {}, "while_member", None, "destroy"),
        ("krainpop", "payment_info", {}, "period_missing", None, "destroy"),
        ("mikmik", "post_content", {}, "period_missing", None, "keep"),
        ("letsmasak", "nickname", {}, "while_member", None, "destroy"),
    ],
)  # fmt: skip
def test_an_active_member_reads_why_and_what_comes_next(
    slug, item, anchors, state, until, next_outcome
):
    days = {name: day(text) for name, text in anchors.items()}
    told = explain(preset(slug), "member", item, days, day("2026-11-22"))
    assert told.state_code == state
    assert told.kept_until == (until and day(until))
    assert told.what_next.outcome == next_outcome


def test_a_suggested_figure_is_not_shown_as_a_promise():
    told = explain(preset("letsmasak"), "member", "name", {}, day("2026-11-22"))
    assert (told.stated, told.clause) == (False, "")
    told = explain(preset("mikmik"), "member", "name", {}, day("2026-11-22"))
    assert (told.stated, told.clause) == (True, "5.1")


def test_an_item_without_any_rule_says_so():
    told = explain(Policy(slug="bare"), "member", "name", {}, day("2026-11-22"))
    assert (told.state_code, told.record_class, told.what_next.reason_code) == (
        "no_rule",
        None,
        "no_rule",
    )


def test_the_explanation_names_what_travels_with_the_records():
    told = explain(
        preset("mikmik"),
        "member",
        "name",
        {"payment": day("2026-01-01"), "supply": day("2026-01-05")},
        day("2026-11-22"),
        held_items=["payment_records"],
    )
    assert [(copy.record_class, copy.last_day) for copy in told.what_next.travels_with] == [
        ("payment_records", day("2031-01-05"))
    ]

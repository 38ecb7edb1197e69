"""Every clock of the five policies, with its days written by hand.

Two events: one on 30 November 2026, whose quarter ends in a short February, and one on a leap day.
"""

from datetime import UTC, date, datetime

import pytest

from compliance.rules.calendar import day_has_passed
from compliance.rules.retention import due, explain, fates_of_person, fates_on_leaving, held_on
from compliance.rules.retention_leaving import HeldRecord
from tests.compliance.rules.policies import SLUGS, preset

AUTUMN, LEAP = date(2026, 11, 30), date(2028, 2, 29)

# Figure: last day kept and first day of destruction, for the event in autumn and for the one on the leap day.
HAND = {
    "P0D": ("2026-11-30", "2026-11-30", "2028-02-29", "2028-02-29"),
    "P1M": ("2026-12-30", "2026-12-31", "2028-03-29", "2028-03-30"),
    "P3M": ("2027-02-28", "2027-03-01", "2028-05-29", "2028-05-30"),
    "P12M": ("2027-11-30", "2027-12-01", "2029-02-28", "2029-03-01"),
    "P1Y": ("2027-11-30", "2027-12-01", "2029-02-28", "2029-03-01"),
    "P3Y": ("2029-11-30", "2029-12-01", "2031-02-28", "2031-03-01"),
    "P5Y": ("2031-11-30", "2031-12-01", "2033-02-28", "2033-03-01"),
    "P10Y": ("2036-11-30", "2036-12-01", "2038-02-28", "2038-03-01"),
}
TABLE = {
    ("letsmasak", "purpose_end"): ("P0D", "purpose_achieved", "", False, "LMK-2"),
    ("leje", "purpose_end"): ("P0D", "purpose_achieved", "§3 principle", True, "LEJ-RET-0"),
    ("leje", "fraud_hold"): ("P10Y", "contract_terminated", "§3 internal policy", True, "LEJ-RET-1"),
    ("leje", "contract_5y"): ("P5Y", "contract_or_withdrawal", "§3 statutes", True, "LEJ-RET-2"),
    ("leje", "payment_5y"): ("P5Y", "payment_or_supply_later", "§3 statutes", True, "LEJ-RET-3"),
    ("leje", "complaint_3y"): ("P3Y", "case_closed", "§3 statutes", True, "LEJ-RET-4"),
    ("leje", "log_3m"): ("P3M", "record_created", "§3 statutes", True, "LEJ-RET-5"),
    ("krainpop", "purpose_end"): ("P0D", "purpose_achieved", "6①", True, "KRN-6.1"),
    ("engoo", "purpose_end"): ("P0D", "purpose_achieved", "", False, "ENG-4"),
    ("engoo", "id_document_scan"): ("P0D", "check_completed", "4(7)", False, "ENG-4.7"),
    ("mikmik", "purpose_end"): ("P0D", "purpose_achieved", "5.1", True, "MIK-5.1b"),
    ("mikmik", "contract_5y"): ("P5Y", "contract_or_withdrawal", "5.2.1", True, "MIK-5.2.1"),
    ("mikmik", "payment_5y"): ("P5Y", "payment_or_supply_later", "5.2.2", True, "MIK-5.2.2"),
    ("mikmik", "complaint_3y"): ("P3Y", "case_closed", "5.2.3", True, "MIK-5.2.3"),
    ("mikmik", "rejoin_identity_1m"): ("P1M", "membership_left", "5.4", True, "MIK-5.4a"),
    ("mikmik", "rejoin_log_12m"): ("P12M", "membership_left", "5.4", True, "MIK-5.4b"),
    ("mikmik", "dormancy_1y"): ("P1Y", "last_use", "5.5", True, "MIK-5.5b"),
    ("mikmik", "illegal_use_1m"): ("P1M", "illegal_use_found_or_left", "8.3", True, "MIK-8.3"),
    ("mikmik", "seller_3m"): ("P3M", "purchase_confirmed", "6.1", True, "MIK-6.1d"),
    ("mikmik", "partner_end"): ("P0D", "partnership_ended", "6.4", True, "MIK-6.4b"),
    ("mikmik", "cookie_session"): ("P0D", "session_ended", "15.4", True, "MIK-15.4"),
}  # fmt: skip
TO_BE_ENTERED = {
    ("krainpop", "legal_period"),
    ("krainpop", "ip_visit"),
    ("mikmik", "posts_exit"),
}
# The hour, in UTC, at which a day begins: the day before at 15:00 is midnight in Seoul.
MIDNIGHT = {"leje": 15, "mikmik": 15, "krainpop": 16, "letsmasak": 16, "engoo": 17}
ROWS = [
    pytest.param(slug, code, *row[:4], id=f"{slug}-{code}", marks=pytest.mark.promise(row[4]))
    for (slug, code), row in TABLE.items()
]


def day(text: str) -> date:
    return date.fromisoformat(text)


def midnight(slug: str, on: str) -> datetime:
    """The moment at which a local day begins, by the hour of the table."""
    before = date.fromordinal(day(on).toordinal() - 1)
    return datetime(before.year, before.month, before.day, MIDNIGHT[slug], tzinfo=UTC)


def test_every_rule_of_the_five_policies_stands_in_the_table():
    found = {(slug, rule.code): rule.period for slug in SLUGS for rule in preset(slug).retention}
    assert {key for key, period in found.items() if period is None} == TO_BE_ENTERED
    assert set(found) == set(TABLE) | TO_BE_ENTERED


@pytest.mark.parametrize(("slug", "code", "figure", "trigger", "clause", "stated"), ROWS)
def test_each_figure_gives_its_last_day_and_its_first_day_of_destruction(
    slug, code, figure, trigger, clause, stated
):
    rule = preset(slug).retention_by_code[code]
    assert (str(rule.period), rule.trigger, rule.clause, rule.stated) == (
        figure,
        trigger,
        clause,
        stated,
    )
    autumn_last, autumn_first, leap_last, leap_first = HAND[figure]
    for event, last, first in (
        (AUTUMN, autumn_last, autumn_first),
        (LEAP, leap_last, leap_first),
    ):
        ends = due(rule, {trigger: event}, preset(slug).timezone)
        assert (ends.last_day, ends.due_on) == (day(last), day(first))
        assert ends.destroy_from == midnight(slug, first)
        assert not held_on(rule, {trigger: event}, day(first)).held
        if figure != "P0D":
            assert held_on(rule, {trigger: event}, day(last)).held


@pytest.mark.parametrize("slug", sorted(MIDNIGHT))
def test_the_last_day_is_over_at_local_midnight_and_not_a_second_before(slug):
    turn = midnight(slug, "2031-12-01")
    zone = preset(slug).timezone
    assert day_has_passed(day("2031-11-30"), turn, zone)
    assert not day_has_passed(day("2031-11-30"), turn.replace(hour=turn.hour - 1, minute=59), zone)


@pytest.mark.parametrize(
    ("held", "kind", "days", "state", "last", "next_on"),
    [
        ("payment_records", "nonmember", {"payment": "2026-11-20", "supply": "2026-11-22"},
         "until", "2031-11-22", "2031-11-23"),
        ("contract_records", "nonmember", {"contract": "2028-02-29"},
         "until", "2033-02-28", "2033-03-01"),
        ("complaint_records", "nonmember", {"case_closed": "2026-11-30"},
         "until", "2029-11-30", "2029-12-01"),
        ("complaint_records", "nonmember", {}, "clock_not_started", None, None),
        ("payment_records", "member", {"payment": "2026-11-20", "supply": "2026-11-22"},
         "until_and_while_member", "2031-11-22", None),
    ],
)  # fmt: skip
def test_the_story_of_a_record_tells_the_days_written_by_hand(
    held, kind, days, state, last, next_on
):
    anchors = {name: day(text) for name, text in days.items()}
    told = explain(preset("mikmik"), kind, held, anchors, day("2026-11-30"))
    assert (told.state_code, told.kept_until, told.next_on) == (
        state,
        last and day(last),
        next_on and day(next_on),
    )


@pytest.mark.promise("LEJ-RGT-6")
def test_what_is_deleted_on_request_at_leje_meets_the_fates_of_leaving_and_no_other():
    records = [
        HeldRecord("account", ("name", "login_id", "email", "mobile", "address"), {}),
        HeldRecord("order", ("payment_records",), {"payment": AUTUMN, "supply": AUTUMN}),
        HeldRecord("old order", ("payment_records",), {"payment": day("2021-11-29"), "supply": day("2021-11-29")}),
        HeldRecord("visit", ("access_logs",), {"record_created": AUTUMN}),
    ]  # fmt: skip
    found = fates_of_person(preset("leje"), "member", records, AUTUMN)
    kept = {
        (ref, fate.item): fate.last_day
        for ref, fates in found.items()
        for fate in fates
        if fate.outcome != "destroy"
    }
    assert kept == {
        ("order", "payment_records"): day("2031-11-30"),
        ("account", "name"): day("2031-11-30"),
        ("account", "login_id"): day("2031-11-30"),
        ("visit", "access_logs"): day("2027-02-28"),
    }
    outcomes = {fate.outcome for fates in found.values() for fate in fates}
    assert outcomes == {"destroy", "segregate"}, "nothing deleted stays where staff search"


@pytest.mark.promise("LEJ-RET-1")
@pytest.mark.parametrize("left_on", [AUTUMN, LEAP])
def test_ten_years_at_leje_need_a_flag_and_take_four_items_and_the_reason(left_on):
    items = ("name", "login_id", "mobile", "email", "abuse_records", "address", "password")
    plain = fates_on_leaving(preset("leje"), "member", items, {}, left_on)
    assert {fate.outcome for fate in plain} == {"destroy"}
    flagged = fates_on_leaving(preset("leje"), "member", items, {}, left_on, flags=["fraud_hold"])
    assert {fate.item for fate in flagged if fate.outcome == "segregate"} == set(items[:5])
    ends = {AUTUMN: "2036-11-30", LEAP: "2038-02-28"}
    assert {fate.last_day for fate in flagged if fate.outcome == "segregate"} == {
        day(ends[left_on])
    }


@pytest.mark.promise("LEJ-RET-5")
@pytest.mark.parametrize(
    ("blocks", "on", "held"),
    [
        ((), "2027-02-28", True),
        ((), "2027-03-01", False),
        (("legal_request",), "2027-03-01", True),
        (("unpaid_claim",), "2027-03-01", False),
    ],
)
def test_three_months_of_logs_are_a_floor_and_a_ceiling_unless_a_hold_applies(blocks, on, held):
    rule = preset("leje").retention_by_code["log_3m"]
    found = held_on(rule, {"record_created": AUTUMN}, day(on), blocks=blocks)
    assert found.held is held


@pytest.mark.promise("MIK-8.3")
def test_illegally_used_information_keeps_the_month_for_identity_and_twelve_months_for_visits():
    items = ("name", "login_id", "ci", "email", "password", "login_records", "ip_address")
    found = fates_on_leaving(
        preset("mikmik"), "member", items, {}, AUTUMN, flags=["illegal_use_1m"]
    )
    assert {fate.item: (fate.outcome, fate.last_day) for fate in found} == {
        **dict.fromkeys(("name", "login_id", "ci", "email"), ("hold", day("2026-12-30"))),
        **dict.fromkeys(("login_records", "ip_address"), ("segregate", day("2027-11-30"))),
        "password": ("destroy", None),
    }

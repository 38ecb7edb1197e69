"""Until when an enquiry is answered, when to warn, how long its texts are kept, and what an answer may use."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.rules import policy_values
from members.rules import enquiry
from tests.compliance.policy_files import boot_shop, preset

SEOUL = ZoneInfo("Asia/Seoul")


def policy(name):
    return policy_values.from_toml(preset(name))


def seoul(day, clock="12:00"):
    return datetime.fromisoformat(f"2026-11-{day:02d}T{clock}").replace(tzinfo=SEOUL)


@pytest.mark.promise("MIK-17.3b")
@pytest.mark.parametrize("channel", ["email", "fax", "writing"])
def test_an_answer_is_due_after_24_elapsed_hours_weekends_included(channel):
    saturday = seoul(21)
    due = enquiry.answer_by(policy("mikmik"), "enquiry", channel, saturday)
    assert due.at == seoul(22)
    assert due.clause == "17.3"


@pytest.mark.promise("MIK-17.3b")
def test_the_warning_comes_at_20_of_24_hours():
    received = seoul(21)
    assert enquiry.warn_at(received, received + timedelta(hours=24)) == seoul(22, "08:00")
    assert enquiry.warn_at(received, None) is None


@pytest.mark.promise("MIK-18.2")
def test_the_form_has_the_target_of_the_other_ways():
    assert enquiry.answer_by(policy("mikmik"), "enquiry", "web", seoul(23)).at == seoul(24)
    assert enquiry.answer_by(policy("mikmik"), "complaint", "web", seoul(23)).at == seoul(24)


@pytest.mark.promise("MIK-17.3a")
@pytest.mark.parametrize(
    ("called", "due"),
    [
        (seoul(23, "17:30"), seoul(24, "10:00")),  # Monday after hours: 08:30 UTC.
        (seoul(23, "09:59"), seoul(23, "10:00")),
        (seoul(23, "10:00"), seoul(23, "17:00")),
        (seoul(23, "16:59"), seoul(23, "17:00")),
        (seoul(23, "17:00"), seoul(24, "10:00")),
        (seoul(20, "18:00"), seoul(23, "10:00")),  # Friday evening.
        (seoul(21, "12:00"), seoul(23, "10:00")),
    ],
)
def test_a_call_outside_hours_is_called_back_at_the_next_opening(called, due):
    assert enquiry.answer_by(policy("mikmik"), "enquiry", "phone", called).at == due
    assert enquiry.answer_by(policy("mikmik"), "enquiry", "phone", called.astimezone(UTC)).at == due


@pytest.mark.promise("MIK-17.3a")
def test_hours_are_those_of_the_zone_of_the_policy():
    phone = next(row for row in policy("mikmik").contacts if row.channel == "phone")
    assert enquiry.is_open(phone, "UTC", datetime(2026, 11, 23, 7, 59, tzinfo=UTC))
    assert not enquiry.is_open(phone, "UTC", datetime(2026, 11, 23, 8, 0, tzinfo=UTC))
    assert not enquiry.is_open(phone, "UTC", datetime(2026, 11, 22, 3, 0, tzinfo=UTC))


@pytest.mark.promise("ENG-7.4")
def test_a_policy_without_a_figure_gives_none_by_whatever_way():
    engoo = policy("engoo")
    found = {enquiry.answer_by(engoo, "complaint", way, seoul(23)) for way in ("email", "web")}
    assert {(due.at, due.clause) for due in found} == {(None, "5")}


def test_a_company_that_nobody_here_has_seen():
    boots = policy_values.from_toml(boot_shop())
    assert enquiry.answer_by(boots, "enquiry", "email", seoul(23)).at is None
    assert enquiry.needed_items(boots, "member") == {}
    assert enquiry.complaint_item(boots, "member") == ""


@pytest.mark.promise("MIK-5.2.3", "LEJ-8")
@pytest.mark.parametrize("name", ["mikmik", "leje"])
def test_a_complaint_is_kept_three_years_from_the_end_of_its_case(name):
    assert enquiry.complaint_item(policy(name), "member") == "complaint_records"
    closed = date(2026, 11, 23)
    assert enquiry.destroy_from(policy(name), "complaint", closed) == date(2029, 11, 24)


def test_an_answered_enquiry_goes_within_the_limit_of_destruction():
    closed = date(2026, 11, 23)
    assert enquiry.destroy_from(policy("krainpop"), "enquiry", closed) == date(2026, 11, 27)
    assert enquiry.destroy_from(policy("krainpop"), "complaint", closed) == date(2026, 11, 27)


@pytest.mark.promise("KRN-8")
def test_only_where_the_policy_says_so_is_a_complaint_a_dispute():
    found = {
        name
        for name in ("krainpop", "mikmik", "leje", "engoo", "letsmasak")
        if enquiry.opens_dispute(policy(name))
    }
    assert found == {"krainpop"}


@pytest.mark.promise("LMK-2k")
def test_an_answer_may_use_what_the_policy_names_for_it_and_no_bank_account():
    needed = enquiry.needed_items(policy("letsmasak"), "member")
    assert {"enquiry_content", "usage_fees", "contact_address"} <= set(needed)
    assert set(needed.values()) == {"customer_support"}
    hidden = {"bank_account", "credit_card_number", "password"}
    assert not hidden & set(needed)

"""Until when the policy wants an answer, and what a person changes alone."""

import tomllib
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from compliance.rules.policy_values import from_toml
from members.models import RightsRequest
from members.rules import requests as rule
from tests.tools import cast

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@cache
def policy(slug):
    return from_toml(tomllib.loads((cast.PRESETS / f"{slug}.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("slug", "kind", "channel", "after", "clause"),
    [
        ("mikmik", "rectification", "phone", timedelta(days=1), "7.1"),
        ("mikmik", "rectification", "web", timedelta(days=1), "7.1"),
        ("mikmik", "rectification", "fax", timedelta(days=1), "7.1"),
        ("mikmik", "access", "web", timedelta(0), "7.1"),
        ("mikmik", "access", "writing", timedelta(days=1), "7.1"),
        ("mikmik", "transaction_access", "phone", timedelta(0), "5.3"),
        ("mikmik", "consent_withdrawal", "email", timedelta(hours=1), "8.1"),
        ("mikmik", "enquiry", "email", timedelta(hours=24), "17.3"),
        ("mikmik", "enquiry", "phone", None, "17.3"),
        ("mikmik", "erasure", "web", timedelta(days=1), "5.2"),
        ("leje", "rectification", "email", timedelta(days=1), "§6"),
        ("engoo", "access", "email", timedelta(hours=72), None),
        ("engoo", "access", "phone", timedelta(hours=72), None),
        ("letsmasak", "rectification", "web", timedelta(0), None),
        ("krainpop", "access", "phone", None, None),
        ("mikmik", "restriction", "web", None, ""),
    ],
)
@pytest.mark.promise("MIK-7.1b", "LEJ-RGT-3", "MIK-5.3")
def test_the_due_moment_is_the_figure_of_the_policy(slug, kind, channel, after, clause):
    due = rule.due(policy(slug), kind, channel, NOW)
    assert due.at == (None if after is None else NOW + after)
    assert clause is None or due.clause == clause


def test_a_revised_figure_moves_the_due_moment_without_code():
    data = tomllib.loads((cast.PRESETS / "mikmik.toml").read_text(encoding="utf-8"))
    for row in data["rights"]:
        if row["right"] == "correction" and "phone" in row["channels"]:
            row["deadline"] = "P3D"
    due = rule.due(from_toml(data), "rectification", "phone", NOW)
    assert due.at == NOW + timedelta(days=3)


@pytest.mark.parametrize(("deadlines", "hours"), [((None, "PT9H"), 9), (("P3D", "PT5H"), 5)])
def test_of_several_rows_for_a_channel_the_soonest_with_a_figure_counts(deadlines, hours):
    data = tomllib.loads((cast.PRESETS / "mikmik.toml").read_text(encoding="utf-8"))
    row = next(
        row for row in data["rights"] if row["right"] == "access" and "phone" in row["channels"]
    )
    rows = [{**row, "deadline": deadline} for deadline in deadlines]
    for one in rows:
        if one["deadline"] is None:
            del one["deadline"]
    data["rights"] = rows
    assert rule.due(from_toml(data), "access", "phone", NOW).at == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("slug", "kind", "item", "alone"),
    [
        ("mikmik", "member", "mobile", True),
        ("mikmik", "member", "name", True),
        ("mikmik", "business", "name", False),
        ("mikmik", "nonmember", "name", True),
        ("mikmik", "member", "ci", False),
        ("mikmik", "member", "date_of_birth", False),
        ("mikmik", "member", "customs_code", True),
        ("mikmik", "member", "password", False),
        ("mikmik", "member", "payment_records", False),
        ("mikmik", "member", "login_records", False),
        ("mikmik", "member", "receiver_name", False),
        ("letsmasak", "member", "amount_paid", False),
        ("letsmasak", "member", "payment_method", True),
        ("leje", "member", "address", True),
        ("mikmik", "member", "shoe_size", False),
    ],
)
@pytest.mark.promise("MIK-7.1a", "LEJ-RGT-1", "LMK-2d")
def test_what_a_person_changes_alone(slug, kind, item, alone):
    assert rule.may_change(policy(slug), kind, item) is alone


def test_every_kind_and_every_channel_of_a_request_is_known_to_the_rule():
    assert set(rule.RIGHTS) == set(RightsRequest.Kind.values)
    assert set(rule.CHANNELS) == set(RightsRequest.Channel.values) - {"system"}

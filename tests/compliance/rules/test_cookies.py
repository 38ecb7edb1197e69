"""Cookies: what an answer allows, what a page loads, and what a policy may not say about a cookie."""

from itertools import product

import pytest

from compliance.rules import cookies
from compliance.rules.cookies import Answer
from compliance.rules.policy_schema import validate
from compliance.rules.policy_values import from_toml
from tests.compliance.policy_files import preset

STATES = [None, *Answer]


@pytest.mark.promise("MIK-15.2")
@pytest.mark.parametrize(("standing", "visit"), list(product(STATES, STATES)))
def test_only_a_yes_allows_and_a_standing_no_or_the_browser_overrules_it(standing, visit):
    says_yes = Answer.YES in (standing, visit) and standing != Answer.NO
    assert cookies.allowed(standing, visit, refused_by_browser=False) == says_yes
    assert not cookies.allowed(standing, visit, refused_by_browser=True)


@pytest.mark.parametrize(
    ("standing", "visit", "is_open"),
    [
        (None, None, True),
        (Answer.ASK, None, True),
        (None, Answer.ASK, True),
        (Answer.ASK, Answer.NO, False),
        (Answer.NO, None, False),
        (None, Answer.YES, False),
    ],
)
def test_who_has_not_said_yes_or_no_is_asked_unless_the_browser_has(standing, visit, is_open):
    assert cookies.is_open(standing, visit, refused_by_browser=False) == is_open
    assert not cookies.is_open(standing, visit, refused_by_browser=True)


def test_answers_survive_the_browser_and_another_question_forgets_them():
    rows = cookies.optional(from_toml(preset("krainpop"), version=1), "visitor")
    answers = {"krainpop_cookies": Answer.NO, "ad_third_party_cookies": Answer.ASK}
    value = cookies.encode(answers, rows)
    assert cookies.decode(value, rows) == answers
    changed = preset("krainpop")
    changed["cookies"][1]["lifetime"] = "P1Y"
    later = cookies.optional(from_toml(changed, version=2), "visitor")
    assert cookies.decode(value, later) == {"krainpop_cookies": Answer.NO}


@pytest.mark.promise("LMK-6")
@pytest.mark.parametrize(
    ("html", "hosts"),
    [
        ('<a href="https://social.example/">us</a>', ()),
        ('<link rel="alternate" hreflang="ko" href="https://own.example/ko/">', ()),
        ('<script src="/static/own.js"></script><img src="data:image/png;base64,AA==">', ()),
        ('<SCRIPT SRC="//social.example/like.js"></SCRIPT>', ("social.example",)),
        ('<iframe src="https://b.example"></iframe><img src="http://a.example/p.gif">',
         ("a.example", "b.example")),
        ('<link rel="stylesheet" href="https://fonts.example/x.css">', ("fonts.example",)),
    ],
)  # fmt: skip
def test_what_a_page_would_load_from_elsewhere_is_found_and_a_plain_link_is_none(html, hosts):
    assert cookies.foreign_loads(html) == hosts


def faults(slug, code, **fields):
    """The faults of a policy whose row about one cookie was changed, by field."""
    data = preset(slug)
    row = next(row for row in data["cookies"] if row["code"] == code)
    row.update(fields)
    return {
        (problem.field, problem.message_code) for problem in validate(data, file=f"{slug}.toml")
    }


@pytest.mark.parametrize(
    ("slug", "code", "fields", "fault"),
    [
        pytest.param("mikmik", "session", {"lifetime": "P30D"},
            ("lifetime", "cookie_outlives_session"), marks=pytest.mark.promise("MIK-15.4")),
        pytest.param("krainpop", "krainpop_cookies", {"purposes": ["advertising"]},
            ("purposes", "cookie_without_use"), marks=pytest.mark.promise("KRN-1.2")),
        pytest.param("engoo", "analysis", {"purposes": ["direct_mail_ads"]},
            ("purposes", "cookie_without_use"), marks=pytest.mark.promise("ENG-3.5")),
        pytest.param("mikmik", "interest", {"purposes": ["advertising"]},
            ("purposes", "cookie_without_use"), marks=pytest.mark.promise("MIK-15.2")),
        pytest.param("engoo", "session", {"items": ["email"]},
            ("items", "unknown_field"), marks=pytest.mark.promise("ENG-3.6")),
        pytest.param("engoo", "analysis", {"strictly_needed": True},
            ("strictly_needed", "needed_without_reason"), marks=pytest.mark.promise("ENG-3.7")),
        pytest.param("krainpop", "ad_third_party_cookies", {"policy_link_required": False},
            ("policy_link_required", "advertiser_without_link"),
            marks=pytest.mark.promise("KRN-1.4")),
        ("mikmik", "interest", {"consent": "none"}, ("consent", "tracker_without_consent")),
    ],
)  # fmt: skip
def test_a_row_against_the_policy_is_refused_when_it_is_saved(slug, code, fields, fault):
    assert faults(slug, code) == set()
    assert faults(slug, code, **fields) == {fault}

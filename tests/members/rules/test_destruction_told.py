"""Who is promised a message about a destruction, and what is told."""

import pytest

from compliance.selectors import policy_values
from members.rules import destruction_told as rule
from tests.tools import cast

pytestmark = pytest.mark.django_db


def line(code):
    return {"class": code, "rule": code, "clause": "1", "records": 1}


@pytest.mark.parametrize(
    ("slug", "promised"), [("mikmik", True), ("leje", False), ("engoo", False), ("krainpop", False)]
)
def test_only_a_policy_with_a_message_to_each_person_promises_one(slug, promised):
    policy = policy_values(cast.version(cast.service(slug)))
    assert rule.is_promised(policy) is promised


@pytest.mark.promise("MIK-8.1c")
def test_cookies_of_a_session_are_not_told_and_everything_else_is():
    policy = policy_values(cast.version(cast.service()))
    lines = [line("payment_5y"), line("cookie_session"), line("rule_of_an_older_version")]
    told = [one["rule"] for one in rule.worth_telling(policy, lines)]
    assert told == ["payment_5y", "rule_of_an_older_version"]

"""What others may see of a person: identity marks by the policy, anything else on the person's instruction alone."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance.rules import gate as rule
from members import gate
from members.actions import consent
from tests.tools import board, cast, visits

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
INSTRUCTION = "display_on_instruction"
KEY = "public_display_allow_list(purpose=display_on_instruction)"


@pytest.fixture
def sora():
    return visits.person(visits.live("letsmasak"))


def say(person, answer, now):
    consent.answer(
        person,
        purpose=INSTRUCTION,
        answer=answer,
        version=cast.version(person.service),
        asked_by="web",
        language="en",
        text_hash="0" * 64,
        actor=None,
        now=now,
    )


@pytest.mark.promise("LMK-2h")
def test_an_address_is_shown_from_the_instruction_on_and_gone_with_it(sora):
    def is_shown(now):
        return gate.may_use(sora, INSTRUCTION, ["address"], now=now).allowed

    assert not is_shown(NOW)
    say(sora, "agreed", NOW)
    assert is_shown(NOW)
    say(sora, "withdrawn", NOW + timedelta(hours=1))
    assert not is_shown(NOW + timedelta(hours=1, minutes=1))


@pytest.mark.promise("LMK-2h")
def test_no_instruction_opens_more_than_the_policy_names(sora):
    say(sora, "agreed", NOW)
    assert not gate.may_use(sora, INSTRUCTION, ["bank_account"], now=NOW).allowed


@pytest.mark.promise("LMK-1", "LMK-2i")
def test_identity_marks_need_no_instruction_and_a_name_is_none_of_them(sora):
    marks = gate.may_use(sora, "display_identification", ["login_id", "nickname"], now=NOW)
    assert marks.allowed
    name = gate.may_use(sora, "display_identification", ["name", "email"], now=NOW)
    assert name.allowed_items == ()


@pytest.mark.promise("LMK-2h")
def test_the_board_sees_what_would_show_without_an_instruction(sora, monkeypatch):
    assert board.verdict(sora.service, KEY, NOW) == "kept"
    decide = rule.decide

    def careless(policy, facts, *, purpose, items, **more):
        agreed = frozenset({(purpose, None, None)})
        return decide(policy, rule.Facts(facts.kind, consents=agreed), purpose=purpose, items=items)

    monkeypatch.setattr(rule, "decide", careless)
    found = board.finding(sora.service, KEY, NOW)
    assert found.verdict == "broken"
    assert found.evidence[0]["shown_uninstructed"] > 0

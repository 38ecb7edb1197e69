"""What is explained and what is done come to the same day, for policies nobody wrote by hand."""

import random
from datetime import date, timedelta

import pytest

from compliance.rules.calendar import Period
from compliance.rules.policy_values import Policy
from compliance.rules.retention import explain, group_by_class
from members.rules.leaving import Held, Hold, plan
from members.rules.reclock import running_clock
from tests.compliance.rules.policies import rule

DAY = timedelta(days=1)
ITEMS = ("name", "order", "log")
EVENTS = ("contract", "payment", "supply", "case_closed", "record_created")
TRIGGERS = (
    "contract_or_withdrawal", "payment_or_supply_later", "case_closed", "record_created",
    "membership_left", "purpose_achieved", "contract_terminated",
)  # fmt: skip
PERIODS = (None, *map(Period.parse, ("P0D", "P1M", "P3M", "P12M", "P3Y", "P5Y", "P10Y", "P30D")))
BLOCKED = ((), ("legal_request",), ("legal_request", "contract_of_use_running"))


def policies(how_many):
    pick = random.Random(31)
    for _ in range(how_many):
        rules = tuple(any_rule(pick, number) for number in range(pick.randint(1, 4)))
        yield pick, Policy(slug="made", timezone="Asia/Seoul", retention=rules)


def any_rule(pick, number):
    basis = pick.choice(("policy", "statutory", "internal", "suggested"))
    return rule(
        f"r{number}",
        pick.sample(ITEMS, pick.randint(1, 3)),
        pick.choice(PERIODS),
        trigger=pick.choice(TRIGGERS),
        basis=basis,
        mandatory=basis == "statutory",
        rule=pick.choice(("minimum", "maximum", "exact")),
        storage=pick.choice(("none", "separate", "hold", "active")),
        blocked_by=pick.choice(BLOCKED),
        subjects=("member", "nonmember"),
        stated=pick.random() < 0.7,
    )


def some_days(pick):
    names = pick.sample(EVENTS, pick.randint(0, len(EVENTS)))
    return {name: date(2024, 1, 1) + timedelta(pick.randint(0, 2_000)) for name in names}


@pytest.mark.parametrize("kind", ["member", "nonmember"])
def test_the_day_explained_is_the_day_on_which_the_sweep_may_destroy_a_live_record(kind):
    known = 0
    for pick, policy in policies(1_500):
        days, on = some_days(pick), date(2026, 11, 25)
        for record_class, items in group_by_class(policy, kind, ITEMS).items():
            is_member = kind == "member"
            due_on = record_class and running_clock(
                policy, kind, record_class, days, is_member=is_member
            )
            for item in items:
                told = explain(policy, kind, item, days, on, record_class=record_class)
                swept = due_on.last_day + DAY if due_on and due_on.last_day else None
                assert told.next_on == swept
                assert (told.rule.code if told.rule else "") == (due_on.rule if due_on else "")
                known += swept is not None
    assert known > 300


@pytest.mark.parametrize("blocks", [(), ("legal_request",)])
def test_the_day_explained_is_the_day_on_which_the_plan_of_leaving_ends(blocks):
    for pick, policy in policies(1_500):
        days = some_days(pick)
        left_on = date(2026, 11, 25)
        held = Held("one", "any", ITEMS, days)
        parts = plan(policy, "member", [held], left_on, holds=[Hold(ground) for ground in blocks])
        for item in ITEMS:
            part = next(p for p in parts if item in p.items and p.record_id == "one")
            gone = left_on if part.outcome == "destroy" else part.last_day and part.last_day + DAY
            told = explain(
                policy,
                "member",
                item,
                days,
                left_on,
                held_items=ITEMS,
                left_on=left_on,
                blocks=blocks,
            )
            if part.reason != "travels_along":
                assert told.next_on == gone, (policy, item)
                assert told.kept_until == part.last_day
                assert (told.state_code == "gone") == (gone is not None and gone <= left_on)

"""Which clock counts under a new version: of the law for all, of the house only as far as somebody agreed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.rules.calendar import Period
from compliance.rules.clock_change import Clock, Tally, lines_from_json, settle
from compliance.rules.policy_values import RetentionRule

EARLY, LATE = date(2027, 3, 1), date(2029, 3, 1)
DAYS = st.none() | st.dates(date(2020, 1, 1), date(2032, 1, 1))


def rule(basis="policy", *, mandatory=False, period="P5Y", **other):
    values = {
        "trigger": "case_closed",
        "rule": "exact",
        "storage": "separate",
        "action": "destroy",
        **other,
    }
    return RetentionRule(
        code="new",
        record_class="payment_records",
        label="",
        basis=basis,
        mandatory=mandatory,
        period=Period.parse(period) if period else None,
        **values,
    )


CEILING = rule("internal", rule="maximum", mandatory=True)


@pytest.mark.parametrize(
    ("of", "agreed", "counts"),
    [
        (rule("statutory"), False, LATE),
        (rule(mandatory=True), False, LATE),
        (rule(), True, LATE),
        (rule(), False, EARLY),
        (CEILING, True, EARLY),
        (rule("statutory", period=""), True, EARLY),
        (None, True, EARLY),
    ],
)
def test_who_is_kept_longer(of, agreed, counts):
    stored, fresh = Clock(EARLY, "old"), Clock(LATE, "new")
    assert settle(stored, fresh, of, agreed=agreed).last_day == counts


@given(was=DAYS, said=DAYS, agreed=st.booleans())
def test_repeating_changes_nothing_and_without_consent_nothing_ends_later(was, said, agreed):
    stored, fresh = Clock(was, "old"), Clock(said, "new")
    counts = settle(stored, fresh, rule(), agreed=agreed)
    assert settle(counts, fresh, rule(), agreed=agreed) == counts
    assert agreed or (counts.last_day or date.max) <= (was or date.max)
    assert (counts.last_day or date.max) <= (said or date.max)


@given(moves=st.lists(st.tuples(DAYS, DAYS, st.sampled_from(["5.1", "5.2"]))))
def test_every_moved_record_is_counted_once_in_one_column_and_figures_survive_storage(moves):
    tally = Tally(date(2026, 12, 23))
    for was, said, clause in moves:
        tally.count(clause, Clock(was, "old"), Clock(said, "new"))
    assert tally.total.records == sum(was != said for was, said, _ in moves)
    again = Tally(tally.on)
    again.add(lines_from_json(tally.as_json()))
    assert again == tally


def test_what_becomes_due_at_once_is_due_on_the_effective_day_and_was_not_before():
    tally = Tally(date(2026, 12, 23))
    over, running = date(2026, 12, 22), date(2026, 12, 23)
    tally.count("5.2", Clock(LATE, "old"), Clock(over, "new"), 3)
    tally.count("5.2", Clock(LATE, "old"), Clock(running, "new"), 5)
    tally.count("5.2", Clock(date(2026, 12, 1), "old"), Clock(over, "new"), 7)
    [line] = tally.lines
    assert (line.at_once, line.earlier, line.later) == (3, 8, 7)
    assert line.first == date(2026, 12, 23)

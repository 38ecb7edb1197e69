"""Zero internal holds without a recorded case, and none that nobody looks at again: the board says so."""

from datetime import UTC, datetime, timedelta

import pytest

from members.actions import case_flag, withdrawal
from members.archive.models import ArchivedRecord
from members.models import CaseFlag, Record
from tests.tools import board, cast

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.servers]
NOW = datetime(2027, 1, 31, 3, tzinfo=UTC)
FRAUD = "retention_rule_met(rule=fraud_hold)"
ILLEGAL = "retention_rule_met(rule=illegal_use_1m)"


def flagged(person, rule, reason):
    mina, juno = (cast.officer(name, person.service) for name in ("mina", "juno"))
    flag = case_flag.propose(
        person, rule_code=rule, reason=reason, found_on=NOW.date(), actor=mina, now=NOW
    )
    return case_flag.confirm(flag, actor=juno, now=NOW)


@pytest.mark.promise("LEJ-RET-1")
def test_a_hold_without_a_case_breaks_the_ten_years_and_a_late_review_puts_them_at_risk():
    leje = cast.service("leje")
    person = cast.member(leje)
    flagged(person, "fraud_hold", "fraud_finding")
    withdrawal.carry_out(withdrawal.request(person, channel="web", actor=None, now=NOW), now=NOW)
    assert ArchivedRecord.objects.filter(rule_code="fraud_hold").exists()
    found = board.finding(leje, FRAUD, NOW)
    assert (found.verdict, found.evidence[0]["cases"]) == ("kept", 1)
    assert board.verdict(leje, FRAUD, NOW + timedelta(days=400)) == "at_risk"
    CaseFlag.objects.all().delete()
    found = board.finding(leje, FRAUD, NOW)
    assert (found.verdict, found.evidence[0]["without_case"]) == ("broken", 1)


@pytest.mark.promise("MIK-8.3")
def test_illegally_used_data_past_its_month_breaks_the_promise():
    mikmik = cast.service("mikmik")
    flagged(cast.member(mikmik), "illegal_use_1m", "impersonation")
    assert board.verdict(mikmik, ILLEGAL, NOW) == "kept"
    assert Record.objects.filter(held_by="illegal_use_1m").exists()
    assert board.verdict(mikmik, ILLEGAL, datetime(2027, 3, 2, tzinfo=UTC)) == "broken"

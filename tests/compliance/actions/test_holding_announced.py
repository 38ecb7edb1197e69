"""A version that keeps something of leavers without saying so is not published (MIK-5.2b)."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection

from compliance import refusal_words
from compliance.actions import policy_copy, policy_version
from compliance.actions.policy_version import TransitionRefused
from compliance.models import PolicyClause, PolicyRetentionRule, PolicyText, PolicyVersion
from compliance.triggers import without_triggers
from tests.tools import board, cast, visits

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DAY = date(2027, 2, 1)
CHECK = "holding_announced(notice=holding_announcement)"
WHOLE = "5.2.1 contracts, 5.2.2 payments, 5.2.3 complaints, 5.4 rejoining, 8.3 misuse"


@pytest.fixture
def mikmik():
    return visits.live()


def draft_of(service):
    return policy_copy.copy_in_force(service, actor=cast.officer("ann", service), now=NOW)


def written(version, body, *, ready=True):
    language = version.policy_languages[0]
    text = PolicyText.objects.filter(version=version, language=language)
    if not text.update(body=body, ready=ready):
        PolicyText.objects.bulk_create(
            [PolicyText(version=version, language=language, body=body, ready=ready, position=1)]
        )


def refused(draft):
    with pytest.raises(TransitionRefused) as refusal:
        policy_version.submit(draft, effective_on=DAY, actor=None, now=NOW)
    return refusal.value


@pytest.mark.promise("MIK-5.2b")
def test_a_new_rule_that_is_not_in_the_text_is_not_published(mikmik):
    draft = draft_of(mikmik)
    row = PolicyRetentionRule.objects.get(version=draft, code="complaint_3y")
    row.pk, row.code, row.clause, row.position = None, "complaint_4y", "", 99
    row.stated = False  # A stated rule without a clause is refused by the schema already.
    row.save()
    found = refused(draft)
    assert (found.reason, found.params["rules"]) == ("holding_unannounced", "complaint_4y")
    assert "complaint_4y" in refusal_words.sentence(found)
    draft.refresh_from_db()
    assert draft.state == PolicyVersion.State.DRAFT


def test_a_ready_text_that_leaves_a_rule_out_is_not_published_and_the_mended_one_is(mikmik):
    draft = draft_of(mikmik)
    PolicyClause.objects.filter(version=draft, clause="8.3").update(text="Misuse, said anew.")
    written(draft, WHOLE.replace("8.3", ""))
    assert refused(draft).params["rules"] == "illegal_use_1m"
    written(draft, WHOLE)
    policy_version.submit(draft, effective_on=DAY, actor=None, now=NOW)
    written(draft, "Nothing at all.")
    with pytest.raises(TransitionRefused, match="holding_unannounced"):
        policy_version.approve(draft, actor=cast.officer("ben", mikmik), now=NOW)


def test_a_text_that_is_not_ready_is_nobodys_business_yet(mikmik):
    draft = draft_of(mikmik)
    PolicyClause.objects.filter(version=draft, clause="8.3").update(text="Misuse, said anew.")
    written(draft, "…", ready=False)
    policy_version.submit(draft, effective_on=DAY, actor=None, now=NOW)


@pytest.mark.promise("MIK-5.2b")
def test_the_board_compares_rules_and_text(mikmik):
    found = board.finding(mikmik, CHECK, NOW)
    assert (found.verdict, found.evidence[0]["unannounced"]) == ("kept", 0)
    assert found.evidence[0]["rules_kept"] == 6
    in_force = cast.version(mikmik)
    # A text that came before the comparison, from an installation older than it.
    with without_triggers("default"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE compliance_policytext SET body = 'We keep things.', ready = %s WHERE version_id = %s",
            [True, in_force.pk],
        )
    assert board.verdict(mikmik, CHECK, NOW) == "broken"

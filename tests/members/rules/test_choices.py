"""A question is put exactly where its answer opens the gate, in all five policies and for every kind of person."""

from collections.abc import Iterator
from itertools import product

import pytest

from compliance.rules import gate
from compliance.rules.gate import Facts
from compliance.rules.policy_values import Policy
from members.rules import choices
from members.rules.choices import Choice
from tests.compliance.rules.policies import SLUGS, preset

KINDS = ("member", "business", "nonmember", "receiver", "payee")


def combinations(policy: Policy) -> Iterator[tuple[str, str, str | None, str | None]]:
    channels = {row.channel for row in policy.marketing if row.channel != "any"}
    recipients = {row.code for row in policy.recipients if row.kind not in choices.ASKED_ELSEWHERE}
    items = [row.code for row in policy.items if row.code != "cookie"]
    provided = {
        code
        for row in policy.recipients
        if row.separate_consent and row.kind not in choices.ASKED_ELSEWHERE
        for code in row.purposes
    }
    for purpose, item in product([row.code for row in policy.purposes], items):
        if purpose not in provided:  # A provision always names its recipient.
            yield from ((purpose, item, channel, None) for channel in (None, *channels))
        yield from ((purpose, item, None, recipient) for recipient in recipients)


def answered(policy: Policy, kind: str, found: Choice) -> Facts:
    return Facts(
        kind, consents=frozenset({(found.purpose, found.channel or None, found.recipient or None)})
    )


def refusal(policy: Policy, facts: Facts, asked: tuple[str, str, str | None, str | None]) -> str:
    purpose, item, channel, recipient = asked
    decision = gate.decide(
        policy,
        facts,
        purpose=purpose,
        items=[item],
        channel=channel,
        recipient=recipient,
        posted={recipient} if recipient else (),
        recipient_items=[item] if recipient else None,
    )
    return decision.refused[0].reason_code if decision.refused else ""


def is_about(found: Choice, asked: tuple[str, str, str | None, str | None]) -> bool:
    purpose, _, channel, recipient = asked
    return (found.purpose, found.channel, found.recipient) == (
        purpose,
        channel or "",
        recipient or "",
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slug", SLUGS)
def test_whatever_the_gate_wants_an_answer_for_is_asked_and_the_answer_opens_it(slug, kind):
    policy = preset(slug)
    offered = choices.offered(policy, kind)
    missing = [
        asked
        for asked in combinations(policy)
        if refusal(policy, Facts(kind), asked) == "consent_missing"
    ]
    for asked in missing:
        about = [found for found in offered if is_about(found, asked)]
        by_purpose = [one for one in offered if one.purpose == asked[0] and not one.recipient]
        found = about or ([] if asked[3] else by_purpose)
        assert found, asked
        assert not refusal(policy, answered(policy, kind, found[0]), asked), asked


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("slug", SLUGS)
def test_no_question_is_put_whose_answer_opens_nothing(slug, kind):
    policy = preset(slug)
    for found in choices.offered(policy, kind):
        opened = [
            asked
            for asked in combinations(policy)
            if is_about(found, asked)
            and refusal(policy, Facts(kind), asked) == "consent_missing"
            and not refusal(policy, answered(policy, kind, found), asked)
        ]
        assert opened, found.key


@pytest.mark.promise("KRN-3.2")
def test_advertising_is_asked_by_channel_and_each_answer_opens_its_own_channel_only():
    policy = preset("krainpop")
    keys = [found.key for found in choices.offered(policy, "member")]
    assert [key for key in keys if key.startswith("advertising")] == [
        "advertising:email:",
        "advertising:mobile:",
        "advertising:fax:",
    ]
    by_mail = Facts("member", consents=frozenset({("advertising", "email", None)}))
    assert not refusal(policy, by_mail, ("advertising", "email", "email", None))
    assert refusal(policy, by_mail, ("advertising", "phone", "mobile", None)) == "consent_missing"


def test_contract_and_law_offer_no_question():
    policy = preset("mikmik")
    asked = {found.purpose for found in choices.offered(policy, "member")}
    assert not asked & {"delivery", "payment", "statutory_retention", "identify_user"}

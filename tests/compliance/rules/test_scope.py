"""What a new version adds is refused to whoever has not agreed to it, in all five policies; the old scope stays."""

from dataclasses import replace

import pytest

from compliance.rules import scope
from compliance.rules.calendar import Period
from compliance.rules.gate import Facts, decide
from compliance.rules.policy_values import Policy, Recipient
from compliance.rules.scope import Answered
from tests.compliance.rules.policies import SLUGS, item, preset, purpose, use

KIND = "member"


def plus(policy: Policy, **rows) -> Policy:
    """The next version, with rows added."""
    more = {table: (*getattr(policy, table), *added) for table, added in rows.items()}
    return replace(policy, version=policy.version + 1, **more)


def recipient(**changes) -> Recipient:
    values = {
        "code": "broker",
        "name": "Broker",
        "kind": "third_party",
        "basis": "consent",
        "purposes": ("selling",),
        "items": ("email",),
        "subjects": (KIND,),
        "period": Period(years=1),
    }
    return Recipient(**{**values, **changes})


def facts(base: Policy, new: Policy, *answered: Answered, consents=()) -> Facts:
    found = scope.pending(base, new, KIND, answered)
    return Facts(
        kind=KIND,
        consents=frozenset(consents),
        pending_purposes=found.purposes,
        pending_items=found.items,
        pending_uses=found.uses,
        pending_passes=found.passes,
    )


def reason(policy: Policy, person: Facts, purpose_code: str, item_code: str, **more) -> str:
    decision = decide(policy, person, purpose=purpose_code, items=[item_code], **more)
    return decision.refused[0].reason_code if decision.refused else "allowed"


def yes(question: str, policy: Policy, to: str | None = None) -> Answered:
    return Answered((question, None, to), policy)


def a_free_use(policy: Policy) -> tuple[str, str]:
    """A purpose and an item that the policy lets through for members without asking."""
    return next(
        (purpose_code, code)
        for row in policy.uses
        if KIND in row.subjects and not row.needs_consent
        for purpose_code in row.purposes
        for code in row.items
        if reason(policy, Facts(kind=KIND), purpose_code, code) == "allowed"
    )


@pytest.mark.promise("KRN-4.3", "MIK-11.1")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_new_purpose_is_refused_until_it_is_agreed_to_and_the_old_scope_stays(slug):
    old = preset(slug)
    new = plus(old, purposes=[purpose("selling")], uses=[use(["email"], ["selling"])])
    assert reason(new, facts(old, new), "selling", "email") == "not_agreed_yet"
    assert reason(new, facts(old, new), *a_free_use(old)) == "allowed"
    assert reason(new, facts(old, new, yes("selling", new)), "selling", "email") == "allowed"


@pytest.mark.promise("KRN-4.3")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_new_item_is_refused_until_it_is_agreed_to(slug):
    old = preset(slug)
    purpose_code, _ = a_free_use(old)
    new = plus(old, items=[item("shoe_size")], uses=[use(["shoe_size"], [purpose_code])])
    assert scope.pending(old, new, KIND).items == {"shoe_size"}
    assert reason(new, facts(old, new), purpose_code, "shoe_size") == "not_agreed_yet"
    agreed = facts(old, new, yes("items:shoe_size", new))
    assert reason(new, agreed, purpose_code, "shoe_size") == "allowed"
    assert not scope.pending(old, new, "payee").items, "Only from members is it collected."


@pytest.mark.promise("KRN-4.3", "MIK-11.1")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_wider_use_of_what_is_held_is_refused_until_it_is_agreed_to(slug):
    old = preset(slug)
    purpose_code, known = a_free_use(old)
    held = plus(old, items=[item("shoe_size")])  # Collected, for nothing yet.
    new = plus(held, uses=[use(["shoe_size"], [purpose_code])])
    assert reason(new, facts(held, new), purpose_code, "shoe_size") == "not_agreed_yet"
    assert reason(new, facts(held, new), purpose_code, known) == "allowed"
    wider = facts(held, new, yes(f"wider:{purpose_code}", new))
    assert reason(new, wider, purpose_code, "shoe_size") == "allowed"


@pytest.mark.promise("MIK-6.2")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_new_recipient_gets_nothing_of_those_who_have_not_agreed(slug):
    old = plus(preset(slug), purposes=[purpose("selling")], uses=[use(["email"], ["selling"])])
    new = plus(old, recipients=[recipient()])
    at = {"recipient": "broker"}
    assert reason(new, facts(old, new), "selling", "email", **at) == "not_agreed_yet"
    assert reason(new, facts(old, new), "selling", "email") == "allowed"
    agreed = facts(old, new, yes("selling", new, "broker"))
    assert reason(new, agreed, "selling", "email", **at) == "allowed"


@pytest.mark.promise("MIK-6.2")
@pytest.mark.parametrize(
    ("changes", "asks"),
    [
        ({"items": ("email", "name")}, True),
        ({"name": "Another company"}, True),
        ({"country": "US"}, True),
        ({"period": Period(years=2)}, True),
        ({"period": None}, True),
        ({"period": Period(months=1)}, False),
        ({"note": "said more plainly"}, False),
        ({"items": ()}, True),
    ],
)
def test_a_recipient_that_gets_more_or_is_another_one_is_asked_about(changes, asks):
    old = plus(preset("mikmik"), purposes=[purpose("selling")], recipients=[recipient()])
    rows = tuple(replace(r, **changes) if r.code == "broker" else r for r in old.recipients)
    new = replace(old, version=old.version + 1, recipients=rows)
    assert bool(scope.pending(old, new, KIND).passes) is asks


@pytest.mark.parametrize("kind", ["processor", "authority"])
def test_nobody_is_asked_about_who_works_for_the_operator_or_what_the_law_demands(kind):
    old = preset("mikmik")
    new = plus(
        old,
        purposes=[purpose("tax_report", basis="legal_obligation")],
        uses=[use(["email", "tax_number"], ["tax_report"])],
        items=[item("tax_number")],
        recipients=[recipient(kind=kind, purposes=("contract_contact",))],
    )
    assert not scope.pending(old, new, KIND)


def test_a_purpose_that_loses_its_question_stays_closed_for_who_never_agreed():
    asked = use(["email"], ["selling"], needs_consent=True)
    old = plus(preset("mikmik"), purposes=[purpose("selling")], uses=[asked])
    new = plus(old, uses=[use(["email"], ["selling"])])
    assert reason(new, facts(old, new), "selling", "email") == "not_agreed_yet"
    assert reason(new, facts(old, new, yes("selling", old)), "selling", "email") == "allowed"
    said_no = Answered(("selling", None, None), old, agreed=False)
    assert scope.pending(old, new, KIND, [said_no]).uses, "A no to the question is none to this."


def test_a_smaller_version_asks_nobody():
    old = preset("mikmik")
    smaller = replace(
        old, version=2, purposes=old.purposes[1:], items=old.items[1:], uses=old.uses[1:]
    )
    assert not scope.pending(old, smaller, KIND)


def test_an_answer_covers_what_its_version_said_and_no_more():
    old = preset("mikmik")
    second = plus(old, purposes=[purpose("selling")], uses=[use(["email"], ["selling"])])
    third = plus(second, uses=[use(["mobile"], ["selling"])])
    person = facts(old, third, yes("selling", second))
    assert reason(third, person, "selling", "email") == "allowed"
    assert reason(third, person, "selling", "mobile") == "not_agreed_yet"

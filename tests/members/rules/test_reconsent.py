"""Each addition of a version is one question; nothing is bundled, and nothing is asked that is not refused."""

from dataclasses import replace

import pytest

from compliance.rules import scope
from compliance.rules.calendar import Period
from members.rules.reconsent import longer, questions
from tests.compliance.rules.policies import SLUGS, item, preset, purpose, use
from tests.compliance.rules.test_scope import KIND, plus, recipient


def asked(old, new, kind=KIND):
    return questions(new, kind, scope.pending(old, new, kind))


def keys(old, new, kind=KIND):
    return [one.choice.key for one in asked(old, new, kind)]


@pytest.mark.promise("KRN-4.3", "ENG-4.13")
@pytest.mark.parametrize("slug", SLUGS)
def test_a_new_item_of_a_new_purpose_is_part_of_its_question(slug):
    old = preset(slug)
    new = plus(
        old,
        items=[item("shoe_size")],
        purposes=[purpose("fitting")],
        uses=[use(["shoe_size", "email"], ["fitting"])],
    )
    (one,) = asked(old, new)
    assert (one.choice.key, set(one.choice.items)) == ("fitting::", {"shoe_size", "email"})
    assert one.purposes == ("fitting",), "An extra question says what for (ENG-3.4)."


@pytest.mark.parametrize("slug", SLUGS)
def test_every_addition_is_a_question_of_its_own(slug):
    old = preset(slug)
    known = next(row.code for row in old.purposes if row.basis != "legal_obligation")
    held = next(i.code for i in old.items if any(s.kind == KIND for s in i.subjects)
                and (known, i.code) not in scope.of(old, KIND).uses)  # fmt: skip
    new = plus(
        old,
        items=[item("shoe_size")],
        purposes=[purpose("fitting")],
        uses=[use(["shoe_size", held], [known])],
        recipients=[recipient(purposes=("fitting",))],
    )
    assert set(keys(old, new)) == {
        "fitting::",
        f"wider:{known}::",
        "items:shoe_size::",
        "wider:fitting::broker",
    }


@pytest.mark.promise("MIK-3.1b", "MIK-6.2")
def test_a_purpose_with_choices_of_its_own_is_asked_as_the_consent_centre_asks():
    old = preset("mikmik")
    new = plus(
        old,
        purposes=[purpose("selling", separate_consent=True)],
        recipients=[recipient(separate_consent=True)],
    )
    assert keys(old, new) == ["selling::broker"]


def test_people_whom_it_does_not_concern_are_not_asked():
    old = preset("mikmik")
    new = plus(old, purposes=[purpose("fitting")], uses=[use(["email"], ["fitting"])])
    assert keys(old, new) == ["fitting::"]
    assert keys(old, new, "receiver") == []


@pytest.mark.promise("MIK-5.1a")
def test_longer_keeping_is_asked_about_by_its_rule():
    old = preset("mikmik")
    rules = tuple(
        replace(row, period=Period(months=2)) if row.code == "rejoin_identity_1m" else row
        for row in old.retention
    )
    new = replace(old, version=2, retention=rules)
    assert [one.choice.key for one in longer(old, new, KIND)] == ["longer:rejoin_identity_1m::"]
    assert longer(new, old, KIND) == ()


def test_how_long_a_new_item_is_kept_belongs_to_its_own_question():
    old = plus(preset("mikmik"), items=[])
    rules = tuple(replace(row, items=(*row.items, "shoe_size")) for row in old.retention)
    new = replace(plus(old, items=[item("shoe_size")]), retention=rules)
    assert longer(old, new, KIND) == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_the_same_policy_asks_nothing(slug):
    assert keys(preset(slug), replace(preset(slug), version=2)) == []


@pytest.mark.promise("KRN-4.3")
@pytest.mark.parametrize("slug", SLUGS)
def test_agreeing_to_every_question_leaves_nothing_refused(slug):
    old = preset(slug)
    known = next(row.code for row in old.purposes if row.basis != "legal_obligation")
    new = plus(
        old,
        items=[item("shoe_size")],
        purposes=[purpose("fitting"), purpose("selling", separate_consent=True)],
        uses=[
            use(["shoe_size"], [known, "fitting"]),
            use(["email"], ["selling"], needs_consent=True),
        ],
        recipients=[recipient(), recipient(code="other", separate_consent=True)],
    )
    said_yes = [
        scope.Answered(
            (one.choice.purpose, one.choice.channel or None, one.choice.recipient or None), new
        )
        for one in asked(old, new)
    ]
    assert not scope.pending(old, new, KIND, said_yes)

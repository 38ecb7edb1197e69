"""A policy file is checked whole: every fault is named with its place, nothing ever raises."""

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.policy_words import PROBLEMS, line, sentence
from compliance.rules.policy_hash import content_hash
from compliance.rules.policy_schema import validate
from compliance.rules.policy_values import from_toml
from tests.compliance.policy_files import all_presets, boot_shop, ferry, preset

PRESETS = all_presets()


def found(data: Any) -> set[tuple[str, str, str, str]]:
    return {(p.table, p.row, p.field, p.message_code) for p in validate(data, file="x.toml")}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_has_no_problem(name):
    assert validate(PRESETS[name], file=name) == []


@pytest.mark.parametrize("make", [boot_shop, ferry])
def test_a_policy_with_codes_of_its_own_has_no_problem(make):
    assert validate(make(), file="own.toml") == []


def twenty_faults() -> tuple[dict[str, Any], set[tuple[str, str, str, str]]]:
    data = preset("mikmik")
    tables: dict[str, list[dict[str, Any]]] = {k: v for k, v in data.items() if isinstance(v, list)}
    data["schema"] = 2
    data["service"]["timezone"] = "Mars/Olympus"
    data["service"]["min_group_size"] = "ten"
    data["never_collect"]["categories"].append("shoe_size")
    data["extras"] = []
    del tables["contacts"][0]["label"]
    tables["contacts"][1]["colour"] = "blue"
    tables["notices"][0]["lead"] = "7 days"
    tables["notices"][1]["fallback"] = "nowhere"
    tables["items"][0]["sensitive"] = True
    tables["items"][1]["subjects"][0]["moment"] = "birth"
    tables["purposes"][0]["group"] = "fun"
    tables["purposes"].append(copy.deepcopy(tables["purposes"][3]))
    tables["uses"][4]["items"].append("tail_length")
    tables["retention"][0]["obligations"].append("LMK-1")
    tables["retention"][1]["trigger"] = ["last_use"]
    tables["destruction"][0]["obligations"] = []
    tables["recipients"][0]["stated"] = "yes"
    tables["cookies"][0]["lifetime"] = "for ever"
    tables["rights"][0]["clause"] = "99"
    row = {name: (tables[name][n].get("code") or str(n + 1)) for name, n in ROWS.items()}
    return data, {
        ("", "", "schema", "unknown_schema"),
        ("service", "", "timezone", "not_a_timezone"),
        ("service", "", "min_group_size", "wrong_type"),
        ("never_collect", "", "categories", "not_allowed"),
        ("extras", "", "", "unknown_table"),
        ("contacts", tables["contacts"][0]["code"], "label", "field_missing"),
        ("contacts", row["contacts"], "colour", "unknown_field"),
        ("notices", tables["notices"][0]["code"], "lead", "not_a_duration"),
        ("notices", row["notices"], "fallback", "unknown_code"),
        ("items", tables["items"][0]["code"], "sensitive", "sensitive_item"),
        ("items", row["items"], "subjects[1].moment", "not_allowed"),
        ("purposes", tables["purposes"][0]["code"], "group", "not_allowed"),
        ("purposes", row["purposes"], "code", "duplicate_code"),
        ("uses", "5", "items", "unknown_code"),
        ("retention", tables["retention"][0]["code"], "obligations", "other_service"),
        ("retention", row["retention"], "trigger", "wrong_type"),
        ("destruction", "1", "obligations", "no_obligation"),
        ("recipients", row["recipients"], "stated", "wrong_type"),
        ("cookies", row["cookies"], "lifetime", "not_a_lifetime"),
        ("rights", "1", "clause", "unknown_clause"),
    }


ROWS = {
    "contacts": 1,
    "notices": 1,
    "items": 1,
    "purposes": 3,
    "retention": 1,
    "recipients": 0,
    "cookies": 0,
}


def test_twenty_faults_give_twenty_problems_each_with_its_place():
    data, expected = twenty_faults()
    problems = validate(data, file="x.toml")
    assert found(data) == expected
    assert len(problems) == len(expected) == 20
    assert len({line(problem) for problem in problems}) == 20


def test_one_unreadable_code_gives_one_message_and_not_one_per_mention():
    data = preset("mikmik")
    data["items"][0]["code"] = ["name"]
    assert found(data) == {("items", "1", "code", "wrong_type")}


def test_a_misspelt_mention_is_still_named_next_to_an_unreadable_code():
    data = preset("mikmik")
    data["items"][0]["code"] = 7
    data["uses"][0]["items"].append("nmae")
    assert ("uses", "1", "items", "unknown_code") in found(data)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda d: d["items"].append(d["items"][0]),
            ("items", "saddle_size", "code", "duplicate_code"),
        ),
        (lambda d: d["uses"].append(d["uses"][0]), ("uses", "3", "items", "duplicate_use")),
        (
            lambda d: d["uses"][0].update(items=["riding_level"]),
            ("items", "saddle_size", "unused_reason", "item_without_use"),
        ),
        (
            lambda d: d["items"][0].update(unused_reason="x"),
            ("items", "saddle_size", "unused_reason", "used_with_reason"),
        ),
        (
            lambda d: d["retention"][0]["items"].pop(),
            ("items", "riding_level", "code", "item_without_retention"),
        ),
        (
            lambda d: d["retention"][0].pop("period"),
            ("retention", "fitting", "period", "no_period_no_note"),
        ),
        (
            lambda d: d["retention"][0].update(basis="statutory"),
            ("retention", "fitting", "law", "statutory_without_law"),
        ),
        (
            lambda d: d["retention"][0].update(storage="separate"),
            ("retention", "fitting", "allowed_purposes", "separate_without_purposes"),
        ),
        (
            lambda d: d["retention"][0].update(mandatory=True, rule="maximum"),
            ("retention", "fitting", "mandatory", "mandatory_maximum"),
        ),
        (
            lambda d: d["uses"][1].update(needs_consent=False),
            ("uses", "2", "needs_consent", "use_without_consent"),
        ),
        (
            lambda d: d["purposes"][1].update(basis="contract"),
            ("purposes", "stable_letter", "basis", "separate_consent_other_basis"),
        ),
        (
            lambda d: d["contacts"][0].pop("clause"),
            ("contacts", "desk", "clause", "stated_without_clause"),
        ),
        (
            lambda d: d["rights"][0].update(obligations=["BOO-2"]),
            ("rights", "1", "obligations", "under_no_clause"),
        ),
        (lambda d: d["clauses"][0].update(id="1"), ("clauses", "1", "id", "id_without_slug")),
        (lambda d: d.pop("clauses"), ("clauses", "", "", "table_missing")),
        (lambda d: d.update(uses={}), ("uses", "", "", "wrong_type")),
        (lambda d: d.pop("service"), ("service", "", "", "table_missing")),
        (lambda d: d["service"].update(name="a\0b"), ("service", "", "name", "unprintable")),
        (lambda d: d["service"].update(name="x" * 501), ("service", "", "name", "too_long")),
        (
            lambda d: d["service"].update(established=datetime(2020, 1, 1, tzinfo=UTC)),
            ("service", "", "established", "wrong_type"),
        ),
        (
            lambda d: d["service"].update(age_threshold=True),
            ("service", "", "age_threshold", "wrong_type"),
        ),
        (
            lambda d: d.update(
                promises=[
                    {"obligation": "BOO-1", "check": "retention_rule_met", "params": {"rule": "no"}}
                ]
            ),
            ("promises", "1", "params.rule", "unknown_code"),
        ),
        (
            lambda d: d.update(promises=[{"obligation": "BOO-1", "check": "magic"}]),
            ("promises", "1", "check", "not_allowed"),
        ),
    ],
)
def test_one_fault_gives_one_problem(change, expected):
    data = boot_shop()
    change(data)
    assert found(data) == {expected}


def test_tables_that_a_service_may_do_without_may_be_absent():
    assert not {"cookies", "marketing", "roles"} & boot_shop().keys()


def test_every_problem_has_words_in_full():
    for data in (twenty_faults()[0], {}, {"service": 1}):
        for problem in validate(data, file="x.toml"):
            assert sentence(problem)
            assert "%(" not in line(problem)
    assert all(str(words) for words in PROBLEMS.values())


@pytest.mark.parametrize(
    "data", [None, [], "x", 1, {}, {"items": [None, 1, [], "x"]}, {"items": [[{}]]}]
)
def test_anything_that_is_not_a_policy_gives_problems(data):
    assert validate(data, file="x.toml")


def test_comments_and_spelling_of_a_period_do_not_change_the_digest():
    data = boot_shop()
    before = content_hash(from_toml(data))
    data["notices"][0]["lead"] = "P2W"
    assert content_hash(from_toml(data, version=9)) == before
    data["notices"][0]["lead"] = "P15D"
    assert content_hash(from_toml(data)) != before


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.dates()
    | st.just("P9999999999999Y")
    | st.just("\0\ud800")
    | st.just("x" * 30_000)
    | st.just(10**4000)
    | st.just(date.max)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every container of a policy with every key of it."""
    pairs = []
    stack = [data]
    while stack:
        box = stack.pop()
        keys = list(box) if isinstance(box, dict) else range(len(box))
        for key in keys:
            pairs.append((box, key))
            if isinstance(box[key], dict | list):
                stack.append(box[key])
    return pairs


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_preset_with_anything_anywhere_never_raises(drawn):
    data = drawn.draw(st.sampled_from([boot_shop, ferry, lambda: preset("krainpop")]))()
    for _ in range(drawn.draw(st.integers(1, 3))):
        spots = places(data)
        box, key = spots[drawn.draw(st.integers(0, len(spots) - 1))]
        action = drawn.draw(st.sampled_from(["replace", "remove", "extra"]))
        if action == "remove":
            del box[key]
        elif action == "replace" or isinstance(box, list):
            box[key] = drawn.draw(values)
        else:
            box[drawn.draw(st.text(max_size=5))] = drawn.draw(values)
        if not places(data):
            break
    problems = validate(data, file="fuzz.toml")
    assert all(line(problem) for problem in problems)
    if not problems:
        content_hash(from_toml(data))

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rules.calendar import Period
from compliance.rules.policy_diff import diff, earliest_effective_on, lead_for
from compliance.rules.policy_values import NoticeRule, Policy, Recipient
from tests.compliance.rules.policies import SLUGS, item, preset, purpose, rule, use


def bend(policy: Policy, table: str, code: str, **changes) -> Policy:
    """The policy with some fields of one row changed."""
    rows = tuple(
        replace(row, **changes) if getattr(row, "code", None) == code else row
        for row in getattr(policy, table)
    )
    return replace(policy, **{table: rows})


def without(policy: Policy, table: str, code: str) -> Policy:
    rows = tuple(row for row in getattr(policy, table) if row.code != code)
    return replace(policy, **{table: rows})


def plus(policy: Policy, table: str, row) -> Policy:
    return replace(policy, **{table: (*getattr(policy, table), row)})


def recipient(code: str, **changes) -> Recipient:
    values = {
        "code": code,
        "name": code,
        "kind": "third_party",
        "basis": "consent",
        "purposes": ("identify_user",),
        "subjects": ("member",),
        "separate_consent": True,
    }
    return Recipient(**{**values, **changes})


def right(policy: Policy, name: str, **changes) -> Policy:
    rows = tuple(replace(row, **changes) if row.right == name else row for row in policy.rights)
    return replace(policy, rights=rows)


def reword_use(policy: Policy) -> Policy:
    first = replace(policy.uses[0], note="said more plainly", stated=False)
    return replace(policy, uses=(first, *policy.uses[1:]))


EDITS = {
    # name: (edit, reason code, importance, needs consent at MIKMIK, which promises to ask)
    "new item": (lambda p: plus(p, "items", item("shoe_size")), "item_added", True, True),
    "item gone": (lambda p: without(p, "items", "di"), "item_removed", False, False),
    "item of more people": (
        lambda p: bend(p, "items", "di", subjects=(*p.items_by_code["di"].subjects,
                                                   *item("x", "visitor").subjects)),
        "item_widened", True, True),
    "item now required": (
        lambda p: bend(p, "items", "address", subjects=tuple(
            replace(row, requirement="required") for row in p.items_by_code["address"].subjects)),
        "item_required", True, False),
    "item no longer encrypted": (
        lambda p: bend(p, "items", "ci", encrypt=False), "protection_lowered", True, False),
    "item reworded": (lambda p: bend(p, "items", "name", label="Full name"), "wording", False, False),
    "new purpose": (lambda p: plus(p, "purposes", purpose("selling")), "purpose_added", True, True),
    "purpose gone": (lambda p: without(p, "purposes", "counselling"), "purpose_removed", False, False),
    "choice of its own dropped": (
        lambda p: bend(p, "purposes", "surveys", separate_consent=False), "consent_dropped", True,
        False),
    "basis changed": (
        lambda p: bend(p, "purposes", "identify_user", basis="legitimate_interest"),
        "basis_changed", True, False),
    "use widened": (
        lambda p: plus(p, "uses", use(["password"], ["surveys"])), "use_widened", True, True),
    "use reworded": (reword_use, None, False, False),
    "recipient added": (
        lambda p: plus(p, "recipients", recipient("broker")), "recipient_added", True, True),
    "processor added": (
        lambda p: plus(p, "recipients", recipient("host", kind="processor", basis="contract",
                                                  separate_consent=False)),
        "recipient_added", True, False),
    "recipient gone": (lambda p: without(p, "recipients", "paypal"), "recipient_removed", True, False),
    "recipient gets more": (
        lambda p: bend(p, "recipients", "sellers", items=("name", "email")), "recipient_changed",
        True, True),
    "recipient renamed": (
        lambda p: bend(p, "recipients", "paypal", name="Other"), "recipient_changed", True, True),
    "recipient abroad": (
        lambda p: bend(p, "recipients", "overseas_idc", country="US"), "cross_border", True, False),
    "recipient note": (lambda p: bend(p, "recipients", "paypal", note="x"), "wording", False, False),
    "kept longer": (
        lambda p: bend(p, "retention", "rejoin_identity_1m", period=Period(months=2)),
        "retention_longer", True, True),
    "kept longer by law": (
        lambda p: bend(p, "retention", "payment_5y", period=Period(years=6)), "retention_longer",
        True, False),
    "kept shorter": (
        lambda p: bend(p, "retention", "rejoin_identity_1m", period=Period(days=20)), "wording",
        False, False),
    "same length in other words": (
        lambda p: bend(p, "retention", "payment_5y", period=Period(months=60)), "wording", False,
        False),
    "figure entered": (
        lambda p: bend(p, "retention", "posts_exit", period=Period(years=1)), "retention_longer",
        True, True),
    "figure lost": (
        lambda p: bend(p, "retention", "payment_5y", period=None), "retention_changed", True, False),
    "rule keeps more items": (
        lambda p: bend(p, "retention", "rejoin_identity_1m", items=("name", "login_id", "ci",
                                                                    "email", "mobile")),
        "retention_longer", True, True),
    "destruction forgets an item": (
        lambda p: bend(p, "retention", "purpose_end",
                       items=p.retention_by_code["purpose_end"].items[1:]),
        "retention_longer", True, True),
    "destruction takes one more": (
        lambda p: bend(p, "retention", "purpose_end",
                       items=(*p.retention_by_code["purpose_end"].items, "post_content")),
        "wording", False, False),
    "new holding": (
        lambda p: plus(p, "retention", rule("archive", ["name"], Period(years=1))),
        "retention_longer", True, True),
    "destruction rule gone": (
        lambda p: without(p, "retention", "purpose_end"), "retention_longer", True, True),
    "holding gone": (
        lambda p: without(p, "retention", "rejoin_log_12m"), "retention_shorter", False, False),
    "held copies used for more": (
        lambda p: bend(p, "retention", "payment_5y",
                       allowed_purposes=("statutory_retention", "advertising")),
        "use_widened", True, True),
    "deletion no longer ends it": (
        lambda p: bend(p, "retention", "rejoin_log_12m", mandatory=True), "right_narrowed", True,
        False),
    "right slower": (
        lambda p: right(p, "transaction_access", deadline=Period(days=1)), "right_narrowed", True,
        False),
    "right without a figure": (
        lambda p: right(p, "transaction_access", deadline=None), "right_narrowed", True, False),
    "right by fewer channels": (
        lambda p: right(p, "transaction_access", channels=("self_service",)), "right_narrowed",
        True, False),
    "right by more channels": (
        lambda p: right(p, "transaction_access", channels=(
            "self_service", "email", "phone", "writing", "web_form", "fax")),
        "right_widened", False, False),
    "right for representatives": (
        lambda p: right(p, "transaction_access", representative=True), "right_widened", False, False),
    "operator": (lambda p: replace(p, operator="Other Ltd."), "operator_changed", True, False),
    "operator moves abroad": (
        lambda p: replace(p, operator_country="US"), "cross_border", True, False),
    "smaller groups": (lambda p: replace(p, min_group_size=5), "protection_lowered", True, False),
    "title": (lambda p: replace(p, policy_title="Other"), "wording", False, False),
    "shorter notice": (
        lambda p: bend(p, "notices", "revision_important", lead=Period(days=7)), "notice_shortened",
        True, False),
    "no more pop-up": (
        lambda p: without(p, "notices", "business_transfer_popup"), "notice_narrowed", True, False),
    "forbidden category allowed": (
        lambda p: replace(p, never_collect=replace(p.never_collect, categories=("health",))),
        "never_collect_narrowed", True, False),
    "cookie lives longer": (
        lambda p: bend(p, "cookies", "session", lifetime="P1Y"), "tracking_widened", True, False),
    "control dropped": (
        lambda p: without(p, "controls", "protection_policy"), "protection_lowered", True, False),
    "clause reworded": (
        lambda p: replace(p, clauses=(replace(p.clauses[0], text="Other words."), *p.clauses[1:])),
        "wording", False, False),
}  # fmt: skip


@pytest.mark.promise("MIK-20b")
@pytest.mark.parametrize("name", EDITS)
def test_each_kind_of_change_has_its_reason_and_class(name):
    edit, reason, important, asks = EDITS[name]
    found = diff(preset("mikmik"), edit(preset("mikmik")))
    assert found.change_class == ("important" if important else "general")
    assert reason is None or reason in {change.reason_code for change in found.changes}
    assert found.needs_consent is asks


@pytest.mark.parametrize("slug", SLUGS)
def test_a_policy_does_not_differ_from_itself(slug):
    found = diff(preset(slug), replace(preset(slug), version=2, effective_from=date(2027, 1, 1)))
    assert (found.changes, found.change_class, found.needs_consent) == ((), "general", False)


# Edits that touch the same row or undo each other are no superset of one another.
APART = sorted(
    set(EDITS)
    - {
        "item gone",
        "purpose gone",
        "recipient gone",
        "destruction rule gone",
        "holding gone",
        "figure lost",
        "kept shorter",
        "same length in other words",
        "destruction takes one more",
        "right by more channels",
    }
)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(APART), max_size=6), st.sampled_from(APART))
def test_more_edits_never_lower_the_class(names, extra):
    """Oracle: a set of edits is important as soon as one of them alone is."""
    some = preset("mikmik")
    for name in sorted(names):
        some = EDITS[name][0](some)
    more = some if extra in names else EDITS[extra][0](some)
    for edited, applied in ((some, names), (more, names | {extra})):
        important = any(EDITS[name][2] for name in applied)
        found = diff(preset("mikmik"), edited)
        assert found.change_class == ("important" if important else "general")


@pytest.mark.promise("MIK-20b")
def test_a_longer_period_hidden_among_wording_is_still_important():
    old = preset("mikmik")
    new = replace(bend(old, "retention", "rejoin_log_12m", period=Period(months=13)), note="x")
    found = diff(old, new)
    assert found.change_class == "important"
    change = next(change for change in found.changes if change.importance == "important")
    assert (change.table, change.row, change.field) == ("retention", "rejoin_log_12m", "period")
    assert (str(change.before), str(change.after)) == ("P12M", "P13M")


def test_the_purposes_to_ask_about_are_named():
    new = plus(preset("mikmik"), "purposes", purpose("selling"))
    new = plus(new, "uses", use(["email", "shoe_size"], ["selling"], needs_consent=True))
    new = plus(new, "items", item("shoe_size"))
    found = diff(preset("mikmik"), new)
    assert found.consent_purposes == {"selling"}
    assert found.consent_rows("items") == {"shoe_size"}


def test_a_service_that_promises_no_new_consent_asks_only_where_the_row_does():
    old = preset("letsmasak")
    assert not diff(old, plus(old, "purposes", purpose("selling"))).needs_consent
    asked = plus(old, "purposes", purpose("selling", separate_consent=True))
    assert diff(old, asked).consent_purposes == {"selling"}


def test_a_use_that_stops_asking_is_widened_and_one_that_starts_is_not():
    asking = Policy(slug="s", uses=(use(["a"], ["p"], needs_consent=True),))
    free = Policy(slug="s", uses=(use(["a"], ["p"]),))
    dropped, introduced = diff(asking, free), diff(free, asking)
    assert [change.reason_code for change in dropped.changes] == ["use_widened"]
    assert [change.reason_code for change in introduced.changes] == ["use_consent_introduced"]
    assert (introduced.change_class, introduced.needs_consent) == ("general", True)


def test_the_same_uses_in_other_rows_are_no_change():
    one = Policy(slug="s", uses=(use(["a", "b"], ["p"]),))
    two = Policy(slug="s", uses=(use(["b"], ["p"]), use(["a"], ["p"])))
    assert diff(one, two).changes == ()


@pytest.mark.parametrize(
    ("slug", "change_class", "code", "effective"),
    [
        pytest.param("mikmik", "general", "revision_general", date(2026, 11, 30),
                     marks=pytest.mark.promise("MIK-20a")),
        pytest.param("mikmik", "important", "revision_important", date(2026, 12, 23),
                     marks=pytest.mark.promise("MIK-20b")),
        pytest.param("krainpop", "important", "revision_important", date(2026, 11, 30),
                     marks=pytest.mark.promise("KRN-9")),
        ("leje", "important", "revision_important", date(2026, 12, 23)),
    ],
)  # fmt: skip
def test_the_lead_is_the_policys_own(slug, change_class, code, effective):
    policy = preset(slug)
    assert lead_for(policy, change_class).code == code
    assert earliest_effective_on(policy, change_class, date(2026, 11, 22)) == effective


def test_the_longest_lead_wins_whichever_row_has_it():
    def notice(code, event, days, **more):
        return NoticeRule(code=code, event=event, lead=Period(days=days), **more)

    policy = Policy(
        slug="s",
        notices=(
            notice("general", "policy_revision_general", 14),
            notice("important", "policy_revision_important", 7),
            notice("exceeded", "policy_revision_general", 14, more_than=True),
        ),
    )
    assert lead_for(policy, "important").code == "exceeded"
    assert earliest_effective_on(policy, "important", date(2026, 6, 1)) == date(2026, 6, 17)


def test_a_policy_without_revision_notices_has_no_lead():
    assert lead_for(Policy(slug="s"), "important") is None
    assert earliest_effective_on(Policy(slug="s"), "general", date(2026, 6, 1)) == date(2026, 6, 2)

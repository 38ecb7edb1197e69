"""A question about a recipient names purpose, items and period, or the version cannot be handed in."""

import pytest

from compliance.rules.consent_text import unclear
from compliance.rules.policy_diff import diff
from tests.compliance.rules.policies import SLUGS, preset
from tests.compliance.rules.test_scope import plus, recipient


@pytest.mark.promise("MIK-6.2")
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, ()),
        ({"period": None}, ("broker",)),
        ({"period": None, "trigger": "purpose_achieved"}, ()),
        ({"items": ()}, ("broker",)),
        ({"purposes": ()}, ("broker",)),
        ({"period": None, "separate_consent": False}, ()),
    ],
)
def test_a_new_recipient_is_asked_about_only_with_all_that_the_question_names(slug, changes, found):
    old = preset(slug)
    known = {"purposes": (old.purposes[0].code,), "separate_consent": True} | changes
    new = plus(old, recipients=[recipient(**known)])
    assert unclear(diff(old, new), new) == found


def test_rows_that_were_in_force_before_hold_nothing_up():
    old = plus(preset("mikmik"), recipients=[recipient(period=None, separate_consent=True)])
    new = plus(old, purposes=[])
    assert unclear(diff(old, new), new) == ()

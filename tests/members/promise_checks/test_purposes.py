"""In all five policies the gate lets nothing through for a purpose but what a row names for it.

The probe is exhaustive: every item x every kind of person x every purpose of the clause, with consent given.
"""

from datetime import UTC, datetime

import pytest

from compliance import selectors
from compliance.policy_files import PRESET_NAMES
from compliance.rules.promises import derive_bindings
from tests.tools import board, cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.promise("LEJ-2.1", "LEJ-2.2", "LMK-2f", "LMK-2g", "KRN-4.1")
@pytest.mark.promise("ENG-4.1", "ENG-4.2", "ENG-4.3", "ENG-4.5", "ENG-4.6", "ENG-4.8", "ENG-4.9")
@pytest.mark.promise("ENG-4.10", "ENG-4.11", "ENG-4.12", "MIK-2.2a", "MIK-2.2b", "MIK-2.2c")
@pytest.mark.promise("MIK-10.2.1", "MIK-10.2.2", "MIK-10.2.3", "MIK-10.2.4", "MIK-10.2.5")
@pytest.mark.parametrize("slug", PRESET_NAMES)
def test_nothing_is_used_beyond_the_items_of_its_purpose(slug):
    service = cast.service(slug)
    policy = selectors.policy_values(cast.version(service))
    keys = {one.key for one in derive_bindings(policy) if one.check == "uses_within_register"}
    assert keys
    for key in keys:
        found = board.finding(service, key, NOW)
        assert (found.verdict, found.evidence[0]["let_through"]) == ("kept", 0)
        assert found.evidence[0]["probes"] > 0


@pytest.mark.promise("LMK-1", "LMK-2i")
def test_only_three_items_may_be_shown_to_other_members():
    key = "public_display_allow_list(purpose=display_identification)"
    found = board.finding(cast.service("letsmasak"), key, NOW)
    assert (found.verdict, found.evidence[0]["items_allowed"]) == ("kept", 3)


@pytest.mark.promise("LEJ-DES-2")
@pytest.mark.parametrize("rule", ["contract_5y", "payment_5y", "complaint_3y", "log_3m"])
def test_what_is_kept_apart_serves_no_other_purpose(rule):
    found = board.finding(cast.service("leje"), f"segregated(rule={rule})", NOW)
    assert (found.verdict, found.evidence[0]["other_uses_allowed"]) == ("kept", 0)

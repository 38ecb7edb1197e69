"""Loading policies: presets, policies nobody has seen, faulty files."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance import selectors
from compliance.actions.policy_loading import load
from compliance.models import (
    LedgerEntry,
    PolicyClause,
    PolicyItem,
    PolicyText,
    PolicyVersion,
    Service,
)
from compliance.policy_data import data_of
from compliance.policy_files import PRESET_NAMES
from compliance.rules.policy_values import from_toml
from tests.compliance.policy_files import boot_shop, ferry, preset
from tests.compliance.rules.test_policy_schema import twenty_faults

pytestmark = [pytest.mark.django_db, pytest.mark.servers]
NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


def put_in(data, **options):
    return load(data, file="x.toml", actor=None, now=NOW, **options)


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_a_preset_loads_as_version_one_in_effect_and_again_as_unchanged(name):
    result = put_in(preset(name))
    assert (result.created, result.problems) == (True, [])
    assert (result.version.number, result.version.state) == (1, "in_effect")
    again = put_in(preset(name))
    assert (again.created, again.unchanged, again.version) == (False, True, result.version)
    assert PolicyVersion.objects.count() == 1
    assert LedgerEntry.objects.filter(code="compliance.policy.loaded").count() == 1


@pytest.mark.parametrize("name", PRESET_NAMES)
def test_rows_say_exactly_what_the_file_says(name):
    put_in(preset(name))
    version = selectors.policy_in_force(Service.objects.get())
    assert selectors.policy_values(version) == from_toml(preset(name))
    assert from_toml(data_of(version)) == from_toml(preset(name))
    assert selectors.problems_of(version) == []


@pytest.mark.parametrize("make", [boot_shop, ferry])
def test_a_policy_that_nobody_has_seen_loads(make):
    result = put_in(make())
    assert result.created
    assert selectors.policy_values(result.version) == from_toml(make())


def test_the_service_takes_its_facts_from_the_policy():
    put_in(preset("engoo"))
    service = Service.objects.get()
    assert (service.slug, service.obligation_prefix, service.timezone) == (
        "engoo",
        "ENG",
        "Asia/Jakarta",
    )
    assert (service.state, service.market_country, service.notice_languages) == (
        "set_up",
        "ID",
        ["id"],
    )


def test_the_effective_day_is_the_stated_one_else_the_local_day_of_loading():
    assert put_in(preset("engoo")).version.effective_on == date(2015, 9, 4)
    assert put_in(boot_shop()).version.effective_on == date(2026, 11, 22)
    assert put_in(preset("leje")).version.effective_on == date(2026, 11, 23)


def test_twenty_faults_write_nothing():
    result = put_in(twenty_faults()[0])
    assert len(result.problems) == 20
    assert not Service.objects.exists()
    assert not PolicyVersion.objects.exists()
    assert not PolicyItem.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_other_content_for_a_known_service_is_refused_unless_it_becomes_a_draft():
    put_in(boot_shop())
    changed = boot_shop()
    changed["items"][0]["label"] = "Size of the saddle"
    refused = put_in(changed)
    assert [(p.field, p.message_code) for p in refused.problems] == [("slug", "service_exists")]
    draft = put_in(changed, as_draft=True)
    assert (draft.version.number, draft.version.state) == (2, "draft")
    assert put_in(changed, as_draft=True).unchanged
    assert selectors.policy_in_force(draft.version.service).number == 1


def test_two_services_cannot_share_promise_codes():
    put_in(boot_shop())
    other = boot_shop()
    other["service"]["slug"] = "shoes"
    other["clauses"][0]["id"] = "shoes-1"
    assert [p.message_code for p in put_in(other).problems] == ["prefix_taken"]


def test_a_loaded_policy_has_a_text_made_of_its_clauses():
    put_in(boot_shop())
    text = PolicyText.objects.get()
    assert text.ready
    assert "## 1 All of it\n\nEverything is here." in text.body


def test_values_of_a_frozen_version_are_read_once():
    version = put_in(preset("mikmik")).version
    first = selectors.policy_values(version)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert selectors.policy_values(PolicyVersion.objects.get(pk=version.pk)) is first
    assert len(queries) == 1


def test_reading_a_policy_costs_the_same_for_few_and_for_many_rows():
    costs = set()
    for data in (boot_shop(), preset("mikmik")):
        version = put_in(data).version
        with CaptureQueriesContext(connection) as queries:
            data_of(version)
        costs.add(len(queries))
    assert len(costs) == 1


def test_the_version_in_force_on_a_past_day_is_found():
    version = put_in(preset("engoo")).version
    assert selectors.policy_in_force(version.service, on=date(2020, 1, 1)) == version
    assert selectors.policy_in_force(version.service, on=date(2015, 9, 3)) is None


def test_clauses_carry_their_promises_and_readings():
    put_in(preset("mikmik"))
    clause = PolicyClause.objects.get(ident="mikmik-s0")
    assert "MIK-0.1" in clause.obligations
    assert "X-MIK-26" in clause.interpretations

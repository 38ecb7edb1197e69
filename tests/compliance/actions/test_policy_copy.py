"""A copy of the version in force is a draft with the same content."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from compliance import selectors
from compliance.actions.policy_copy import NothingInForce, copy_in_force
from compliance.actions.policy_loading import load
from compliance.actions.service import settle_finding
from compliance.models import PolicyPurpose, Service
from compliance.policy_data import data_of
from tests.compliance.policy_files import boot_shop, preset

pytestmark = [pytest.mark.django_db, pytest.mark.servers]
NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


def loaded(data):
    return load(data, file="x.toml", actor=None, now=NOW).version


def test_a_copy_is_a_draft_that_says_the_same():
    source = loaded(preset("mikmik"))
    copy = copy_in_force(source.service, actor=None, now=NOW)
    assert (copy.number, copy.state, copy.content_hash) == (2, "draft", "")
    assert data_of(copy) == data_of(source)
    assert [(t.language, t.body, t.ready) for t in copy.texts.all()] == [
        (t.language, t.body, False) for t in source.texts.all()
    ]


def test_a_copy_costs_the_same_for_few_and_for_many_rows():
    costs = set()
    for data in (boot_shop(), preset("mikmik")):
        for table in ("cookies", "promises", "roles", "controls", "recipients", "findings"):
            data.setdefault(table, [])
        service = loaded(data).service
        with CaptureQueriesContext(connection) as queries:
            copy_in_force(service, actor=None, now=NOW)
        costs.add(len(queries))
    assert max(costs) <= 75


def test_a_row_can_be_added_to_a_copy():
    copy = copy_in_force(loaded(boot_shop()).service, actor=None, now=NOW)
    PolicyPurpose.objects.create(
        version=copy,
        code="polishing",
        label="Polishing",
        group="contract",
        basis="contract",
        clause="1",
    )
    assert "polishing" in selectors.policy_values(copy).purposes_by_code


def test_settled_findings_stay_settled_in_the_copy():
    source = loaded(preset("mikmik"))
    settle_finding(source.findings.first(), "An officer was appointed.", actor=None, now=NOW)
    copy = copy_in_force(source.service, actor=None, now=NOW)
    assert copy.findings.exclude(settlement=None).get().code == source.findings.first().code


def test_without_a_version_in_force_there_is_nothing_to_copy():
    service = load(boot_shop(), file="x", as_draft=True, actor=None, now=NOW).version.service
    with pytest.raises(NothingInForce):
        copy_in_force(Service.objects.get(pk=service.pk), actor=None, now=NOW)

"""A service goes live once its blocking findings are settled."""

from datetime import UTC, datetime

import pytest

from compliance import selectors
from compliance.actions.policy_loading import load
from compliance.actions.service import FindingsOpen, go_live, settle_finding
from compliance.models import LedgerEntry
from tests.compliance.policy_files import boot_shop, preset

pytestmark = [pytest.mark.django_db, pytest.mark.servers]
NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


def service_of(data):
    return load(data, file="x.toml", actor=None, now=NOW).version.service


def test_a_service_with_blocking_findings_stays_in_set_up_and_says_why():
    service = service_of(preset("mikmik"))
    with pytest.raises(FindingsOpen) as refused:
        go_live(service, actor=None, now=NOW)
    assert "officer_unnamed" in {finding.code for finding in refused.value.findings}
    service.refresh_from_db()
    assert service.state == "set_up"


def test_settling_every_blocking_finding_opens_the_way():
    service = service_of(preset("mikmik"))
    for finding in selectors.blocking_findings(service):
        settle_finding(finding, "Settled.", is_sample=True, actor=None, now=NOW)
        settle_finding(finding, "Settled twice.", actor=None, now=NOW)
    assert go_live(service, actor=None, now=NOW).is_live
    assert go_live(service, actor=None, now=NOW).went_live_at == NOW
    codes = list(LedgerEntry.objects.order_by("seq").values_list("code", flat=True))
    assert codes.count("compliance.finding.settled") == len(set(codes_of(service)))
    assert codes[-1] == "compliance.service.went_live"
    assert codes.count("compliance.service.went_live") == 1


def codes_of(service):
    version = selectors.policy_in_force(service)
    return version.findings.filter(blocks_live=True).values_list("code", flat=True)


def test_a_service_without_findings_goes_live_at_once():
    assert go_live(service_of(boot_shop()), actor=None, now=NOW).is_live

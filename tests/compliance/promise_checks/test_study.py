"""A promise about versions, notices, people, cookies is broken on purpose and mended again."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance import promises, roles, selectors
from compliance.models import Attestation, Notice, OfficerAppointment, PolicyVersion
from compliance.promises import CheckContext
from compliance.rules.promises import Binding
from tests.tools import board, cast

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.servers]
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
TODAY = date(2026, 11, 23)
GENERAL = "notice_in_time(notice=revision_general)"
IMPORTANT = "notice_in_time(notice=revision_important)"


@pytest.fixture
def mikmik():
    return cast.service()


def planned(service, **fields):
    base = cast.version(service)
    values = {
        "number": 2,
        "state": "draft",
        "title": base.title,
        "timezone": base.timezone,
        "change_class": "important",
        "effective_on": date(2026, 12, 24),
        "created_at": NOW,
    }
    return PolicyVersion.objects.create(service=service, **(values | fields))


def announced(service, *, notice=True, **fields):
    version = planned(
        service, **({"state": "announced", "announced_on": TODAY, "announced_at": NOW} | fields)
    )
    if notice:
        Notice.objects.create(
            service=service,
            version=version,
            event="policy_revision_important",
            effective_on=version.effective_on,
            published_at=NOW,
            places=["homepage_notice", "first_page"],
        )
    return version


@pytest.mark.promise("MIK-20b")
def test_thirty_days_count_neither_the_posting_day_nor_the_day_of_effect(mikmik):
    announced(mikmik)
    assert board.verdict(mikmik, IMPORTANT, NOW) == "kept"


def test_a_change_announced_a_day_too_late_is_broken(mikmik):
    announced(mikmik, effective_on=date(2026, 12, 23))
    found = board.finding(mikmik, IMPORTANT, NOW)
    assert (found.verdict, found.evidence[0]["too_late"]) == ("broken", 1)
    assert (found.evidence[0]["clause"], found.evidence[0]["for_notice"]) == (
        "20",
        "revision_important",
    )


@pytest.mark.promise("MIK-0.2")
def test_a_notice_taken_down_or_not_on_the_first_page_is_broken_and_mended(mikmik):
    announced(mikmik)
    Notice.objects.update(places=["homepage_notice"])
    assert board.finding(mikmik, IMPORTANT, NOW).evidence[0]["places_missing"] == 1
    Notice.objects.update(places=["homepage_notice", "first_page"], state="withdrawn")
    assert board.verdict(mikmik, IMPORTANT, NOW) == "broken"
    Notice.objects.update(state="published")
    assert board.verdict(mikmik, IMPORTANT, NOW) == "kept"


def test_people_untold_are_a_risk_on_the_eve_and_a_breach_on_the_day(mikmik):
    announced(mikmik)
    eve, day = datetime(2026, 12, 23, 3, tzinfo=UTC), datetime(2026, 12, 24, 3, tzinfo=UTC)
    assert board.verdict(mikmik, IMPORTANT, eve) == "at_risk"
    assert board.verdict(mikmik, IMPORTANT, day) == "broken"
    Notice.objects.update(completed_at=eve)
    assert board.verdict(mikmik, IMPORTANT, day) == "kept"


def test_a_planned_day_that_can_no_longer_be_met_is_at_risk(mikmik):
    version = planned(mikmik)
    assert board.verdict(mikmik, IMPORTANT, NOW) == "kept"
    assert board.verdict(mikmik, IMPORTANT, NOW + timedelta(days=1)) == "at_risk"
    version.state = "cancelled"
    version.save()
    assert board.verdict(mikmik, IMPORTANT, NOW + timedelta(days=1)) == "kept"


def test_a_place_that_is_not_shown_here_is_not_claimed():
    found = board.finding(cast.service("krainpop"), "notice_in_time(notice=revision)", NOW)
    assert (found.verdict, found.evidence[0]["places_not_built"]) == (
        "not_built",
        "app_initial_screen",
    )


@pytest.mark.promise("MIK-20c")
def test_a_version_without_its_digest_breaks_the_history(mikmik):
    key = "version_history_kept()"
    assert board.verdict(mikmik, key, NOW) == "kept"
    version = planned(mikmik, state="draft")
    PolicyVersion.objects.filter(pk=version.pk).update(state="superseded")
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["without_digest"]) == ("broken", 1)


def test_an_altered_version_in_force_is_found(mikmik):
    version = cast.version(mikmik)
    version.content_hash = "0" * 64
    context = CheckContext(mikmik, version, selectors.policy_values(version), {}, NOW)
    assert (
        promises.run(Binding("MIK-20c", "20", "version_history_kept"), context).verdict == "broken"
    )


@pytest.mark.promise("MIK-12.1")
def test_an_attestation_keeps_the_promise_until_its_interval_is_over(mikmik):
    key = "control_attested(control=protection_policy,interval=P12M)"
    assert board.verdict(mikmik, key, NOW) == "waiting_for_person"
    Attestation.objects.create(
        service=mikmik,
        obligation="MIK-12.1",
        control="protection_policy",
        attested_by=cast.officer("jin", mikmik),
        attested_on=TODAY,
        evidence_ref="File 7",
        recorded_at=NOW,
    )
    assert board.verdict(mikmik, key, NOW) == "kept"
    assert board.verdict(mikmik, key, NOW + timedelta(days=365)) == "kept"
    assert board.verdict(mikmik, key, NOW + timedelta(days=366)) == "waiting_for_person"


@pytest.mark.promise("MIK-12.3.1")
def test_a_role_that_opens_values_to_marketing_breaks_the_limits(mikmik, monkeypatch):
    key = "role_limits(role=marketing)"
    assert board.verdict(mikmik, key, NOW) == "waiting_for_person"
    cast.officer("mina", mikmik, role="marketing")
    assert board.verdict(mikmik, key, NOW) == "kept"
    wide = {**roles.ROLES, "marketing": roles.ROLES["marketing"] | {"members.reveal"}}
    monkeypatch.setattr(roles, "ROLES", wide)
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["too_wide"]) == ("broken", "marketing")
    monkeypatch.undo()
    OfficerAppointment.objects.update(ended_on=TODAY)
    assert board.verdict(mikmik, key, NOW) == "waiting_for_person"


@pytest.mark.promise("MIK-15.4")
def test_a_cookie_that_outlives_the_browser_breaks_the_declaration(mikmik, settings):
    key = "cookie_declared(cookie=session)"
    assert board.verdict(mikmik, key, NOW) == "kept"
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = False
    found = board.finding(mikmik, key, NOW)
    assert (found.verdict, found.evidence[0]["outlives_browser"]) == ("broken", True)


@pytest.mark.promise("MIK-17.3a")
def test_a_contact_is_published_once_the_service_is_open_and_it_has_a_number(mikmik):
    assert board.verdict(mikmik, "contact_published(contact=phone)", NOW) == "waiting_for_person"
    mikmik.state, mikmik.went_live_at = "live", NOW
    mikmik.save()
    assert board.verdict(mikmik, "contact_published(contact=phone)", NOW) == "kept"
    assert board.verdict(mikmik, "contact_published(contact=web_form)", NOW) == "kept"  # Ours.
    assert board.verdict(mikmik, "contact_published(contact=post)", NOW) == "waiting_for_person"
